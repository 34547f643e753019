#ifndef DYNASIO_ORM_SCHEMA_EXPORT_HPP
#define DYNASIO_ORM_SCHEMA_EXPORT_HPP

#include <dynasio/orm/detail/describe.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace dynasio {

namespace detail {

[[nodiscard]] std::string schema_as_json(std::vector<entity_type const*> const& types, std::string_view table_prefix);

} // namespace detail

/// The schemas of entities as one JSON object, for tools in other languages: generators, documentation, reviews of what
/// changes. Sends nothing. Members that do not apply are left out.
///
/// - `entities`: each with `name`, `table`, `key` and `indexes` (names of attributes; `projection` is "ALL",
/// "KEYS_ONLY"
///   or the attributes that are included), `attributes` (`name` in the table, `member` in C++, `type` as DynamoDB
///   spells it, `optional`, `computed`), `created_at`, `updated_at`, `version`, `deleted_at`, `expires_at`, `unique`,
///   `stream` and `relations` (`member`, `kind`, `targets`, `foreign_key_of`, `foreign_key`, `references`, `through`,
///   `pivot_table`, `pivot_key` or, of a table with a key of its own, `link_key` and `created_at`, `reads`, `inverses`,
///   `optional`).
/// - `tables`: what create_tables() makes for them, pivot tables and guards of unique<> members included: each with
///   `create`, the input of CreateTable as the AWS CLI takes it (`--cli-input-json`), and `time_to_live`, the
///   attribute.
///
/// `table_prefix` stands before the names of `tables`, as client_options::table_prefix does. Throws
/// errc::invalid_argument where create_tables() does.
template <class... Entities> [[nodiscard]] std::string schema_as_json(std::string_view table_prefix = {}) {
    return detail::schema_as_json(std::vector<entity_type const*>{&entity_type_of<Entities>()...}, table_prefix);
}

namespace dsl {

using dynasio::schema_as_json;

} // namespace dsl

} // namespace dynasio

#endif
