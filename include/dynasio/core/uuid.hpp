#ifndef DYNASIO_CORE_UUID_HPP
#define DYNASIO_CORE_UUID_HPP

#include <dynasio/core/clock.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// UUIDs (RFC 9562) as bytes and as text.
namespace dynasio {

/// The bytes of a UUID in the order of its text.
using uuid_bytes = std::array<unsigned char, 16>;

/// The canonical text: "01890a5d-ac96-774b-bcce-b302099a8057", in lower case.
[[nodiscard]] std::string uuid_text(uuid_bytes const& bytes);
inline constexpr std::size_t uuid_text_size = 36;
/// Writes the uuid_text_size characters of uuid_text().
void uuid_to_chars(uuid_bytes const& bytes, char* to) noexcept;
/// Reads 32 hexadecimal digits of either case in five groups, also in braces or behind "urn:uuid:"; nothing when `text`
/// is another.
[[nodiscard]] std::optional<uuid_bytes> parse_uuid(std::string_view text) noexcept;
/// The time inside a UUID of version 7; nothing for other versions.
[[nodiscard]] std::optional<system_time> uuid_time(uuid_bytes const& bytes) noexcept;

} // namespace dynasio

#endif
