#include "name_table.hpp"

#include <utility>

namespace dynasio::detail {

using dynamodb::detail::words_of;

name_table::name_table(std::span<attribute_info const> attributes) {
    names_.reserve(attributes.size());
    for (attribute_info const& a : attributes) names_.push_back(a.name);

    // Tries up to 32 multipliers and keeps the one with which most names lie in the slot where their search begins.
    std::size_t const size = std::bit_ceil(attributes.size() * 4 + 4);
    std::size_t fewest = attributes.size() + 1;
    std::uint64_t multiplier = 0xd6e8feb86659fd93;
    for (int tries = 0; tries != 32 && fewest != 0; ++tries, multiplier = multiplier * 6364136223846793005 + 2) {
        std::vector<slot> slots(size);
        search const where{slots.data(), size - 1, multiplier};
        std::size_t moved = 0;
        for (attribute_index i = 0; i != attributes.size(); ++i) {
            attribute_info const& a = attributes[i];
            std::string_view const name = a.name;
            auto const words = words_of(name);
            auto at = where.index(words, name.size());
            if (!slots[at].is_empty()) ++moved;
            while (!slots[at].is_empty()) at = (at + 1) & where.mask;
            bool const usual = name.size() < dynamodb::detail::scan_width && dynamodb::detail::is_all_plain(name);
            slots[at] = {.words = words,
                         .name_size = static_cast<std::uint32_t>(name.size()),
                         .offset = static_cast<std::uint32_t>(a.offset),
                         .attribute = i,
                         .usual_size = usual ? static_cast<std::uint8_t>(name.size()) : slot::not_usual,
                         .usual = a.usual};
        }
        if (moved >= fewest) continue;
        fewest = moved;
        slots_ = std::move(slots);
        multiplier_ = multiplier;
    }
}

name_table::slot const& name_table::find(std::string_view name) const noexcept {
    auto const words = words_of(name);
    auto const where = begin_search();
    for (auto at = where.index(words, name.size());; at = (at + 1) & where.mask) {
        slot const& here = slots_[at];
        if (here.is_empty()) return here;
        if (here.words == words && here.name_size == name.size() &&
            (name.size() <= dynamodb::detail::max_short_name || names_[here.attribute] == name))
            return here;
    }
}

} // namespace dynasio::detail
