#ifndef DYNASIO_HTTP_DETAIL_CHUNK_DECODER_HPP
#define DYNASIO_HTTP_DETAIL_CHUNK_DECODER_HPP

#include <cstddef>
#include <cstdint>

namespace dynasio::http::detail {

/// Takes the chunked transfer coding (RFC 9112, 7.1) off a body, in place. Chunk extensions and trailers are checked
/// for form, limited in length, and dropped.
///
/// Of its own because Beast's wants each chunk header in one piece, puts no limit to its length, and asserts on a lone
/// last chunk that comes byte by byte (Boost 1.81).
class chunk_decoder {
public:
    enum class outcome { need_more, done, malformed, too_large };
    struct step {
        outcome result = outcome::need_more;
        std::size_t read = 0;    ///< Bytes of the input that belonged to the body.
        std::size_t written = 0; ///< Bytes of data.
    };

    /// Longest chunk header, and longest trailer section.
    static constexpr std::size_t max_line = 4 * 1024;

    explicit chunk_decoder(std::size_t max_body) noexcept : left_to_limit_(max_body) {}

    /// Decodes `size` bytes at `in` to `out`, which may be the same place or one before it.
    [[nodiscard]] step decode(char const* in, std::size_t size, char* out) noexcept;

private:
    enum class state : unsigned char {
        size_first,
        size_more,
        extension,
        size_lf,
        data,
        data_cr,
        data_lf,
        trailer_first,
        trailer_name,
        trailer_value,
        trailer_lf,
        last_lf
    };

    std::uint64_t chunk_ = 0; // size, or what is left of the data
    std::size_t left_to_limit_;
    std::size_t line_ = 0;
    state state_ = state::size_first;
};

} // namespace dynasio::http::detail

#endif
