#ifndef DYNASIO_SRC_ORM_RUN_WANTED_TABLES_HPP
#define DYNASIO_SRC_ORM_RUN_WANTED_TABLES_HPP

#include <dynasio/orm/entity_type.hpp>

#include <dynasio/dynamodb/operations/create_table.hpp>

#include <map>
#include <string>
#include <vector>

namespace dynasio::detail {

/// What a table is to be.
struct wanted_table {
    explicit wanted_table(std::string name);

    dynamodb::create_table_request create;
    std::string ttl_attribute{}; ///< Empty when no entity has a time to live.
};
/// By name, with the client's prefix.
using wanted_tables = std::map<std::string, wanted_table>;

/// The tables of these entities, of their links, and of the guards of their unique<> members. Throws
/// errc::invalid_argument when two entities of one table name different attributes with the time to live.
[[nodiscard]] wanted_tables tables_for(std::string const& prefix, std::vector<entity_type const*> const& types);

} // namespace dynasio::detail

#endif
