#ifndef DYNASIO_DYNAMODB_DETAIL_JSON_SCAN_HPP
#define DYNASIO_DYNAMODB_DETAIL_JSON_SCAN_HPP

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace dynasio::dynamodb::detail {

/// Number of bytes of a string that are examined at a time.
inline constexpr std::size_t scan_width = 16;

/// Whether a byte of a JSON string stands for itself: printable ASCII except quote and backslash.
[[nodiscard]] constexpr bool is_plain(char c) noexcept {
    auto const byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

/// How many of the first scan_width bytes at `text` are plain. Works without vector instructions, eight bytes at a
/// time.
[[nodiscard]] inline std::size_t plain_prefix_portable(char const* text) noexcept {
    constexpr std::uint64_t low = 0x0101010101010101;
    constexpr std::uint64_t high = 0x8080808080808080;
    for (std::size_t offset = 0; offset != scan_width; offset += 8) {
        std::uint64_t word;
        std::memcpy(&word, text + offset, 8);
        auto const quote = word ^ (low * '"');
        auto const backslash = word ^ (low * '\\');
        auto const special = word | (word - low * 0x20) | (quote - low) | (backslash - low);
        if ((special & high) == 0) continue;
        // A borrow can also mark a plain byte above a special one, and the order of bytes depends on the platform, so
        // the bytes of a marked word are examined one by one.
        std::size_t n = offset;
        while (n != offset + 8 && is_plain(text[n])) ++n;
        if (n != offset + 8) return n;
    }
    return scan_width;
}

#if defined(__SSE2__)
/// One bit for each byte, set if the byte is not plain.
[[nodiscard]] inline std::uint32_t special_bytes(__m128i bytes) noexcept {
    // Signed: bytes from 0x80 up are negative, so one comparison finds control characters and non-ASCII.
    auto const inside = _mm_cmpgt_epi8(bytes, _mm_set1_epi8(0x1f));
    auto const quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    auto const backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    auto const plain = _mm_andnot_si128(_mm_or_si128(quote, backslash), inside);
    return static_cast<std::uint32_t>(_mm_movemask_epi8(plain)) ^ 0xffff;
}
/// The bits of the first scan_width bytes at `text`.
[[nodiscard]] inline std::uint32_t special_bytes(char const* text) noexcept {
    return special_bytes(_mm_loadu_si128(static_cast<__m128i const*>(static_cast<void const*>(text))));
}
#endif

/// How many of the first scan_width bytes at `text` are plain. Precondition: scan_width bytes are readable.
[[nodiscard]] inline std::size_t plain_prefix(char const* text) noexcept {
#if defined(__SSE2__)
    return static_cast<std::size_t>(std::countr_zero(special_bytes(text) | (std::uint32_t{1} << scan_width)));
#else
    return plain_prefix_portable(text);
#endif
}

/// plain_prefix() for 2 * scan_width bytes. Most strings of an item are shorter, so that the branch on the result is
/// well predicted.
[[nodiscard]] inline std::size_t plain_prefix_wide(char const* text) noexcept {
#if defined(__SSE2__)
    auto const low = special_bytes(text);
    auto const high = special_bytes(text + scan_width);
    return static_cast<std::size_t>(std::countr_zero(std::uint64_t{low} | (std::uint64_t{high} << scan_width) |
                                                     (std::uint64_t{1} << (2 * scan_width))));
#else
    auto const size = plain_prefix(text);
    return size == scan_width ? size + plain_prefix(text + scan_width) : size;
#endif
}

// The next functions are for readers whose next position depends on the result. They search for the quote separately,
// which makes a shorter chain of dependent instructions than searching for every byte that is not plain, and lets the
// compiler use a branch for the other cases.

inline constexpr std::size_t no_quote = static_cast<std::size_t>(-1);

/// How many of the first scan_width bytes at `text` come before a quote; no_quote when there is none. Precondition:
/// scan_width bytes are readable.
[[nodiscard]] inline std::size_t size_before_quote(char const* text) noexcept {
#if defined(__SSE2__)
    auto const bytes = _mm_loadu_si128(static_cast<__m128i const*>(static_cast<void const*>(text)));
    auto const quotes = static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'))));
    if (quotes == 0) [[unlikely]]
        return no_quote;
    return static_cast<std::uint32_t>(std::countr_zero(quotes));
#else
    for (std::size_t size = 0; size != scan_width; ++size)
        if (text[size] == '"') return size;
    return no_quote;
#endif
}

/// size_before_quote() for 2 * scan_width bytes; no_quote also when a byte before the quote is not plain.
[[nodiscard]] inline std::size_t plain_size_before_quote(char const* text) noexcept {
#if defined(__SSE2__)
    auto const load_at = [text](std::size_t offset) {
        return _mm_loadu_si128(static_cast<__m128i const*>(static_cast<void const*>(text + offset)));
    };
    auto const mask_of = [](__m128i low, __m128i high) {
        return static_cast<std::uint32_t>(_mm_movemask_epi8(low)) | static_cast<std::uint32_t>(_mm_movemask_epi8(high))
                                                                        << scan_width;
    };
    // Signed: bytes from 0x80 up are negative, so one comparison finds control characters and non-ASCII.
    auto const is_other = [](__m128i bytes) {
        return _mm_or_si128(_mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20)), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
    };
    auto const low = load_at(0);
    auto const high = load_at(scan_width);
    auto const quotes = mask_of(_mm_cmpeq_epi8(low, _mm_set1_epi8('"')), _mm_cmpeq_epi8(high, _mm_set1_epi8('"')));
    auto const up_to_quote = quotes ^ (quotes - 1);
    if (quotes == 0 || (mask_of(is_other(low), is_other(high)) & up_to_quote) != 0) return no_quote;
    return static_cast<std::uint32_t>(std::countr_zero(quotes));
#else
    auto const size = plain_prefix_wide(text);
    return size != 2 * scan_width && text[size] == '"' ? size : no_quote;
#endif
}

/// The bytes at `text` as an integer, for comparison with word().
template <class Integer> [[nodiscard]] Integer load(char const* text) noexcept {
    Integer value;
    std::memcpy(&value, text, sizeof value);
    return value;
}
template <std::same_as<char>... Chars> [[nodiscard]] constexpr auto word(Chars... chars) noexcept {
    using integer = std::conditional_t<sizeof...(Chars) == 2, std::uint16_t,
                                       std::conditional_t<sizeof...(Chars) == 4, std::uint32_t, std::uint64_t>>;
    static_assert(sizeof...(Chars) == sizeof(integer));
    return std::bit_cast<integer>(std::array<char, sizeof...(Chars)>{chars...});
}

/// A short name as two integers. Two names of the same size, at most max_short_name, are equal if their words are.
inline constexpr std::size_t max_short_name = 16;
struct name_words {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    [[nodiscard]] friend bool operator==(name_words const& a, name_words const& b) noexcept {
        return ((a.low ^ b.low) | (a.high ^ b.high)) == 0;
    }
};
inline constexpr auto name_masks = [] {
    std::array<name_words, max_short_name + 1> masks{};
    for (std::size_t size = 0; size != masks.size(); ++size) {
        std::array<std::uint8_t, max_short_name> bytes{};
        for (std::size_t i = 0; i != size; ++i) bytes[i] = 0xff;
        masks[size] = std::bit_cast<name_words>(bytes);
    }
    return masks;
}();
/// The words of the first `size` bytes at `text`. Preconditions: `size` is at most max_short_name, and max_short_name
/// bytes are readable.
[[nodiscard]] inline name_words short_words_of(char const* text, std::size_t size) noexcept {
    auto const& mask = name_masks[size];
    return {load<std::uint64_t>(text) & mask.low, load<std::uint64_t>(text + 8) & mask.high};
}
/// The words of a name of any length; for a name over max_short_name bytes, of its beginning.
[[nodiscard]] inline name_words words_of(std::string_view name) noexcept {
    std::array<char, max_short_name> text{};
    std::copy_n(name.data(), std::min(name.size(), text.size()), text.data());
    return short_words_of(text.data(), std::min(name.size(), text.size()));
}

/// Whether all bytes of `text` are plain. The last bytes are examined as part of a full block that overlaps the
/// previous one.
[[nodiscard]] inline bool is_all_plain(std::string_view text) noexcept {
    char const* at = text.data();
    std::size_t const size = text.size();
    if (size >= scan_width) {
        char const* const last = at + (size - scan_width);
        for (; at < last; at += scan_width)
            if (plain_prefix(at) != scan_width) return false;
        return plain_prefix(last) == scan_width;
    }
#if defined(__SSE2__)
    if (size >= 8) return special_bytes(_mm_set_epi64x(load<std::int64_t>(at + size - 8), load<std::int64_t>(at))) == 0;
    if (size >= 4)
        return special_bytes(_mm_set1_epi64x(
                   static_cast<std::int64_t>(std::uint64_t{load<std::uint32_t>(at)} |
                                             std::uint64_t{load<std::uint32_t>(at + size - 4)} << 32))) == 0;
#endif
    for (char const c : text)
        if (!is_plain(c)) return false;
    return true;
}

/// The first byte in [at, end) that is not plain, else `end`.
[[nodiscard]] inline char const* skip_plain(char const* at, char const* end) noexcept {
    while (static_cast<std::size_t>(end - at) >= scan_width) {
#if defined(__SSE2__)
        // Going on by a constant lets the processor read the next block before it has judged this one.
        if (auto const special = special_bytes(at); special != 0) return at + std::countr_zero(special);
#else
        if (auto const n = plain_prefix(at); n != scan_width) return at + n;
#endif
        at += scan_width;
    }
    while (at != end && is_plain(*at)) ++at;
    return at;
}

} // namespace dynasio::dynamodb::detail

#endif
