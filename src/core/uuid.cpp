#include <dynasio/core/uuid.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "ascii.hpp"

namespace dynasio {
namespace {

constexpr bool is_hyphen_at(std::size_t i) noexcept { return i == 8 || i == 13 || i == 18 || i == 23; }

} // namespace

void uuid_to_chars(uuid_bytes const& bytes, char* to) noexcept {
    constexpr char digits[] = "0123456789abcdef";
    std::size_t at = 0;
    for (unsigned char const byte : bytes) {
        if (is_hyphen_at(at)) to[at++] = '-';
        to[at++] = digits[byte >> 4];
        to[at++] = digits[byte & 15];
    }
}

std::string uuid_text(uuid_bytes const& bytes) {
    std::string text(uuid_text_size, '-');
    uuid_to_chars(bytes, text.data());
    return text;
}

std::optional<uuid_bytes> parse_uuid(std::string_view text) noexcept {
    if (text.size() == uuid_text_size + 2 && text.front() == '{' && text.back() == '}')
        text = text.substr(1, uuid_text_size);
    else if (constexpr std::string_view urn = "urn:uuid:"; detail::is_equal_but_case(text.substr(0, urn.size()), urn))
        text.remove_prefix(urn.size());
    if (text.size() != uuid_text_size) return std::nullopt;
    uuid_bytes bytes{};
    std::size_t at = 0;
    for (unsigned char& byte : bytes) {
        if (is_hyphen_at(at) && text[at++] != '-') return std::nullopt;
        int const high = detail::hex_value(text[at++]);
        int const low = detail::hex_value(text[at++]);
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
