#ifndef DYNASIO_SRC_ORM_PLAN_ORDER_HPP
#define DYNASIO_SRC_ORM_PLAN_ORDER_HPP

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace dynasio::detail {

/// What an entity is sorted by, in wire form; empty where the item lacks it.
struct sort_values {
    std::string_view value{};
    std::string_view partition{}; ///< Of the table's key: among equal values the keys decide.
    std::string_view sort{};
};

/// Positions of the entities in order. Numbers by value, texts and binaries by their bytes; absent values and those of
/// other types first. `descending` turns the values around and leaves ties in the order of their keys.
[[nodiscard]] std::vector<std::size_t> sorted_positions(std::span<sort_values const> entities, bool descending);

} // namespace dynasio::detail

#endif
