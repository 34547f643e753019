#ifndef DYNASIO_SRC_ORM_PLAN_ACCESS_PLAN_HPP
#define DYNASIO_SRC_ORM_PLAN_ACCESS_PLAN_HPP

#include <dynasio/orm/entity_type.hpp>
#include <dynasio/orm/load_node.hpp>

#include <dynasio/dynamodb/expression.hpp>

#include <optional>
#include <span>

#include "scope.hpp"

namespace dynasio::detail {

/// How a set of entities is read: by which key or index, in which order, and what is left out.
struct access_plan {
    index_info const* path = nullptr; ///< nullptr: Scan.
    dynamodb::condition partition{};  ///< Equality on the partition key; for relations the operand comes later.
    dynamodb::condition sort{};       ///< On the path's sort key; may be always.
    detail::scope scope{};
    bool descending = false;
    /// Sorted here after everything was read, because the path has another order.
    std::optional<ordering> sort_here{};

    /// Whether the service can stop at the limit: `Limit` counts what is read, so it serves only a read that leaves
    /// nothing out and is in order.
    [[nodiscard]] bool limits_there() const noexcept { return !sort_here && scope.is_whole(); }
};

/// Plans a Query for a relation whose target holds the owner's key in `foreign_key`. The schema's checks find at compile
/// time what is wrong with a relation that is named in code; relations that are named at run time meet the same checks
/// here: errc::no_usable_index when no path serves the relation, or when order and limit would have to be done here
/// without permission.
[[nodiscard]] access_plan plan_relation(entity_type const& target, std::span<attribute_index const> foreign_key,
                                        selection const& select);

/// Plans a query: the table's key, then the first index whose partition key is compared for equality; among several the
/// one that serves the order, then the one whose sort key has a condition.
/// Throws errc::no_usable_index naming the condition and the indexes that exist, or when order and limit would have to
/// be done here without permission.
[[nodiscard]] access_plan plan_query(entity_type const& type, selection const& select);

/// Plans a Scan. Throws errc::no_usable_index for order with limit without permission.
[[nodiscard]] access_plan plan_scan(entity_type const& type, selection const& select);

/// Plans a query or scan as it was asked for.
struct query_spec;
[[nodiscard]] access_plan plan_of(query_spec const& query);

/// A relation whose entities come by key is ordered and cut here, after all of them were read: checks that this is
/// permitted. Throws errc::no_usable_index for an order with a limit otherwise.
void check_order_made_here(entity_type const& type, selection const& select);

} // namespace dynasio::detail

#endif
