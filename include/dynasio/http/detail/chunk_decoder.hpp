#ifndef DYNASIO_HTTP_DETAIL_CHUNK_DECODER_HPP
#define DYNASIO_HTTP_DETAIL_CHUNK_DECODER_HPP

#include <cstddef>
#include <cstdint>

namespace dynasio::http::detail {

/// Removes the chunked transfer coding (RFC 9112, 7.1) from a body, in place. Chunk extensions and trailers are checked
/// for form, limited in length, and dropped.
///
/// Beast's decoder is not used, because it needs each chunk header in one piece, does not limit its length, and asserts
/// when a body of only the last chunk arrives byte by byte (Boost 1.81).
class chunk_decoder {
public:
    enum class outcome { need_more, done, malformed, too_large };
    struct step {
        outcome result = outcome::need_more;
        std::size_t read = 0;    ///< Bytes of the input that belonged to the body.
        std::size_t written = 0; ///< Bytes of data written.
    };

    /// Limit in bytes of a chunk header, and of the trailer section.
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

    std::uint64_t chunk_ = 0; // size of the chunk, or how much of its data is missing
    std::size_t left_to_limit_;
    std::size_t line_ = 0;
    state state_ = state::size_first;
};

} // namespace dynasio::http::detail

#endif
