#ifndef DYNASIO_SRC_ORM_WIRE_TABLE_NAME_HPP
#define DYNASIO_SRC_ORM_WIRE_TABLE_NAME_HPP

#include <dynasio/dynamodb/json.hpp>

#include <string>
#include <string_view>

namespace dynasio::detail {

/// The name of a table at the service: schemas name tables without the client's prefix.
[[nodiscard]] inline std::string physical_table(std::string_view prefix, std::string_view table) {
    std::string name(prefix);
    name += table;
    return name;
}

/// The same as JSON text.
inline void append_physical_table(std::string& out, std::string_view prefix, std::string_view table) {
    if (prefix.empty())
        dynamodb::append_json_string(out, table);
    else
        dynamodb::append_json_string(out, physical_table(prefix, table));
}

} // namespace dynasio::detail

#endif
