#ifndef DYNASIO_SRC_CORE_JSON_ESCAPE_HPP
#define DYNASIO_SRC_CORE_JSON_ESCAPE_HPP

#include <string>

#include "ascii.hpp"

// The escapes in JSON strings (RFC 8259). All readers and writers of the library use these functions.
namespace dynasio::detail {

/// The UTF-16 code unit of four hexadecimal digits at `at`; negative when they are none.
[[nodiscard]] inline int read_code_unit(char const* at, char const* end) noexcept {
    if (end - at < 4) return -1;
    int unit = 0;
    for (int i = 0; i != 4; ++i) {
        int const digit = hex_value(at[i]);
        if (digit < 0) return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

struct json_escape {
    char const* next = nullptr; ///< Behind the escape; null when it is malformed.
    unsigned code_point = 0;
    // Set for a malformed escape only.
    char const* fault_at = nullptr;
    char const* fault = nullptr;
};

/// Reads the escape whose backslash is before `at`. A pair of surrogates is one escape.
[[nodiscard]] inline json_escape read_json_escape(char const* at, char const* end) noexcept {
    auto const is = [&](char plain) { return json_escape{at + 1, static_cast<unsigned char>(plain)}; };
    auto const malformed = [](char const* where, char const* why) { return json_escape{nullptr, 0, where, why}; };
    if (at == end) return malformed(at, "unexpected end of text");
    switch (*at) {
    case '"':
    case '\\':
    case '/':
        return is(*at);
    case 'b':
        return is('\b');
    case 'f':
        return is('\f');
    case 'n':
        return is('\n');
    case 'r':
        return is('\r');
    case 't':
        return is('\t');
    case 'u':
        break;
    default:
        return malformed(at, "unknown escape");
    }
    auto const unit = read_code_unit(at + 1, end);
    if (unit < 0) return malformed(at, "expected four hexadecimal digits after \\u");
    auto const code_point = static_cast<unsigned>(unit);
    if (code_point < 0xd800 || code_point >= 0xe000) return {at + 5, code_point};
    auto const* const second = at + 5;
    bool const follows = code_point < 0xdc00 && end - second >= 2 && second[0] == '\\' && second[1] == 'u';
    auto const trailing = follows ? read_code_unit(second + 2, end) : -1;
    if (trailing < 0xdc00 || trailing >= 0xe000) return malformed(at, "surrogate without its other half");
    return {second + 6, 0x10000 + ((code_point - 0xd800) << 10) + (static_cast<unsigned>(trailing) - 0xdc00)};
}

inline void append_utf8(std::string& out, unsigned code_point) {
    auto const put = [&out](unsigned byte) { out.push_back(static_cast<char>(byte)); };
    if (code_point < 0x80) {
        put(code_point);
    } else if (code_point < 0x800) {
        put(0xc0 | (code_point >> 6));
        put(0x80 | (code_point & 0x3f));
    } else if (code_point < 0x10000) {
        put(0xe0 | (code_point >> 12));
        put(0x80 | ((code_point >> 6) & 0x3f));
        put(0x80 | (code_point & 0x3f));
    } else {
        put(0xf0 | (code_point >> 18));
        put(0x80 | ((code_point >> 12) & 0x3f));
        put(0x80 | ((code_point >> 6) & 0x3f));
        put(0x80 | (code_point & 0x3f));
    }
}

/// Whether a JSON string must have this character as an escape.
[[nodiscard]] inline bool needs_json_escape(char c) noexcept {
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

/// Appends the escape of a character: at most 6 characters.
inline void append_json_escape(std::string& out, char c) {
    static constexpr char hex[] = "0123456789abcdef";
    switch (c) {
    case '"':
        out += "\\\"";
        break;
    case '\\':
        out += "\\\\";
        break;
    case '\b':
        out += "\\b";
        break;
    case '\f':
        out += "\\f";
        break;
    case '\n':
        out += "\\n";
        break;
    case '\r':
        out += "\\r";
        break;
    case '\t':
        out += "\\t";
        break;
    default:
        out += "\\u00";
        out.push_back(hex[static_cast<unsigned char>(c) >> 4]);
        out.push_back(hex[static_cast<unsigned char>(c) & 0xf]);
    }
}

} // namespace dynasio::detail

#endif
