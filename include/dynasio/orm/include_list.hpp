#ifndef DYNASIO_ORM_INCLUDE_LIST_HPP
#define DYNASIO_ORM_INCLUDE_LIST_HPP

#include <dynasio/orm/detail/access.hpp>
#include <dynasio/orm/detail/checks.hpp>
#include <dynasio/orm/entity_type.hpp>
#include <dynasio/orm/load_node.hpp>
#include <dynasio/orm/with.hpp>

#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

// Relations that a text names, such as the parameter `?include=posts.comments,roles` of a request.
namespace dynasio {

namespace detail {

/// What a text may name.
struct include_rules {
    std::vector<load_node> allowed{};
    bool everything = false; ///< Every relation of every entity, also those that `allowed` does not have.
    std::size_t max_depth = 16;
    std::size_t max_relations = 32;
    std::size_t max_text_size = 2'000;
};

/// Completes the rules: joins what was allowed in parts. Throws errc::invalid_argument for rules that contradict
/// themselves.
void check_include_rules(include_rules& rules);
/// The relations of `type` that the text names.
[[nodiscard]] std::vector<load_node> relations_of_text(entity_type const& type, include_rules const& rules,
                                                       std::string_view text);

template <std::size_t include_rules::* Bound> class include_bound {
public:
    explicit constexpr include_bound(std::size_t n) noexcept : n_(n) {}
    void apply(include_rules& to) const noexcept { to.*Bound = n_; }

private:
    std::size_t n_;
};
struct everything_allowed_t {
    void apply(include_rules& to) const noexcept { to.everything = true; }
};

template <class Option>
concept include_option = requires(include_rules& to, Option const& option) { option.apply(to); };

} // namespace detail

/// The longest path of an include_list, in relations; 16 without it, which is also the most.
using max_depth = detail::include_bound<&detail::include_rules::max_depth>;
/// The most relations that a text may name, those on the way to another one included; 32 without it.
using max_relations = detail::include_bound<&detail::include_rules::max_relations>;
/// The longest text of an include_list, in bytes; 2,000 without it.
using max_text_size = detail::include_bound<&detail::include_rules::max_text_size>;
/// Allows every relation of every entity. It is for texts that the program itself writes: one that a stranger writes
/// could read all that there is.
inline constexpr detail::everything_allowed_t everything_allowed{};

/// The relations of T that a text may name, for texts that others write:
///
///     include_list<User> const includable(with<&User::roles>(),
///                                         with<&User::posts>(newest_first, limit(20),
///                                                            with<&Post::comments>(with<&Comment::author>())));
///     users.find(id, includable.parse("posts.comments, roles"))
///
/// It is written as the most that may be loaded: with<> is allowed where it stands, with its constraints, which no text
/// can change or take away; with_count<> counts whenever the place that it stands at is loaded. Beside these it takes
/// vectors of them, max_depth, max_relations, max_text_size, and everything_allowed. Make it once; several threads may
/// use it at the same time.
///
/// The constructor throws errc::invalid_argument when one relation is allowed twice at one place with different
/// constraints, for relations that are nested more than 16 deep, and for a max_depth or max_relations of 0.
template <class T> class include_list {
public:
    template <class... Options> explicit include_list(Options... options) {
        (add(detail::load_argument_t<Options>(std::move(options))), ...);
        detail::check_include_rules(rules_);
    }

    /// The relations that a text names, to be passed to a read: paths with commas between them, a path being names with
    /// dots between them (`posts.comments.author`). A path loads what lies on its way. Names are those of the members,
    /// or of the relations in JSON, which are the members in snake_case. A relation that several paths have is loaded
    /// once. Spaces around names have no meaning, and a text without names is no relation. What is percent-encoded in a
    /// URL is to be decoded before.
    ///
    /// Throws errc::invalid_argument, at this call, when the text is malformed or too long, or names what is not
    /// allowed or more than is allowed. The message names the place, and what is allowed there; it does not tell
    /// whether something else exists, so it may be shown to the one who has written the text. It takes time in
    /// proportion to the text and to the number of relations that are allowed at one place.
    [[nodiscard]] std::vector<relation_to_load<T>> parse(std::string_view text) const {
        std::vector<relation_to_load<T>> named;
        if constexpr (detail::check_entity<T>()) {
            auto nodes = detail::relations_of_text(entity_type_of<T>(), rules_, text);
            named.reserve(nodes.size());
            for (auto& node : nodes) named.push_back(detail::access::make<relation_to_load<T>>(std::move(node)));
        }
        return named;
    }

private:
    template <class Option> void add(Option option) {
        if constexpr (detail::is_relation_to_load<Option>) {
            constexpr bool about_it = detail::is_about<Option, T>;
            static_assert(about_it, "dynasio: with<> in an include_list<T> names a relation of another entity; nest it "
                                    "below the relation that leads to its entity");
            if constexpr (about_it) std::move(option).append_to(rules_.allowed);
        } else {
            static_assert(detail::include_option<Option>, "dynasio: include_list<T>(…) takes with<>, max_depth, "
                                                          "max_relations, max_text_size and everything_allowed");
            if constexpr (detail::include_option<Option>) option.apply(rules_);
        }
    }

    detail::include_rules rules_{};
};

/// The relations that one text names: `users.find(id, paths<User>("orders.items.product", everything_allowed))`. The
/// options are those of include_list, which is better made once for texts that come again and again.
template <class T, class... Options>
[[nodiscard]] std::vector<relation_to_load<T>> paths(std::string_view text, Options... options) {
    static_assert(sizeof...(Options) != 0,
                  "dynasio: paths<T>(text, …) needs to know what the text may name: with<>, or "
                  "everything_allowed for a text of the program's own");
    return include_list<T>(std::move(options)...).parse(text);
}

namespace dsl {

using dynasio::everything_allowed;
using dynasio::include_list;
using dynasio::max_depth;
using dynasio::max_relations;
using dynasio::max_text_size;
using dynasio::paths;

} // namespace dsl

} // namespace dynasio

#endif
