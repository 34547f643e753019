#ifndef DYNASIO_SRC_HTTP_FIELD_GRAMMAR_HPP
#define DYNASIO_SRC_HTTP_FIELD_GRAMMAR_HPP

#include <array>
#include <string_view>

namespace dynasio::http::detail {

inline constexpr auto token_table = [] {
    std::array<bool, 256> is_token{};
    for (unsigned c = 'a'; c <= 'z'; ++c) is_token[c] = is_token[c - 'a' + 'A'] = true;
    for (unsigned c = '0'; c <= '9'; ++c) is_token[c] = true;
    for (char const c : std::string_view("!#$%&'*+-.^_`|~")) is_token[static_cast<unsigned char>(c)] = true;
    return is_token;
}();

/// Whether a name may contain `c` (RFC 9110, 5.6.2).
[[nodiscard]] inline bool is_token(char c) noexcept { return token_table[static_cast<unsigned char>(c)]; }

/// Whether a header's value, a reason phrase or a chunk extension may contain `c` (RFC 9110, 5.5).
[[nodiscard]] inline bool is_text(char c) noexcept {
    auto const byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || c == '\t';
}

} // namespace dynasio::http::detail

#endif
