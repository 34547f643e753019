#ifndef DYNASIO_SRC_ORM_EMPTY_KEY_HPP
#define DYNASIO_SRC_ORM_EMPTY_KEY_HPP

#include <dynasio/orm/entity_type.hpp>

#include <string_view>

namespace dynasio::detail {

/// Whether a value in wire form is none that a key can have: absent, or empty text or bytes.
[[nodiscard]] bool is_empty_key(std::string_view wire) noexcept;
[[noreturn]] void throw_empty_key(entity_type const& t, attribute_info const& a);

} // namespace dynasio::detail

#endif
