#include "order.hpp"

#include <dynasio/dynamodb/json.hpp>

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

namespace dynasio::detail {

using dynamodb::attribute_type;
using dynamodb::json_reader;

namespace {

/// A value in a form that can be compared several times without reading its JSON again.
struct comparable {
    attribute_type type = attribute_type::null;
    std::string text{}; // for binaries the decoded bytes, because base64 text has another order

    explicit comparable(std::string_view wire) {
        if (wire.empty()) return;
        json_reader in(wire);
        type = in.open_attribute();
        switch (type) {
        case attribute_type::boolean:
            text = in.read_bool() ? "1" : "0";
            break;
        case attribute_type::string:
        case attribute_type::number:
            text = in.read_string();
            break;
        case attribute_type::binary:
            if (!dynamodb::decode_base64(in.read_string(), text)) in.fail("a binary value is no base64");
            break;
        case attribute_type::null:
            break;
        default:
            text = wire;
        }
    }
    [[nodiscard]] bool is_absent() const noexcept { return type == attribute_type::null; }
};

int compare(comparable const& a, comparable const& b) {
    if (a.is_absent() || b.is_absent()) return int(!a.is_absent()) - int(!b.is_absent());
    if (a.type != b.type) return a.type < b.type ? -1 : 1;
    return a.type == attribute_type::number ? dynamodb::compare_numbers(a.text, b.text) : a.text.compare(b.text);
}

} // namespace

std::vector<std::size_t> sorted_positions(std::span<sort_values const> entities, bool descending) {
    struct entry {
        comparable value, partition, sort;
    };
    std::vector<entry> entries;
    entries.reserve(entities.size());
    for (auto const& e : entities)
        entries.push_back({comparable(e.value), comparable(e.partition), comparable(e.sort)});
    std::vector<std::size_t> positions(entities.size());
    std::iota(positions.begin(), positions.end(), std::size_t{0});
    // The positions are compared last, which makes the order stable. std::stable_sort was rejected: libstdc++
    // implements it with std::get_temporary_buffer, which C++17 deprecates, and clang warns about that.
    std::sort(positions.begin(), positions.end(), [&](std::size_t a, std::size_t b) {
        entry const& x = entries[a];
        entry const& y = entries[b];
        if (int const order = compare(x.value, y.value); order != 0) return descending ? order > 0 : order < 0;
        if (int const order = compare(x.partition, y.partition); order != 0) return order < 0;
        if (int const order = compare(x.sort, y.sort); order != 0) return order < 0;
        return a < b;
    });
    return positions;
}

} // namespace dynasio::detail
