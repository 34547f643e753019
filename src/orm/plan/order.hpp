#ifndef DYNASIO_SRC_ORM_PLAN_ORDER_HPP
#define DYNASIO_SRC_ORM_PLAN_ORDER_HPP

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace dynasio::detail {

/// The values by which an entity is sorted, in wire form; empty where the item lacks the attribute. Entities with equal
/// `value` are in the order of their keys.
struct sort_values {
    std::string_view value{};
    std::string_view partition{}; ///< The partition key of the table.
    std::string_view sort{};
};

/// The positions of the entities in order. Numbers are compared by value, texts and binaries by their bytes. Absent
/// values come first, then values by type. `descending` reverses the order of the values, but entities with equal
/// values stay in ascending order of their keys.
[[nodiscard]] std::vector<std::size_t> sorted_positions(std::span<sort_values const> entities, bool descending);

/// Leaves what lies between offset and limit.
void cut(std::vector<std::size_t>& positions, std::size_t offset, std::optional<std::size_t> limit);

} // namespace dynasio::detail

#endif
