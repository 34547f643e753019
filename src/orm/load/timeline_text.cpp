#include <dynasio/orm/load_timeline.hpp>

#include <algorithm>
#include <map>
#include <utility>

#include "timeline_rows.hpp"

namespace dynasio {

namespace {

using detail::timeline_row;
using duration = load_timeline::duration;

void pad_left(std::string& out, std::string const& text, std::size_t width) {
    if (text.size() < width) out.append(width - text.size(), ' ');
    out += text;
}

/// One row as characters. Later marks replace earlier ones.
std::string bar_of(timeline_row const& row, duration whole, std::size_t width) {
    auto const column = [&](duration t) {
        double const at = static_cast<double>(t.count()) / static_cast<double>(whole.count());
        return static_cast<std::size_t>(
            std::clamp(at * static_cast<double>(width), 0.0, static_cast<double>(width - 1)));
    };
    std::string out(width, ' ');
    std::size_t const begin = column(row.sent);
    for (std::size_t i = column(row.known); i < begin; ++i) out[i] = '.';
    std::size_t const end = std::max(begin, column(row.ended));
    for (std::size_t i = begin; i <= end; ++i) out[i] = row.asks_again ? '!' : '=';
    for (auto const t : row.retries)
        for (std::size_t i = begin; row.count == 1 && i <= column(t); ++i) out[i] = '!';
    if (row.count > 1)
        for (auto const t : row.retries) out[column(t)] = '!';
    if (row.failed) out[end] = 'x';
    return out;
}

/// A part of a line: nothing in it breaks the line.
std::string one_line(std::string text) {
    std::replace_if(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    return text;
}

/// Text of a gantt chart: Mermaid takes `:`, `;`, `#` and line ends for its own.
std::string gantt_text(std::string_view text) {
    std::string out;
    for (char const c : text) {
        bool const is_its_own = c == ':' || c == ';' || c == '#' || c == '%' || static_cast<unsigned char>(c) < 0x20;
        out += is_its_own ? ' ' : c;
    }
    return out;
}

std::int64_t microseconds(duration t) { return std::chrono::duration_cast<std::chrono::microseconds>(t).count(); }

} // namespace

std::string to_text(load_timeline const& timeline, std::size_t rows) {
    constexpr std::size_t width = 40;
    auto const all = detail::rows_of(timeline, rows);
    duration const whole = std::max(detail::length_of(timeline), duration(1));
    std::size_t numbers = 1;
    for (auto const& row : all) numbers = std::max(numbers, row.numbers().size());
    std::string out = detail::headline_of(timeline) + '\n';
    for (auto const& row : all) {
        pad_left(out, row.numbers(), numbers);
        out += "  ";
        pad_left(out, detail::milliseconds(row.sent), 10);
        out += " +";
        pad_left(out, detail::milliseconds(row.ended - row.sent), 10);
        out += " |" + bar_of(row, whole, width) + "| " + one_line(row.what + ": " + row.about) + '\n';
    }
    return out;
}

std::string to_mermaid(load_timeline const& timeline, std::size_t rows) {
    auto const all = detail::rows_of(timeline, rows);
    std::string out =
        "gantt\n    title " + gantt_text(detail::headline_of(timeline)) + "\n    dateFormat x\n    axisFormat %Q µs\n";
    // Sections in the order in which they begin.
    std::vector<std::string> sections;
    for (auto const& row : all)
        if (std::find(sections.begin(), sections.end(), row.group) == sections.end()) sections.push_back(row.group);
    for (auto const& section : sections) {
        out += "    section " + gantt_text(section) + '\n';
        for (auto const& row : all) {
            if (row.group != section) continue;
            std::string label = row.numbers() + ' ' + row.what;
            if (row.was_repeated()) label += ", repeated";
            if (row.failed) label += ", failed";
            out += "    " + gantt_text(label) + " :";
            if (row.was_repeated() || row.failed) out += "crit, ";
            if (row.is_batch) out += "active, ";
            // A bar of no length is not seen.
            out += 'r' + std::to_string(row.first) + ", " + std::to_string(microseconds(row.sent)) + ", " +
                   std::to_string(std::max<std::int64_t>(microseconds(row.ended - row.sent), 1)) + "ms\n";
        }
    }
    return out;
}

} // namespace dynasio
