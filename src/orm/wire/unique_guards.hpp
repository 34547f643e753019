#ifndef DYNASIO_SRC_ORM_WIRE_UNIQUE_GUARDS_HPP
#define DYNASIO_SRC_ORM_WIRE_UNIQUE_GUARDS_HPP

#include <dynasio/orm/entity_type.hpp>

#include <dynasio/dynamodb/detail/request_subject.hpp>
#include <dynasio/dynamodb/expression.hpp>

#include <dynasio/core/error.hpp>

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decided_write.hpp"

// The format of guards, which only this file knows. A guard says which entity has a value of unique<> members:
//
//     pk     "users.email#ann@example.com": the constraint's name, and the values. '%' and '#' in values are escaped.
//     owner  {"table": "users", "key": {"id": "u1"}}
//     of     "users.email": the table and the attributes, also where the constraint has another name.
namespace dynasio::detail {

/// Who has a value, as its guard says.
struct guard_owner {
    std::string table{}; ///< Without the client's prefix.
    std::string key{};   ///< As JSON.
    std::string of{};
    std::string wire{}; ///< The value of the attribute `owner`.
};

/// The guards that change with the writes of one transaction. It does no I/O.
///
/// A guard is only written where there is none, or where its owner is the same entity or one that gives the value up in
/// the same transaction. A guard that is in the way may be a left-over: another program has removed its owner, or
/// changed the value, and knew nothing of guards. So the owner is read; when it does not have the value, the guard is
/// taken over, in a transaction that also checks that the owner still lacks it.
class guard_plan {
public:
    static constexpr std::string_view partition_name = "pk";

    /// Decides the actions, from what the writes expect to be stored. Throws errc::not_unique when two entities are to
    /// have one value, and errc::invalid_argument for a value that is too long for a key.
    void decide(std::span<decided_write const> writes);

    /// How many actions it adds to the transaction.
    [[nodiscard]] std::size_t size() const noexcept { return actions_.size() + checks_.size(); }
    /// Appends `,{"Put":…}` for each.
    void append_entries(std::string& out, std::string_view table_prefix) const;
    void tell(std::string_view table_prefix, dynamodb::detail::request_targets& out) const;

    enum class next {
        nothing, ///< No guard was in the way.
        again,   ///< The actions have changed.
        ask,     ///< The owner of a guard is to be read; see question().
        refuse,  ///< Another entity has the value; see refusal().
    };
    /// Call it when the transaction was cancelled. `reasons` are those of the actions of this object.
    [[nodiscard]] next learn(std::span<cancellation_reason const> reasons, std::span<decided_write const> writes);

    /// The body of a GetItem for the owner of the guard that is in the way.
    [[nodiscard]] std::string question(std::string_view table_prefix) const;
    /// Takes the item of the answer, empty for none. `again` when the owner does not have the value, else `refuse`.
    [[nodiscard]] next answer(std::string_view item, std::span<decided_write const> writes);

    /// errc::not_unique with what is known of the value and of who has it. `because` is the error of the request.
    [[nodiscard]] error refusal(error const& because, std::span<decided_write const> writes,
                                std::string_view table_prefix) const;
    /// "the guard of User::email"
    [[nodiscard]] std::string words_for(std::size_t i) const;
    /// The write for which an action is.
    [[nodiscard]] std::size_t write_of(std::size_t i) const noexcept;

private:
    struct action {
        entity_type const* type = nullptr;
        unique_info const* of = nullptr;
        std::size_t write = 0;           // that takes the value, or gives it up
        bool takes = false;              // else the guard is removed
        std::vector<std::string> from{}; // the owners that the guard may have now, in wire form
        std::string owner{};             // of the guard afterwards, in wire form
        stored_values values{};          // that the guard is about
    };
    /// Table and partition key of a guard.
    using place = std::pair<std::string_view, std::string>;
    /// That the owner of guards that are taken over lacks their values.
    struct check {
        std::vector<place> guards;
        guard_owner owner;
        dynamodb::condition lacks_values;
    };

    // `key` is that of the guard, and not empty.
    void give(decided_write const& by, std::size_t write, unique_info const& of, stored_values const& values,
              std::string key);
    void take(decided_write const& by, std::size_t write, unique_info const& of, stored_values const& values,
              std::string key, std::span<decided_write const> writes);
    [[nodiscard]] static dynamodb::condition has_values(action const& a);

    std::map<place, action> actions_{};
    std::vector<check> checks_{};
    std::set<place> left_{};                    // guards that belong to others and are not removed
    std::map<place, guard_owner> taken_over_{}; // from whom
    struct obstacle {
        place guard;
        guard_owner owner{};
        std::string item{};
    };
    std::optional<obstacle> obstacle_{};
};

/// The partition key of a guard; empty when one of the values is missing.
[[nodiscard]] std::string guard_key(entity_type const& type, unique_info const& of, stored_values const& values);
/// What a guard says; nothing for text that is no guard.
[[nodiscard]] std::optional<guard_owner> owner_in(std::string_view guard);

} // namespace dynasio::detail

#endif
