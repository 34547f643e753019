#ifndef DYNASIO_SRC_ORM_PLAN_SCOPE_HPP
#define DYNASIO_SRC_ORM_PLAN_SCOPE_HPP

#include <dynasio/orm/entity_type.hpp>
#include <dynasio/orm/load_node.hpp>

#include <dynasio/dynamodb/expression.hpp>

#include <span>
#include <string_view>
#include <vector>

namespace dynasio::detail {

/// What a read leaves out of the items that its key finds, and who leaves it out.
struct scope {
    dynamodb::condition filter{};  ///< By the service, after reading: what it leaves out is read and paid for.
    dynamodb::condition residue{}; ///< Here, because a filter must not mention the key attributes of its path.

    /// Nothing is left out: what the service reads is what the caller gets, so the service can count it.
    [[nodiscard]] bool is_whole() const noexcept { return filter.is_always() && residue.is_always(); }
};

/// Divides conditions between the service and us. `path`: the key or index that is queried; null for a Scan, whose
/// filter may mention keys.
[[nodiscard]] scope divide_scope(entity_type const& type, index_info const* path,
                                 std::vector<dynamodb::condition> terms);

/// Known without asking: the selection takes none, or no item satisfies its condition.
[[nodiscard]] bool is_empty(selection const& s) noexcept;

/// The attributes that a condition mentions.
[[nodiscard]] std::vector<attribute_index> attributes_in(entity_type const& type, dynamodb::condition const& c);

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
