#ifndef DYNASIO_SRC_ORM_ACCESS_PLAN_HPP
#define DYNASIO_SRC_ORM_ACCESS_PLAN_HPP

#include <dynasio/orm/entity_type.hpp>
#include <dynasio/orm/load_node.hpp>

#include <dynasio/dynamodb/expression.hpp>

#include <span>
#include <string>
#include <vector>

namespace dynasio::detail {

/// How a set of entities is read: which key or index, what of the condition the service evaluates and what is left
/// here.
struct access_plan {
    index_info const* path = nullptr; ///< nullptr: Scan.
    dynamodb::condition partition{};  ///< Equality on the partition key; for relations the operand comes later.
    dynamodb::condition sort{};       ///< On the path's sort key; may be always.
    dynamodb::condition filter{};     ///< By the service, after reading.
    /// Here: what a filter must not mention (key attributes of the path).
    dynamodb::condition residue{};
    bool descending = false;
    /// Sorted here after everything was read.
    std::optional<ordering> sort_here{};
    /// Passed to the service with each request: the limit when nothing is filtered or sorted here.
    bool limit_there = false;
};

/// Plans a Query for a relation whose target holds the owner's key in `foreign_key`. The schema's checks guarantee a
/// path.
[[nodiscard]] access_plan plan_relation(entity_type const& target, std::span<attribute_index const> foreign_key,
                                        selection const& select);

/// Plans a query: the table's key, then the first index whose partition key is compared for equality; among several the
/// one that serves the order, then the one whose sort key has a condition.
/// Throws errc::no_usable_index naming the condition and the indexes that exist, or when order and limit would have to
/// be done here without permission.
[[nodiscard]] access_plan plan_query(entity_type const& type, selection const& select);

/// Plans a Scan. Throws errc::no_usable_index for order with limit without permission.
[[nodiscard]] access_plan plan_scan(entity_type const& type, selection const& select);

/// Whether the entity satisfies the condition.
[[nodiscard]] bool matches(entity_type const& type, void const* entity, dynamodb::condition const& c);

/// Positions of the vector's entities in the given order; ties by key, absent values first.
[[nodiscard]] std::vector<std::size_t> sorted_positions(entity_type const& type, std::span<void* const> entities,
                                                        ordering const& order);

} // namespace dynasio::detail

#endif
