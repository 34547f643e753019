#ifndef DYNASIO_SRC_DYNAMODB_BASE64_HPP
#define DYNASIO_SRC_DYNAMODB_BASE64_HPP

#include <cstddef>
#include <optional>
#include <string_view>

// The two steps of decode_base64(), for callers that write into memory of their own.
namespace dynasio::dynamodb::detail {

/// The number of bytes that decode_base64() gives, or nothing for what it refuses.
[[nodiscard]] std::optional<std::size_t> base64_size(std::string_view text) noexcept;
/// Writes the bytes of a text that base64_size() has accepted.
void decode_checked_base64(std::string_view text, char* to) noexcept;

} // namespace dynasio::dynamodb::detail

#endif
