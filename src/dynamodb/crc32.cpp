#include <dynasio/dynamodb/detail/crc32.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace dynasio::dynamodb::detail {
namespace {

constexpr std::uint32_t polynomial = 0xedb88320;

// tables[k][b] is the contribution of byte b when k more bytes follow it in the block. This is slicing by 8: each eight
// bytes need eight independent look-ups instead of a chain of eight.
constexpr auto tables = [] {
    std::array<std::array<std::uint32_t, 256>, 8> t{};
    for (std::uint32_t b = 0; b < 256; ++b) {
        std::uint32_t value = b;
        for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? polynomial : 0);
        t[0][b] = value;
    }
    for (std::size_t k = 1; k < 8; ++k) {
        for (std::size_t b = 0; b < 256; ++b) t[k][b] = (t[k - 1][b] >> 8) ^ t[0][t[k - 1][b] & 0xff];
    }
    return t;
}();

std::uint32_t load_little_endian(char const* at) noexcept {
    if constexpr (std::endian::native == std::endian::little) {
        std::uint32_t value;
        std::memcpy(&value, at, sizeof(value));
        return value;
    } else {
        auto const byte = [at](int i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(at[i])); };
        return byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24;
    }
}

#if defined(__x86_64__)
// Carry-less multiplication folds a text into 128 bits whose remainder is the same (V. Gopal et al., "Fast CRC
// Computation for Generic Polynomials Using PCLMULQDQ Instruction", Intel 2009). The constants that carry a block over
// n bits are x^(n+32) and x^(n-32) modulo the polynomial, bit-reflected.
#define DYNASIO_FOLDS __attribute__((target("pclmul,sse4.1")))
#define DYNASIO_FOLDS_WIDE __attribute__((target("vpclmulqdq,avx2,pclmul,sse4.1")))

/// Four consecutive blocks of 16 bytes.
struct blocks {
    __m128i of[4];
};

DYNASIO_FOLDS inline __m128i load(char const* at) noexcept {
    return _mm_loadu_si128(static_cast<__m128i const*>(static_cast<void const*>(at)));
}
DYNASIO_FOLDS inline __m128i by_512() noexcept { return _mm_set_epi64x(0x1c6e41596, 0x154442bd4); }
DYNASIO_FOLDS inline __m128i by_128() noexcept { return _mm_set_epi64x(0x0ccaa009e, 0x1751997d0); }
DYNASIO_FOLDS inline __m128i folded(__m128i x, __m128i k, __m128i next) noexcept {
    return _mm_xor_si128(_mm_xor_si128(_mm_clmulepi64_si128(x, k, 0x00), _mm_clmulepi64_si128(x, k, 0x11)), next);
}

/// The checksum of the bytes that were folded into `x` and of the `size` bytes at `at`. `size` is a multiple of 16.
DYNASIO_FOLDS std::uint32_t finish_fold(blocks const& x, char const* at, std::size_t size) noexcept {
    __m128i x0 = x.of[0];
    __m128i x1 = x.of[1];
    __m128i x2 = x.of[2];
    __m128i x3 = x.of[3];
    for (; size >= 64; size -= 64, at += 64) {
        x0 = folded(x0, by_512(), load(at));
        x1 = folded(x1, by_512(), load(at + 16));
        x2 = folded(x2, by_512(), load(at + 32));
        x3 = folded(x3, by_512(), load(at + 48));
    }
    x0 = folded(x0, by_128(), x1);
    x0 = folded(x0, by_128(), x2);
    x0 = folded(x0, by_128(), x3);
    for (; size >= 16; size -= 16, at += 16) x0 = folded(x0, by_128(), load(at));

    // Reduces 128 bits to 64, and these to 32 by Barrett's reduction.
    __m128i const low_words = _mm_setr_epi32(-1, 0, -1, 0);
    x1 = _mm_clmulepi64_si128(x0, by_128(), 0x10);
    x0 = _mm_xor_si128(_mm_srli_si128(x0, 8), x1);
    x1 = _mm_srli_si128(x0, 4);
    x0 = _mm_xor_si128(_mm_clmulepi64_si128(_mm_and_si128(x0, low_words), _mm_set_epi64x(0, 0x163cd6124), 0x00), x1);
    __m128i const reduce = _mm_set_epi64x(0x1f7011641, 0x1db710641);
    x1 = _mm_clmulepi64_si128(_mm_and_si128(x0, low_words), reduce, 0x10);
    x1 = _mm_clmulepi64_si128(_mm_and_si128(x1, low_words), reduce, 0x00);
    return static_cast<std::uint32_t>(_mm_extract_epi32(_mm_xor_si128(x0, x1), 1));
}

/// The checksum, computed 64 bytes at a time. `size` is a multiple of 16, at least 64.
DYNASIO_FOLDS std::uint32_t fold(std::uint32_t crc, char const* at, std::size_t size) noexcept {
    __m128i const first = _mm_xor_si128(load(at), _mm_cvtsi32_si128(static_cast<int>(crc)));
    return finish_fold({{first, load(at + 16), load(at + 32), load(at + 48)}}, at + 64, size - 64);
}

DYNASIO_FOLDS_WIDE inline __m256i load_two(char const* at) noexcept {
    return _mm256_loadu_si256(static_cast<__m256i const*>(static_cast<void const*>(at)));
}
DYNASIO_FOLDS_WIDE inline __m256i twice(__m128i k) noexcept { return _mm256_broadcastsi128_si256(k); }
DYNASIO_FOLDS_WIDE inline __m256i folded_two(__m256i x, __m256i k, __m256i next) noexcept {
    return _mm256_xor_si256(
        _mm256_xor_si256(_mm256_clmulepi64_epi128(x, k, 0x00), _mm256_clmulepi64_epi128(x, k, 0x11)), next);
}

/// The checksum, computed 128 bytes at a time. `size` is a multiple of 16, at least 128.
DYNASIO_FOLDS_WIDE std::uint32_t fold_wide(std::uint32_t crc, char const* at, std::size_t size) noexcept {
    __m256i const by_1024 = twice(_mm_set_epi64x(0x14a7fe880, 0x1e88ef372));
    __m256i x0 = _mm256_xor_si256(load_two(at), _mm256_zextsi128_si256(_mm_cvtsi32_si128(static_cast<int>(crc))));
    __m256i x1 = load_two(at + 32);
    __m256i x2 = load_two(at + 64);
    __m256i x3 = load_two(at + 96);
    for (at += 128, size -= 128; size >= 128; size -= 128, at += 128) {
        x0 = folded_two(x0, by_1024, load_two(at));
        x1 = folded_two(x1, by_1024, load_two(at + 32));
        x2 = folded_two(x2, by_1024, load_two(at + 64));
        x3 = folded_two(x3, by_1024, load_two(at + 96));
    }
    x2 = folded_two(x0, twice(by_512()), x2);
    x3 = folded_two(x1, twice(by_512()), x3);
    return finish_fold({{_mm256_castsi256_si128(x2), _mm256_extracti128_si256(x2, 1), _mm256_castsi256_si128(x3),
                         _mm256_extracti128_si256(x3, 1)}},
                       at, size);
}

#undef DYNASIO_FOLDS
#undef DYNASIO_FOLDS_WIDE

bool const can_fold = __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
bool const can_fold_wide = can_fold && __builtin_cpu_supports("vpclmulqdq") && __builtin_cpu_supports("avx2");
#endif

} // namespace

std::uint32_t crc32(std::string_view bytes) noexcept {
    std::uint32_t crc = 0xffffffff;
    char const* at = bytes.data();
    std::size_t left = bytes.size();
#if defined(__x86_64__)
    if (left >= 64 && can_fold) {
        std::size_t const size = left & ~std::size_t{15};
        crc = size >= 128 && can_fold_wide ? fold_wide(crc, at, size) : fold(crc, at, size);
        at += size;
        left -= size;
    }
#endif
    for (; left >= 8; left -= 8, at += 8) {
        std::uint32_t const low = crc ^ load_little_endian(at);
        std::uint32_t const high = load_little_endian(at + 4);
        crc = tables[7][low & 0xff] ^ tables[6][(low >> 8) & 0xff] ^ tables[5][(low >> 16) & 0xff] ^
              tables[4][low >> 24] ^ tables[3][high & 0xff] ^ tables[2][(high >> 8) & 0xff] ^
              tables[1][(high >> 16) & 0xff] ^ tables[0][high >> 24];
    }
    for (; left > 0; --left, ++at) crc = (crc >> 8) ^ tables[0][(crc ^ static_cast<unsigned char>(*at)) & 0xff];
    return ~crc;
}

} // namespace dynasio::dynamodb::detail
