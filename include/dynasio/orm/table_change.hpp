#ifndef DYNASIO_ORM_TABLE_CHANGE_HPP
#define DYNASIO_ORM_TABLE_CHANGE_HPP

#include <iosfwd>
#include <string>
#include <vector>

namespace dynasio {

enum class table_change_kind {
    create_table, ///< With all its indexes.
    enable_ttl,
    enable_stream, ///< Of changes from then on.
    create_index,  ///< A global one. The service fills it from the items that there are.
    drop_index,    ///< A global one, and only with drop_unknown_indexes.
};

/// One step by which update_tables() brings a table to its entities' schemas. See plan_tables().
struct table_change {
    std::string table; ///< With the client's prefix.
    table_change_kind kind;
    std::string index;   ///< Empty when it concerns the table itself.
    std::string message; ///< For people, without a full stop: "add the index by city (S), id (S), projecting ALL".
};

/// One line for each change: table, index and message, one under the other. No text when there are none.
[[nodiscard]] std::string to_text(std::vector<table_change> const& changes);
/// Writes to_text().
std::ostream& operator<<(std::ostream& out, std::vector<table_change> const& changes);

/// Option of plan_tables() and update_tables(): global indexes that no schema of the table names are dropped, with what
/// the service has put into them. Without it they stay, because other programs may use the table, too.
struct drop_unknown_indexes_t {
    /// There is no default constructor, so that {} is a call's options and not this.
    enum class made { here };
    explicit constexpr drop_unknown_indexes_t(made /*here*/) noexcept {}
};
inline constexpr drop_unknown_indexes_t drop_unknown_indexes{drop_unknown_indexes_t::made::here};

namespace dsl {

using dynasio::drop_unknown_indexes;
using dynasio::table_change;
using dynasio::table_change_kind;

} // namespace dsl

} // namespace dynasio

#endif
