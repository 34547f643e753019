#ifndef DYNASIO_ORM_LOAD_ASSUMPTIONS_HPP
#define DYNASIO_ORM_LOAD_ASSUMPTIONS_HPP

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dynasio {

/// What a program assumes about its data, so that explain() can estimate what a load costs before it runs. An option of
/// reads: `users.where(…, with<&User::posts>(), load_assumptions().children(5))`. The plan then has estimates, and
/// load_report::plan has the actual figures beside them. Assumptions change no request.
///
/// A name is that of a relation ("Post.comments", wherever it is loaded) or the path of one place
/// ("User.posts.comments", which wins); where entities are meant, that of their type ("User"). A later call for the
/// same name replaces the earlier one. Numbers must be finite, not negative and at most 1e15, and `matching` not
/// greater than 1; else the read that they are given to is errc::invalid_argument before its first request. So is a
/// name of a relation that its entity does not have, and a name without an entity where only relations are meant. Names
/// that begin with an entity to which no relations of the load lead are not looked at, so that several loads can have
/// the same assumptions.
class load_assumptions {
public:
    /// How many entities a query finds, limits aside (10). One with conditions that leave entities out reads
    /// roots / matching to find them; a scan reads total(), where that is said, and finds the part of it that matches.
    /// Where the entities or their keys are given, their number is known.
    load_assumptions& roots(double n) {
        roots_ = n;
        return *this;
    }
    /// How many entities a relation to many has for each parent, before conditions and limits (10). Of a
    /// has_many_through, name the relations that it goes through.
    load_assumptions& children(double n) {
        children_ = n;
        return *this;
    }
    load_assumptions& children(std::string_view relation, double n) { return set(children_of_, relation, n); }
    /// How many bytes an item has (1024), names of attributes included; links count as 200.
    load_assumptions& item_size(double bytes) {
        item_size_ = bytes;
        return *this;
    }
    load_assumptions& item_size(std::string_view entity, double bytes) { return set(item_size_of_, entity, bytes); }
    /// Which part of the entities satisfies the conditions of a read that has any (1: all of them). What does not is
    /// still read and charged for.
    load_assumptions& matching(double part) {
        matching_ = part;
        return *this;
    }
    load_assumptions& matching(std::string_view relation, double part) { return set(matching_of_, relation, part); }
    /// How many entities of a type there are. No more than these can be different, so that relations which lead to the
    /// same ones share their requests; without it all keys count as different. It is also what a scan reads.
    load_assumptions& total(std::string_view entity, double n) { return set(total_of_, entity, n); }

    // For the library.
    using named_numbers = std::vector<std::pair<std::string, double>>;
    [[nodiscard]] double roots() const noexcept { return roots_; }
    [[nodiscard]] double children() const noexcept { return children_; }
    [[nodiscard]] double item_size() const noexcept { return item_size_; }
    [[nodiscard]] double matching() const noexcept { return matching_; }
    [[nodiscard]] named_numbers const& children_of() const noexcept { return children_of_; }
    [[nodiscard]] named_numbers const& item_size_of() const noexcept { return item_size_of_; }
    [[nodiscard]] named_numbers const& matching_of() const noexcept { return matching_of_; }
    [[nodiscard]] named_numbers const& total_of() const noexcept { return total_of_; }

private:
    load_assumptions& set(named_numbers& in, std::string_view name, double n) {
        for (auto& one : in) {
            if (one.first != name) continue;
            one.second = n;
            return *this;
        }
        in.emplace_back(name, n);
        return *this;
    }

    double roots_ = 10;
    double children_ = 10;
    double item_size_ = 1024;
    double matching_ = 1;
    named_numbers children_of_{};
    named_numbers item_size_of_{};
    named_numbers matching_of_{};
    named_numbers total_of_{};
};

namespace dsl {

using dynasio::load_assumptions;

} // namespace dsl

} // namespace dynasio

#endif
