#ifndef DYNASIO_SRC_ORM_NAME_TABLE_HPP
#define DYNASIO_SRC_ORM_NAME_TABLE_HPP

#include <dynasio/orm/entity_type.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

// The names of an entity's attributes as a hash table: what an item's decoder finds members in.
namespace dynasio::detail {

/// Fills the table of an entity whose attributes and key are there.
void index_names(entity_type& t);

/// Where in the table the search for a name begins.
[[nodiscard]] inline std::size_t first_slot(dynamodb::detail::name_words const& words, std::size_t name_size,
                                            std::uint64_t multiplier, std::size_t mask) noexcept {
    auto const mixed = (words.low ^ std::rotl(words.high, 21) ^ name_size) * multiplier;
    return static_cast<std::size_t>(mixed >> 40) & mask;
}

/// The slot of a name, or an empty one. Nearly always found where the search begins: a branch that predicts, whatever
/// the order of attributes is.
[[nodiscard]] entity_type::name_slot const& find_name(entity_type const& t, std::string_view name) noexcept;

} // namespace dynasio::detail

#endif
