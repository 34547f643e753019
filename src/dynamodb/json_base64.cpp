#include <dynasio/dynamodb/json.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "base64.hpp"

namespace dynasio::dynamodb {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint32_t no_digit = 0x80000000;

/// The six bits of a digit, shifted to where they belong when it is the first, second, third or fourth of its group.
template <int Shift>
constexpr std::array<std::uint32_t, 256> digits = [] {
    std::array<std::uint32_t, 256> table{};
    table.fill(no_digit);
    for (std::uint32_t i = 0; i != alphabet.size(); ++i) table[static_cast<unsigned char>(alphabet[i])] = i << Shift;
    return table;
}();

/// Two digits for each twelve bits: half as many steps as with one.
constexpr std::array<std::array<char, 2>, 4096> digit_pairs = [] {
    std::array<std::array<char, 2>, 4096> table{};
    for (std::size_t i = 0; i != table.size(); ++i) table[i] = {alphabet[i >> 6], alphabet[i & 0x3f]};
    return table;
}();

std::uint32_t digit(std::string_view text, std::size_t i) noexcept {
    return digits<0>[static_cast<unsigned char>(text[i])];
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
    std::size_t i = 0;
    for (; bytes.size() - i >= 3; i += 3) {
        auto const group = (byte(i) << 16) | (byte(i + 1) << 8) | byte(i + 2);
        std::memcpy(to, digit_pairs[group >> 12].data(), 2);
        std::memcpy(to + 2, digit_pairs[group & 0xfff].data(), 2);
        to += 4;
    }
    if (i == bytes.size()) return;
    auto const two = bytes.size() - i == 2;
    auto const group = (byte(i) << 16) | (two ? byte(i + 1) << 8 : 0);
    std::memcpy(to, digit_pairs[group >> 12].data(), 2);
    to[2] = two ? alphabet[(group >> 6) & 0x3f] : '=';
    to[3] = '=';
}

namespace detail {

std::optional<std::size_t> base64_size(std::string_view text) noexcept {
    if (text.size() % 4 != 0) return std::nullopt;
    return text.empty() ? 0 : text.size() / 4 * 3 - padding_of(text);
}

bool read_base64(std::string_view text, char* to) noexcept {
    if (text.empty()) return true;
    std::size_t const padding = padding_of(text);
    auto const size = text.size() - padding;
    auto const* const from = reinterpret_cast<unsigned char const*>(text.data());
    auto const put = [&to](std::uint32_t byte) { *to++ = static_cast<char>(static_cast<unsigned char>(byte & 0xff)); };
    std::uint32_t seen = 0;
    std::size_t i = 0;
    for (; size - i >= 4; i += 4) {
        auto const group =
            digits<18>[from[i]] | digits<12>[from[i + 1]] | digits<6>[from[i + 2]] | digits<0>[from[i + 3]];
        seen |= group;
        put(group >> 16);
        put(group >> 8);
        put(group);
    }
    if (padding != 0) {
        for (std::size_t k = i; k != size; ++k) seen |= digit(text, k);
        if ((digit(text, size - 1) & (padding == 1 ? 0x03U : 0x0fU)) != 0) return false;
        put((digit(text, i) << 2) | (digit(text, i + 1) >> 4));
        if (padding == 1) put((digit(text, i + 1) << 4) | (digit(text, i + 2) >> 2));
    }
    return (seen & no_digit) == 0;
}

} // namespace detail

bool decode_base64(std::string_view text, std::string& out) {
    auto const size = detail::base64_size(text);
    out.resize(size.value_or(0));
    bool const good = size && detail::read_base64(text, out.data());
    if (!good) out.clear();
    return good;
}

} // namespace dynasio::dynamodb
