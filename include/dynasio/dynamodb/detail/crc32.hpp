#ifndef DYNASIO_DYNAMODB_DETAIL_CRC32_HPP
#define DYNASIO_DYNAMODB_DETAIL_CRC32_HPP

#include <cstdint>
#include <string_view>

namespace dynasio::dynamodb::detail {

/// CRC-32/ISO-HDLC (polynomial 0x04C11DB7, reflected) of `bytes`. x-amz-crc32 is this checksum of the body as received.
[[nodiscard]] std::uint32_t crc32(std::string_view bytes) noexcept;

} // namespace dynasio::dynamodb::detail

#endif
