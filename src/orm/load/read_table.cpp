#include <dynasio/orm/load_report.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

#include "estimate.hpp"

namespace dynasio {

namespace {

constexpr std::size_t columns = 8;
using table_row = std::array<std::string, columns>;

/// The number of characters that a text has on a terminal, if each of its code points takes one place.
std::size_t width_of(std::string_view text) noexcept {
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

table_row row_of(load_read const& read) {
    table_row row;
    row[0] = read.relation;
    row[1] = read.operation + ' ' + read.table;
    if (!read.index.empty()) row[1] += " index " + read.index;
    if (read.entity == "links") row[1] += ", links";
    if (read.estimated) {
        row[2] = detail::short_figure(read.estimated->requests);
        row[4] = detail::short_figure(read.estimated->items);
        row[6] = detail::short_figure(read.estimated->read_units);
    }
    if (read.shares_requests) {
        row[3] = row[5] = row[7] = "above";
    } else {
        row[3] = std::to_string(read.requests);
        row[5] = std::to_string(read.items);
        row[7] = detail::short_figure(read.read_units);
    }
    return row;
}

} // namespace

std::string to_table(std::span<load_read const> reads) {
    std::vector<table_row> rows;
    rows.push_back({"relation", "read by", "requests", "", "items", "", "read units", ""});
    rows.push_back({"", "", "estimated", "took", "estimated", "took", "estimated", "took"});
    bool has_estimates = false;
    for (load_read const& read : reads) {
        rows.push_back(row_of(read));
        has_estimates = has_estimates || read.estimated;
    }
    std::array<std::size_t, columns> widths{};
    for (auto const& row : rows)
        for (std::size_t c = 0; c < columns; ++c)
            if (has_estimates || c < 2 || c % 2 == 1 || &row == &rows.front())
                widths[c] = std::max(widths[c], width_of(row[c]));
    std::string out;
    for (auto const& row : rows) {
        std::string line;
        for (std::size_t c = 0; c < columns; ++c) {
            std::size_t const width = width_of(row[c]);
            std::string const gap(widths[c] > width ? widths[c] - width : 0, ' ');
            if (c > 0) line += "  ";
            line += c < 2 || &row == &rows.front() ? row[c] + gap : gap + row[c];
        }
        out += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
    }
    return out;
}

} // namespace dynasio
