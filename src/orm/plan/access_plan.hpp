#ifndef DYNASIO_SRC_ORM_PLAN_ACCESS_PLAN_HPP
#define DYNASIO_SRC_ORM_PLAN_ACCESS_PLAN_HPP

#include <dynasio/orm/entity_type.hpp>
#include <dynasio/orm/load_node.hpp>

#include <dynasio/dynamodb/expression.hpp>

#include <cstddef>
#include <optional>
#include <span>

#include "scope.hpp"

namespace dynasio::detail {

/// How a set of entities is read: by which key or index, in which order, and which items are left out.
struct access_plan {
    index_info const* path = nullptr; ///< The table's key or an index; null for a Scan.
    dynamodb::condition partition{};  ///< Equality on the partition key; unused for relations, whose key is open.
    dynamodb::condition sort{};       ///< The condition on the path's sort key; always true when there is none.
    detail::scope scope{};
    bool descending = false;
    /// The order that the client makes after everything was read; set when the path has another order.
    std::optional<ordering> sort_here{};
    /// The client reverses the order that it makes, ties too. (A path is reversed by `descending`.)
    bool from_end = false;
    /// The sort key of the path, when the path leaves out items without it that satisfy the condition. Planners choose
    /// such a path only when there is no other.
    std::optional<attribute_index> leaves_out{};

    /// Of a Scan: into how many segments the service divides the table (0: not at all), and which one is read, if not
    /// all.
    std::size_t segments = 0;
    std::optional<std::size_t> segment{};

    /// Whether the entities have to be read by key after the path has told which ones there are, because the path does
    /// not project all of their attributes. The service itself does this for local indexes.
    [[nodiscard]] bool reads_by_key() const noexcept { return path && !path->whole && !path->local; }

    /// Whether the service can apply the limit. DynamoDB's `Limit` counts items that are read before the filter, so it
    /// can be used only when no item is left out and the path has the order.
    [[nodiscard]] bool limits_there() const noexcept { return !sort_here && scope.is_whole(); }
};

/// How a Query finds the entities of a has_one or has_many.
struct relation_lookup {
    std::span<attribute_index const> members; ///< Those whose values each Query brings.
    bool by_type = false; ///< Of a relation by type and key: the first of them names the owner's type.
    /// Of a relation by type and key: the sort key that is compared for equality where a path has it.
    std::optional<attribute_index> fixed{};
};
/// A relation by type and key prefers a path by the key, whose partitions are smaller than those of a type.
[[nodiscard]] relation_lookup lookup_of(relation_info const& relation);

/// Plans a Query for a relation whose target holds the owner's key in `foreign_key`. A relation that is named in code
/// is checked at compile time by its schema; the same checks are made here for relations that are named at run time.
/// Throws errc::no_usable_index when no path serves the relation, when the condition asks for items that the only path
/// leaves out, or when the client would have to make order and limit without permission (client_side). `fixed`: an
/// attribute that is compared for equality, so that a path that sorts by it gives no order.
[[nodiscard]] access_plan plan_relation(entity_type const& target, std::span<attribute_index const> foreign_key,
                                        selection const& select, std::optional<attribute_index> fixed = std::nullopt);

/// Plans a query. The candidates are the table's key and the indexes whose partition key is compared for equality. The
/// table's key wins when the whole key is compared for equality; else the paths that have all items which the condition
/// asks for; of these the path that serves the order, then the path whose sort key has a condition, then the table's
/// key, then the first index.
/// Throws errc::no_usable_index, whose message names the condition and the indexes that exist, when there is no
/// candidate, when the condition asks for items that the only candidates leave out, or when the client would have to
/// make order and limit without permission (client_side).
[[nodiscard]] access_plan plan_query(entity_type const& type, selection const& select);

/// Plans a Scan. Throws errc::no_usable_index for an order with a limit without permission (client_side).
[[nodiscard]] access_plan plan_scan(entity_type const& type, selection const& select);

/// Plans a query with plan_scan() or plan_query(), as query_spec::scan says. When it is to be read from its end, throws
/// errc::no_usable_index if it has no order.
struct query_spec;
[[nodiscard]] access_plan plan_of(query_spec const& query);
/// Plans the count of a query: the path of plan_of(), so that both find the same items, without an order, which could
/// be refused and does not change the count.
[[nodiscard]] access_plan plan_count(query_spec const& query);

/// Checks the order of a relation whose entities are read by key. Such entities are sorted and cut in the client after
/// all of them were read, so an order with a limit needs permission (client_side). When it is missing, throws
/// errc::no_usable_index.
void check_order_made_here(entity_type const& type, selection const& select);

} // namespace dynasio::detail

#endif
