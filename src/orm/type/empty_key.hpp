#ifndef DYNASIO_SRC_ORM_TYPE_EMPTY_KEY_HPP
#define DYNASIO_SRC_ORM_TYPE_EMPTY_KEY_HPP

#include <dynasio/orm/entity_type.hpp>

#include <cstdint>
#include <string_view>

namespace dynasio::detail {

/// Whether a value in wire form is one that a key cannot have: an absent value, an empty text, or no bytes.
[[nodiscard]] bool is_empty_key(std::string_view wire) noexcept;
/// Throws errc::empty_key naming the key member `a` of `t`.
[[noreturn]] void throw_empty_key(entity_type const& t, attribute_info const& a);
/// Throws errc::invalid_argument when a value in wire form of the key attribute `a` is longer than the service takes.
void refuse_long_key(entity_type const& t, attribute_info const& a, std::string_view wire);

/// How many bytes the service takes for a key (API reference, quotas).
inline constexpr std::uint16_t max_partition_key = 2048, max_sort_key = 1024;
/// Whether a value in wire form is longer than the service takes of the key attribute `i` of the table or an index, so
/// that no item has it there.
[[nodiscard]] bool is_beyond_key(index_info const& path, attribute_index i, std::string_view wire);
/// Throws errc::invalid_argument when a condition compares the key attribute `i` of the table or an index with a value
/// in wire form that is longer than the service takes there.
void refuse_long_operand(entity_type const& t, index_info const& path, attribute_index i, std::string_view wire);

} // namespace dynasio::detail

#endif
