#include "order.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include "../type/comparable.hpp"

namespace dynasio::detail {

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

void cut(std::vector<std::size_t>& positions, std::size_t offset, std::optional<std::size_t> limit) {
    auto const begin = static_cast<std::ptrdiff_t>(std::min(offset, positions.size()));
    positions.erase(positions.begin(), positions.begin() + begin);
    if (limit && positions.size() > *limit) positions.resize(*limit);
}

} // namespace dynasio::detail
