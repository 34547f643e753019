#ifndef DYNASIO_HTTP_DETAIL_HEAD_PARSER_HPP
#define DYNASIO_HTTP_DETAIL_HEAD_PARSER_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace dynasio::http::detail {

/// Reads the head of an answer (RFC 9112): the status line and the few headers that dynasio uses. Every header is
/// checked for form. Nothing is allocated or copied.
///
/// The parser is as strict as Beast's, with which a test compares it, and several times faster, because it stores
/// nothing for headers that dynasio does not use. It is stricter in one respect: a folded line (obsolete) is refused in
/// a header that dynasio uses.
class head_parser {
public:
    enum class outcome {
        need_more,
        done,
        bad_version,
        bad_status,
        bad_reason,
        bad_field,
        bad_length, ///< Content-Length that is no number, or contradicts another one or Transfer-Encoding.
        bad_coding, ///< Transfer-Encoding other than "chunked", once.
    };

    /// Part of the text. It holds offsets instead of pointers, because the text moves when its storage grows.
    struct slice {
        std::size_t offset = 0;
        std::size_t size = 0;
    };

    /// The head begins at `offset` of the text.
    explicit head_parser(std::size_t offset = 0) noexcept : position_(offset) {}

    /// Goes on parsing. `text` is everything that has been received so far; between two calls it may move and grow, but
    /// its bytes must not change.
    [[nodiscard]] outcome parse(std::string_view text) noexcept;
    /// Number of bytes of the text that have been parsed; after outcome::done, where the head ends.
    [[nodiscard]] std::size_t position() const noexcept { return position_; }

    // The following are set after outcome::done.

    /// Whether the connection may carry another exchange, as far as the head says.
    [[nodiscard]] bool keep_alive() const noexcept { return !close_ && (http_1_1_ || keep_alive_); }

    unsigned status = 0;
    bool chunked = false;
    std::optional<std::uint64_t> content_length{};
    std::optional<std::uint32_t> crc32{};
    slice request_id{}, error_type{}, retry_after{}, date{}, content_type{}, content_encoding{};

private:
    enum class field : unsigned char;

    [[nodiscard]] outcome parse_status_line(std::string_view text) noexcept;
    [[nodiscard]] static field field_of(char const* name, std::size_t size) noexcept;
    [[nodiscard]] outcome take(field which, std::string_view text, std::string_view value) noexcept;
    [[nodiscard]] outcome take_length(std::string_view value) noexcept;
    [[nodiscard]] outcome take_connection(std::string_view value) noexcept;
    [[nodiscard]] outcome take_checksum(std::string_view value) noexcept;

    std::size_t position_;
    bool in_fields_ = false;
    bool http_1_1_ = false;
    bool close_ = false;
    bool keep_alive_ = false;
};

} // namespace dynasio::http::detail

#endif
