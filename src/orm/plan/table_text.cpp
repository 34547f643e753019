#include <dynasio/orm/table_change.hpp>
#include <dynasio/orm/table_difference.hpp>

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

namespace dynasio {

namespace {

/// Names of tables and indexes are ASCII, so their bytes are their width.
template <class Row> std::string aligned(std::vector<Row> const& rows) {
    std::size_t table = 0, index = 0;
    for (auto const& row : rows) {
        table = std::max(table, row.table.size());
        index = std::max(index, row.index.size());
    }
    std::string out;
    for (auto const& row : rows) {
        out += row.table + std::string(table - row.table.size() + 2, ' ');
        if (index != 0) out += row.index + std::string(index - row.index.size() + 2, ' ');
        out += row.message + '\n';
    }
    return out;
}

} // namespace

std::string to_text(std::vector<table_difference> const& differences) { return aligned(differences); }
std::string to_text(std::vector<table_change> const& changes) { return aligned(changes); }

std::ostream& operator<<(std::ostream& out, std::vector<table_difference> const& differences) {
    return out << to_text(differences);
}
std::ostream& operator<<(std::ostream& out, std::vector<table_change> const& changes) {
    return out << to_text(changes);
}

} // namespace dynasio
