#include "name_table.hpp"

#include <bit>
#include <utility>
#include <vector>

namespace dynasio::detail {

entity_type::name_slot const& find_name(entity_type const& t, std::string_view name) noexcept {
    auto const words = dynamodb::detail::words_of(name);
    auto const mask = t.names_table.size() - 1;
    for (auto at = first_slot(words, name.size(), t.names_multiplier, mask);; at = (at + 1) & mask) {
        auto const& slot = t.names_table[at];
        bool const is_it = slot.words == words && slot.name_size == name.size() &&
                           (name.size() <= dynamodb::detail::max_short_name ||
                            (slot.attribute != slot.no_attribute && t.attributes[slot.attribute].name == name));
        if (is_it || slot.attribute == slot.no_attribute) return slot;
    }
}

/// A few multipliers are tried, so that most names are where the search begins.
void index_names(entity_type& t) {
    using slot = entity_type::name_slot;
    std::size_t const size = std::bit_ceil(t.attributes.size() * 4 + 4);
    std::size_t fewest = t.attributes.size() + 1;
    std::uint64_t multiplier = 0xd6e8feb86659fd93;
    for (int tries = 0; tries != 32 && fewest != 0; ++tries, multiplier = multiplier * 6364136223846793005 + 2) {
        std::vector<slot> table(size);
        std::size_t moved = 0;
        for (attribute_index i = 0; i != t.attributes.size(); ++i) {
            attribute_info const& a = t.attributes[i];
            std::string_view const name = a.name;
            auto const words = dynamodb::detail::words_of(name);
            auto at = first_slot(words, name.size(), multiplier, size - 1);
            if (table[at].attribute != slot::no_attribute) ++moved;
            while (table[at].attribute != slot::no_attribute) at = (at + 1) & (size - 1);
            bool const usual = name.size() < dynamodb::detail::scan_width && dynamodb::detail::is_all_plain(name);
            table[at] = {.words = words,
                         .name_size = static_cast<std::uint32_t>(name.size()),
                         .offset = static_cast<std::uint32_t>(a.offset),
                         .attribute = i,
                         .usual_size = usual ? static_cast<std::uint8_t>(name.size()) : slot::not_usual,
                         .key_part = static_cast<std::uint8_t>(i == t.key.partition ? 0
                                                               : i == t.key.sort    ? 1
                                                                                    : slot::neither),
                         .inlined = a.inlined};
        }
        if (moved >= fewest) continue;
        fewest = moved;
        t.names_table = std::move(table);
        t.names_multiplier = multiplier;
    }
}

} // namespace dynasio::detail
