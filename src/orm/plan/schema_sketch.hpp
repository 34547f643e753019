#ifndef DYNASIO_SRC_ORM_PLAN_SCHEMA_SKETCH_HPP
#define DYNASIO_SRC_ORM_PLAN_SCHEMA_SKETCH_HPP

#include <dynasio/dynamodb/attribute_value.hpp>
#include <dynasio/dynamodb/shapes/table.hpp>

#include <string>
#include <vector>

namespace dynasio::detail {

/// The C++ of an entity for a table that exists. `table` is its name as a schema has it; `ttl_attribute` is empty when
/// there is none. The types of attributes that are no keys, and what may be absent, are as the items show.
[[nodiscard]] std::string schema_sketch(std::string const& table, dynamodb::table_description const& description,
                                        std::string const& ttl_attribute, std::vector<dynamodb::item> const& items);

} // namespace dynasio::detail

#endif
