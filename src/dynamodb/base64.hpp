#ifndef DYNASIO_SRC_DYNAMODB_BASE64_HPP
#define DYNASIO_SRC_DYNAMODB_BASE64_HPP

#include <cstddef>
#include <optional>
#include <string_view>

// The two steps of decode_base64(), for callers that write into memory of their own.
namespace dynasio::dynamodb::detail {

/// The number of bytes that read_base64() writes, or nothing for a text whose size is not that of base64.
[[nodiscard]] std::optional<std::size_t> base64_size(std::string_view text) noexcept;
/// Writes the bytes of a text that has a base64_size(). False when the text is no base64; what was written then means
/// nothing.
[[nodiscard]] bool read_base64(std::string_view text, char* to) noexcept;

} // namespace dynasio::dynamodb::detail

#endif
