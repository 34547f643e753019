#ifndef DYNASIO_ORM_TABLE_DIFFERENCE_HPP
#define DYNASIO_ORM_TABLE_DIFFERENCE_HPP

#include <iosfwd>
#include <string>
#include <vector>

namespace dynasio {

/// What is another than the schemas say.
enum class difference_kind {
    no_table,         ///< There is no such table.
    key,              ///< The table's key, or the type of an attribute in it.
    no_global_index,  ///< There is no such global index.
    no_local_index,   ///< There is no such local index.
    index_key,        ///< The key of an index, or the type of an attribute in it.
    index_projection, ///< What an index projects.
    time_to_live,     ///< The attribute with the time to live, or there is none.
    stream,           ///< The stream of changes holds less, or there is none.
};

/// Something of a table that is not as its entities' schemas say. See compare_tables().
struct table_difference {
    std::string table;   ///< With the client's prefix.
    std::string index;   ///< Empty when it concerns the table itself.
    std::string message; ///< A sentence for people, without a full stop.
    difference_kind kind;
};

/// One line for each difference: table, index and message, one under the other. No text when there are none.
[[nodiscard]] std::string to_text(std::vector<table_difference> const& differences);
/// Writes to_text().
std::ostream& operator<<(std::ostream& out, std::vector<table_difference> const& differences);

namespace dsl {

using dynasio::difference_kind;
using dynasio::table_difference;

} // namespace dsl

} // namespace dynasio

#endif
