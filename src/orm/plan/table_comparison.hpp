#ifndef DYNASIO_SRC_ORM_PLAN_TABLE_COMPARISON_HPP
#define DYNASIO_SRC_ORM_PLAN_TABLE_COMPARISON_HPP

#include <dynasio/orm/table_difference.hpp>

#include <dynasio/dynamodb/operations/create_table.hpp>
#include <dynasio/dynamodb/shapes/table.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dynasio::detail {

/// What of `table`, as the service describes it, is not as in the request that would create it. Indexes that the
/// request does not have are no difference, because other programs may use the table, too.
[[nodiscard]] std::vector<table_difference> compare_table(dynamodb::create_table_request const& wanted,
                                                          dynamodb::table_description const& table);

/// The same for the attribute with the time to live; `found` is empty when the table has none.
[[nodiscard]] std::optional<table_difference> compare_ttl(std::string const& table, std::string const& wanted,
                                                          std::string const& found);

/// "author_id (S), id (S)": the partition key, then the sort key.
[[nodiscard]] std::string text_of_key(std::optional<std::vector<dynamodb::key_schema_element>> const& key,
                                      std::optional<std::vector<dynamodb::attribute_definition>> const& types);
/// What the table's stream of changes holds, in the service's word; empty when it has none.
[[nodiscard]] std::string_view view_of_stream(dynamodb::table_description const& table);
/// "ALL", "KEYS_ONLY" or "INCLUDE city, name". An index without a projection has all attributes.
[[nodiscard]] std::string text_of_projection(std::optional<dynamodb::projection> const& p);

} // namespace dynasio::detail

#endif
