#ifndef DYNASIO_SRC_ORM_TYPE_NAME_TABLE_HPP
#define DYNASIO_SRC_ORM_TYPE_NAME_TABLE_HPP

#include <dynasio/orm/detail/usual_type.hpp>
#include <dynasio/orm/entity_type.hpp>

#include <dynasio/dynamodb/detail/json_scan.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dynasio::detail {

/// The attributes of an entity by name: a hash table with open addressing, whose size is a power of two. The decoder of
/// items looks each name up here, so a slot also holds what the decoder needs to read the usual value of that member.
class name_table {
public:
    struct slot {
        static constexpr attribute_index no_attribute = std::numeric_limits<attribute_index>::max();
        static constexpr std::uint8_t not_usual = std::numeric_limits<std::uint8_t>::max();

        dynamodb::detail::name_words words{};
        std::uint32_t name_size = 0;
        std::uint32_t offset = 0; ///< Where the member begins in the entity, in bytes.
        attribute_index attribute = no_attribute;
        /// The name's size when the name is shorter than scan_width and needs no escapes in JSON, else not_usual.
        std::uint8_t usual_size = not_usual;
        usual_type usual{};

        [[nodiscard]] bool is_empty() const noexcept { return attribute == no_attribute; }
    };

    /// The data that a search needs, as a value: a loop that works on a copy keeps it in registers, although the loop
    /// writes to memory.
    struct search {
        /// The slot where the search for a name begins. Nearly every name is found there, so the processor predicts the
        /// branch on it well, whatever the order of an item's attributes is.
        [[nodiscard]] slot const& first(dynamodb::detail::name_words const& words,
                                        std::size_t name_size) const noexcept {
            return slots[index(words, name_size)];
        }
        [[nodiscard]] std::size_t index(dynamodb::detail::name_words const& words,
                                        std::size_t name_size) const noexcept {
            auto const mixed = (words.low ^ std::rotl(words.high, 21) ^ name_size) * multiplier;
            return static_cast<std::size_t>(mixed >> 40) & mask;
        }

        slot const* slots = nullptr;
        std::size_t mask = 0; ///< Number of slots - 1.
        std::uint64_t multiplier = 0;
    };

    explicit name_table(std::span<attribute_info const> attributes);

    /// The slot of a name, or an empty slot.
    [[nodiscard]] slot const& find(std::string_view name) const noexcept;
    [[nodiscard]] search begin_search() const noexcept { return {slots_.data(), slots_.size() - 1, multiplier_}; }

private:
    std::vector<slot> slots_;
    std::uint64_t multiplier_ = 0;
    std::vector<std::string> names_; // By attribute; needed for names that are longer than the words of a slot.
};

} // namespace dynasio::detail

#endif
