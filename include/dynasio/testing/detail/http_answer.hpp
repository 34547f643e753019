#ifndef DYNASIO_TESTING_DETAIL_HTTP_ANSWER_HPP
#define DYNASIO_TESTING_DETAIL_HTTP_ANSWER_HPP

#include <dynasio/testing/canned_answer.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dynasio::testing::detail {

/// The checksum of x-amz-crc32 (the CRC-32 of zlib).
[[nodiscard]] std::uint32_t crc32(std::string_view bytes) noexcept;

/// Throws errc::invalid_argument for characters that HTTP does not allow.
void check_header(std::string_view name, std::string_view value);
void check_answer(canned_answer const& answer);

/// An answer before it is framed: Content-Length and Connection are not part of it.
struct http_answer {
    unsigned status = 200;
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string body{};

    /// Replaces the headers of that name; ASCII case is ignored.
    void set_header(std::string_view name, std::string value);
    [[nodiscard]] std::string const* find_header(std::string_view name) const noexcept;
    /// Sets x-amz-crc32 to the checksum of the body.
    void set_crc32();
};

/// The request id is made from `request_number`.
[[nodiscard]] http_answer to_http(canned_answer answer, std::size_t request_number);

} // namespace dynasio::testing::detail

#endif
