#ifndef DYNASIO_CORE_DETAIL_HEX_HPP
#define DYNASIO_CORE_DETAIL_HEX_HPP

#include <cstddef>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace dynasio::detail {

/// Writes `Size` bytes as 2 * `Size` hexadecimal digits in lower case to `to`.
template <std::size_t Size> void to_hex(unsigned char const* from, char* to) noexcept {
#if defined(__SSE2__)
    if constexpr (Size % 16 == 0) {
        for (std::size_t i = 0; i != Size; i += 16, from += 16, to += 32) {
            auto const bytes = _mm_loadu_si128(static_cast<__m128i const*>(static_cast<void const*>(from)));
            auto const mask = _mm_set1_epi8(0x0f);
            auto const high = _mm_and_si128(_mm_srli_epi16(bytes, 4), mask);
            auto const low = _mm_and_si128(bytes, mask);
            auto const digits = [](__m128i values) noexcept {
                auto const letters =
                    _mm_and_si128(_mm_cmpgt_epi8(values, _mm_set1_epi8(9)), _mm_set1_epi8('a' - '0' - 10));
                return _mm_add_epi8(_mm_add_epi8(values, _mm_set1_epi8('0')), letters);
            };
            auto* const out = static_cast<__m128i*>(static_cast<void*>(to));
            _mm_storeu_si128(out, digits(_mm_unpacklo_epi8(high, low)));
            _mm_storeu_si128(out + 1, digits(_mm_unpackhi_epi8(high, low)));
        }
        return;
    }
#endif
    constexpr char digits[] = "0123456789abcdef";
    for (std::size_t i = 0; i != Size; ++i) {
        *to++ = digits[from[i] >> 4];
        *to++ = digits[from[i] & 15];
    }
}

} // namespace dynasio::detail

#endif
