#ifndef DYNASIO_SRC_ORM_PLAN_TABLE_COMPARISON_HPP
#define DYNASIO_SRC_ORM_PLAN_TABLE_COMPARISON_HPP

#include <dynasio/orm/table_difference.hpp>

#include <dynasio/dynamodb/operations/create_table.hpp>
#include <dynasio/dynamodb/shapes/table.hpp>

#include <vector>

namespace dynasio::detail {

/// What of `table`, as the service describes it, is not as in the request that would create it. Indexes that the
/// request does not have are no difference, because other programs may use the table, too.
[[nodiscard]] std::vector<table_difference> compare_table(dynamodb::create_table_request const& wanted,
                                                          dynamodb::table_description const& table);

} // namespace dynasio::detail

#endif
