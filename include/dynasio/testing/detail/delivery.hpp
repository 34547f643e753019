#ifndef DYNASIO_TESTING_DETAIL_DELIVERY_HPP
#define DYNASIO_TESTING_DETAIL_DELIVERY_HPP

#include <dynasio/testing/detail/http_answer.hpp>
#include <dynasio/testing/fault_kinds.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dynasio::testing::detail {

enum class body_framing : std::uint8_t { sized, chunked, malformed_chunks };

/// How a rule changes the sending of an answer. The default sends it correctly.
struct delivery {
    std::vector<std::pair<std::string, std::string>> headers{};
    std::optional<std::chrono::seconds> date_skew{};
    bool wrong_crc32 = false;
    bool gzip = false;

    body_framing framing = body_framing::sized;
    std::size_t missing_bytes = 0; ///< See rule_builder::truncated_by.
    std::size_t surplus_bytes = 0; ///< See rule_builder::overlong_by.
    std::optional<std::string> content_length{};
    bool announce_close = false;
    bool closing = false;
    bool reset = false;

    std::optional<cut_point> cut{};
    std::optional<std::size_t> hold_after{};
    std::size_t piece = 0; ///< Bytes of one piece; 0: everything at once.
    std::chrono::nanoseconds pause{};

    /// A description for recorded_request::fault; empty for the default.
    [[nodiscard]] std::string describe() const;
};

/// Properties of the request that its answer depends on.
struct request_traits {
    bool head = false;
    bool keep_alive = true;
};

/// What to send, and how.
struct transmission {
    static constexpr std::size_t everything = std::numeric_limits<std::size_t>::max();
    enum class ending : std::uint8_t { keep, close, hold };

    std::string bytes{};
    std::size_t at_once = everything; ///< Number of bytes sent at once; the others are sent in pieces with pauses.
    std::size_t piece = everything;
    std::chrono::nanoseconds pause{};
    std::string repeated{}; ///< If not empty, sent repeatedly after the bytes until the client disconnects.
    ending then = ending::keep;
    bool reset = false; ///< Whether to close with a TCP reset.
};

[[nodiscard]] transmission plan(http_answer answer, delivery const& how, request_traits request,
                                std::chrono::system_clock::time_point now);
/// Sends bytes that need not be HTTP and then closes the connection.
[[nodiscard]] transmission plan_bytes(std::string bytes, delivery const& how);
[[nodiscard]] transmission plan_endless(endless_part part);

/// A gzip file that contains `text` uncompressed.
[[nodiscard]] std::string gzip(std::string_view text);
/// "Sun, 06 Nov 1994 08:49:37 GMT"
[[nodiscard]] std::string http_date(std::chrono::system_clock::time_point at);

} // namespace dynasio::testing::detail

#endif
