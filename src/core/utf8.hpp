#ifndef DYNASIO_SRC_CORE_UTF8_HPP
#define DYNASIO_SRC_CORE_UTF8_HPP

#include <cstddef>

namespace dynasio::detail {

/// Number of bytes of the character at `at`; 0 when it is not well-formed UTF-8 (Unicode, table 3-7: no overlong forms,
/// no surrogates, nothing above U+10FFFF). Precondition: the character is not ASCII.
[[nodiscard]] inline std::size_t utf8_length(char const* at, char const* end) noexcept {
    auto const left = static_cast<std::size_t>(end - at);
    auto const byte = [at](std::size_t i) { return static_cast<unsigned char>(at[i]); };
    auto const continues = [byte](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
    auto const lead = byte(0);
    if (lead < 0xc2) return 0;
    if (lead < 0xe0) return left >= 2 && continues(1) ? 2 : 0;
    if (lead < 0xf0) {
        if (left < 3 || !continues(1) || !continues(2)) return 0;
        if (lead == 0xe0 && byte(1) < 0xa0) return 0;
        if (lead == 0xed && byte(1) >= 0xa0) return 0;
        return 3;
    }
    if (lead > 0xf4 || left < 4 || !continues(1) || !continues(2) || !continues(3)) return 0;
    if (lead == 0xf0 && byte(1) < 0x90) return 0;
    if (lead == 0xf4 && byte(1) >= 0x90) return 0;
    return 4;
}

/// Skips characters that are not ASCII. Returns null when they are not well-formed UTF-8.
[[nodiscard]] inline char const* skip_non_ascii(char const* at, char const* end) noexcept {
    while (at != end && static_cast<unsigned char>(*at) >= 0x80) {
        auto const length = utf8_length(at, end);
        if (length == 0) return nullptr;
        at += length;
    }
    return at;
}

} // namespace dynasio::detail

#endif
