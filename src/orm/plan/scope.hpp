#ifndef DYNASIO_SRC_ORM_PLAN_SCOPE_HPP
#define DYNASIO_SRC_ORM_PLAN_SCOPE_HPP

#include <dynasio/orm/entity_type.hpp>
#include <dynasio/orm/load_node.hpp>

#include <dynasio/dynamodb/expression.hpp>

#include <dynasio/core/clock.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dynasio::detail {

/// The conditions on the items that a key finds, divided by where they are evaluated.
struct scope {
    /// Evaluated by the service after reading; items that fail it are read and charged for, but not sent.
    dynamodb::condition filter{};
    /// Evaluated in the client, because a filter must not mention the key attributes of its path, and cannot see
    /// attributes that the path does not project.
    dynamodb::condition residue{};

    /// Whether no item is left out: the caller gets every item that the service reads, so `Limit` can be used.
    [[nodiscard]] bool is_whole() const noexcept { return filter.is_always() && residue.is_always(); }
};

/// The condition that remains of `c` when what DynamoDB refuses or what decides nothing is left out. No key attribute
/// is an empty string or empty bytes, so a comparison of one with an empty operand is decided without a request: none
/// is equal to it or less, and each that exists is greater and begins with it. A `between` whose bounds are reversed
/// matches nothing. The service answers both with a ValidationException, but only in some expressions; one rule for key
/// conditions, filters and conditions that the client evaluates is made here, before any of them is written.
[[nodiscard]] dynamodb::condition simplified(entity_type const& type, dynamodb::condition c);

/// The condition that a read adds by itself: on the member of soft_delete<>, where a read that says nothing leaves
/// trashed entities out, and that of where_always(), unless `everything`. Always true for a type with neither.
[[nodiscard]] dynamodb::condition scope_condition(entity_type const& type, trashed which, bool everything);
/// All that a read asks of its entities: the caller's condition, simplified(), and those of its scope and of the time
/// to live at the time `now`.
[[nodiscard]] dynamodb::condition condition_of(entity_type const& type, selection const& s, system_time now);

/// Appends all of a condition with its operands in wire form, so that different conditions give different texts.
/// dynamodb::to_string() does not serve for that, because it abbreviates binary operands.
void append_identity(std::string& out, dynamodb::condition const& c);

/// Divides conditions between the service's filter and the client. `path` is the key or index that is queried; null for
/// a Scan, whose filter may mention key attributes.
[[nodiscard]] scope divide_scope(entity_type const& type, index_info const* path,
                                 std::vector<dynamodb::condition> terms);

/// Whether the selection gives no entities without a request: its limit is 0, or no item can satisfy its condition.
[[nodiscard]] bool is_empty(selection const& s) noexcept;

/// Whether a condition mentions an attribute.
[[nodiscard]] bool mentions(dynamodb::condition const& c, std::string_view attribute);
/// The attributes that a condition mentions.
[[nodiscard]] std::vector<attribute_index> attributes_in(entity_type const& type, dynamodb::condition const& c);
/// The same for a condition that the client evaluates. Throws errc::invalid_argument when it mentions an attribute that
/// the entity does not declare, which the client does not read.
[[nodiscard]] std::vector<attribute_index> attributes_evaluated_here(entity_type const& type,
                                                                     dynamodb::condition const& c);
/// Whether the client can evaluate the condition: the entity declares every attribute that it mentions.
[[nodiscard]] bool can_be_evaluated_here(entity_type const& type, dynamodb::condition const& c);

/// Whether an item satisfies the condition. `value_of(attribute)` gives an attribute in wire form, empty when the item
/// lacks it. Attributes that the entity does not have count as absent.
template <class ValueOf>
[[nodiscard]] bool matches(entity_type const& type, dynamodb::condition const& c, ValueOf const& value_of) {
    if (c.is_always()) return true;
    return c.matches([&](std::string_view name) -> std::string_view {
        auto const i = type.find_attribute(name);
        return i ? std::string_view(value_of(*i)) : std::string_view();
    });
}

} // namespace dynasio::detail

#endif
