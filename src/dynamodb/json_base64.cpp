#include <dynasio/dynamodb/json.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base64.hpp"

namespace dynasio::dynamodb {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint32_t no_digit = 0x80000000;

constexpr std::array<std::uint32_t, 256> digits = [] {
    std::array<std::uint32_t, 256> table{};
    table.fill(no_digit);
    for (std::uint32_t i = 0; i != alphabet.size(); ++i) table[static_cast<unsigned char>(alphabet[i])] = i;
    return table;
}();

std::uint32_t digit(std::string_view text, std::size_t i) noexcept {
    return digits[static_cast<unsigned char>(text[i])];
}

/// How many characters of padding end a text whose size is a multiple of four and not 0.
std::size_t padding_of(std::string_view text) noexcept {
    return text.back() != '=' ? 0 : text[text.size() - 2] != '=' ? 1 : 2;
}

} // namespace

void append_base64(std::string& out, std::string_view bytes) {
    auto const byte = [bytes](std::size_t i) { return std::uint32_t{static_cast<unsigned char>(bytes[i])}; };
    auto const start = out.size();
    out.resize(start + (bytes.size() + 2) / 3 * 4);
    auto* to = out.data() + start;
    auto const put = [&to](std::uint32_t group, int shift) { *to++ = alphabet[(group >> shift) & 0x3f]; };
    std::size_t i = 0;
    for (; bytes.size() - i >= 3; i += 3) {
        auto const group = (byte(i) << 16) | (byte(i + 1) << 8) | byte(i + 2);
        put(group, 18);
        put(group, 12);
        put(group, 6);
        put(group, 0);
    }
    if (i == bytes.size()) return;
    auto const two = bytes.size() - i == 2;
    auto const group = (byte(i) << 16) | (two ? byte(i + 1) << 8 : 0);
    put(group, 18);
    put(group, 12);
    if (two)
        put(group, 6);
    else
        *to++ = '=';
    *to++ = '=';
}

namespace detail {

std::optional<std::size_t> base64_size(std::string_view text) noexcept {
    if (text.size() % 4 != 0) return std::nullopt;
    if (text.empty()) return 0;
    std::size_t const padding = padding_of(text);
    std::uint32_t seen = 0;
    auto const size = text.size() - padding;
    for (std::size_t i = 0; i != size; ++i) seen |= digit(text, i);
    if ((seen & no_digit) != 0) return std::nullopt;
    if (padding != 0 && (digit(text, size - 1) & (padding == 1 ? 0x03U : 0x0fU)) != 0) return std::nullopt;
    return text.size() / 4 * 3 - padding;
}

void decode_checked_base64(std::string_view text, char* to) noexcept {
    if (text.empty()) return;
    std::size_t const padding = padding_of(text);
    auto const size = text.size() - padding;
    auto const put = [&to](std::uint32_t byte) { *to++ = static_cast<char>(static_cast<unsigned char>(byte & 0xff)); };
    std::size_t i = 0;
    for (; size - i >= 4; i += 4) {
        auto const group =
            (digit(text, i) << 18) | (digit(text, i + 1) << 12) | (digit(text, i + 2) << 6) | digit(text, i + 3);
        put(group >> 16);
        put(group >> 8);
        put(group);
    }
    if (padding == 0) return;
    put((digit(text, i) << 2) | (digit(text, i + 1) >> 4));
    if (padding == 1) put((digit(text, i + 1) << 4) | (digit(text, i + 2) >> 2));
}

} // namespace detail

bool decode_base64(std::string_view text, std::string& out) {
    // The text is checked before anything is written, so that bad text leaves `out` unchanged and good text reuses its
    // memory.
    auto const size = detail::base64_size(text);
    if (!size) return false;
    out.resize(*size);
    detail::decode_checked_base64(text, out.data());
    return true;
}

} // namespace dynasio::dynamodb
