#include <dynasio/core/uuid.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace dynasio {
namespace {

constexpr std::size_t uuid_length = 36;

constexpr bool is_hyphen_at(std::size_t i) noexcept { return i == 8 || i == 13 || i == 18 || i == 23; }

/// -1 for what is no hexadecimal digit.
int hex_value(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool take_prefix(std::string_view& text, std::string_view prefix) noexcept {
    if (text.size() < prefix.size()) return false;
    for (std::size_t i = 0; i < prefix.size(); ++i) {
        char const c = text[i];
        if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) != prefix[i]) return false;
    }
    text.remove_prefix(prefix.size());
    return true;
}

} // namespace

std::string uuid_text(uuid_bytes const& bytes) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text(uuid_length, '-');
    std::size_t at = 0;
    for (unsigned char const byte : bytes) {
        if (is_hyphen_at(at)) ++at;
        text[at++] = digits[byte >> 4];
        text[at++] = digits[byte & 15];
    }
    return text;
}

std::optional<uuid_bytes> parse_uuid(std::string_view text) noexcept {
    if (text.size() == uuid_length + 2 && text.front() == '{' && text.back() == '}')
        text = text.substr(1, uuid_length);
    else
        take_prefix(text, "urn:uuid:");
    if (text.size() != uuid_length) return std::nullopt;
    uuid_bytes bytes{};
    std::size_t at = 0;
    for (unsigned char& byte : bytes) {
        if (is_hyphen_at(at) && text[at++] != '-') return std::nullopt;
        int const high = hex_value(text[at++]);
        int const low = hex_value(text[at++]);
        if (high < 0 || low < 0) return std::nullopt;
        byte = static_cast<unsigned char>(high << 4 | low);
    }
    return bytes;
}

std::optional<system_time> uuid_time(uuid_bytes const& bytes) noexcept {
    if (bytes[6] >> 4 != 7 || bytes[8] >> 6 != 2) return std::nullopt;
    std::int64_t milliseconds = 0;
    for (std::size_t i = 0; i < 6; ++i) milliseconds = milliseconds << 8 | bytes[i];
    return system_time(std::chrono::milliseconds(milliseconds));
}

} // namespace dynasio
