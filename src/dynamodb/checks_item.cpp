#include <dynasio/dynamodb/detail/request_checks.hpp>
#include <dynasio/dynamodb/operations/delete_item.hpp>
#include <dynasio/dynamodb/operations/get_item.hpp>
#include <dynasio/dynamodb/operations/put_item.hpp>
#include <dynasio/dynamodb/operations/query.hpp>
#include <dynasio/dynamodb/operations/scan.hpp>
#include <dynasio/dynamodb/operations/update_item.hpp>

#include <dynasio/core/error.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "checks.hpp"

namespace dynasio::dynamodb {
namespace {

void check_limit(operation op, std::string_view table, std::optional<std::int32_t> const& limit) {
    if (limit && *limit < 1)
        detail::refuse(errc::invalid_argument, op, table, {}, "limit is below 1: leave it out to read without one");
}

void check_table_and_key(operation op, std::string const& table, item const& key) {
    detail::check_table_name(op, table);
    detail::check_key(op, table, key);
}

} // namespace

void check(get_item_request const& r) { check_table_and_key(r.op, r.table_name, r.key); }
void check(update_item_request const& r) { check_table_and_key(r.op, r.table_name, r.key); }
void check(delete_item_request const& r) { check_table_and_key(r.op, r.table_name, r.key); }
void check(put_item_request const& r) {
    detail::check_table_name(r.op, r.table_name);
    if (r.item.empty())
        detail::refuse(errc::invalid_argument, r.op, r.table_name, {},
                       "the item has no attributes: it needs at least its key");
}
void check(query_request const& r) {
    detail::check_table_name(r.op, r.table_name);
    if (r.index_name) detail::check_index_name(r.op, r.table_name, *r.index_name);
    check_limit(r.op, r.table_name, r.limit);
    if (!r.key_condition_expression || r.key_condition_expression->empty())
        detail::refuse(
            errc::invalid_argument, r.op, r.table_name, {},
            "key_condition_expression is missing: a query needs the partition key; use scan to read everything");
    if (r.exclusive_start_key) detail::check_key(r.op, r.table_name, *r.exclusive_start_key);
}
void check(scan_request const& r) {
    detail::check_table_name(r.op, r.table_name);
    if (r.index_name) detail::check_index_name(r.op, r.table_name, *r.index_name);
    check_limit(r.op, r.table_name, r.limit);
    if (r.segment.has_value() != r.total_segments.has_value() ||
        (r.segment && (*r.segment < 0 || *r.segment >= *r.total_segments)))
        detail::refuse(errc::invalid_argument, r.op, r.table_name, {},
                       "segment and total_segments go together, and segment counts from 0 to total_segments - 1");
    if (r.exclusive_start_key) detail::check_key(r.op, r.table_name, *r.exclusive_start_key);
}

// A put or delete that returns the old item or has a condition is not repeatable: the second one would return the
// result of the first one, and its condition could fail because the first one succeeded.
bool is_repeatable(put_item_request const& r) noexcept {
    return !r.condition_expression && (!r.return_values || *r.return_values == return_value::none);
}
bool is_repeatable(delete_item_request const& r) noexcept {
    return !r.condition_expression && (!r.return_values || *r.return_values == return_value::none);
}

} // namespace dynasio::dynamodb
