#ifndef DYNASIO_SRC_ORM_TYPE_FLOATING_HPP
#define DYNASIO_SRC_ORM_TYPE_FLOATING_HPP

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace dynasio::detail {

/// Whether DynamoDB can store this number.
template <class Float> [[nodiscard]] bool is_storable(Float value) noexcept {
    auto const magnitude = std::abs(static_cast<double>(value));
    return value == 0 || (magnitude >= 1e-130 && magnitude < 1e126);
}

inline constexpr std::size_t max_decimals = 4;

/// Writes a number of few decimals, as prices and measurements are. Null for any other number, which is then written in
/// the general way; that takes four times as long. No decimals are tried first, then one, and so on: the first try that
/// reads back as the same double is the shortest text that does, because a double holds integers below 10^15 exactly
/// and their quotient is rounded once.
[[nodiscard]] inline char* write_few_decimals(char* at, char* end, double value) noexcept {
    constexpr std::array<std::uint32_t, max_decimals + 1> powers{1, 10, 100, 1000, 10000};
    double const magnitude = std::abs(value);
    if (!(magnitude >= 1e-3 && magnitude < 1e9)) return nullptr;
    for (std::size_t decimals = 0; decimals != powers.size(); ++decimals) {
        auto const power = powers[decimals];
        // NOLINTNEXTLINE(bugprone-incorrect-roundings): the comparison below rejects a wrongly rounded result
        auto const digits = static_cast<std::uint64_t>(magnitude * power + 0.5);
        if (static_cast<double>(digits) / power != magnitude) continue;
        if (decimals == 0 && digits >= 100000 && digits % 10 == 0) return nullptr; // "1e+05" is shorter.
        if (value < 0) *at++ = '-';
        at = std::to_chars(at, end, digits / power).ptr;
        if (decimals == 0) return at;
        *at++ = '.';
        auto fraction = static_cast<std::uint32_t>(digits % power);
        for (std::size_t i = decimals; i-- != 0; fraction /= 10) at[i] = static_cast<char>('0' + fraction % 10);
        return at + decimals;
    }
    return nullptr;
}

/// Writes the shortest text that reads back as the same number, and returns where it ends. -0.0 is written as 0,
/// because DynamoDB has one zero.
template <class Float> [[nodiscard]] char* write_floating(char* at, char* end, Float value) noexcept {
    if constexpr (std::is_same_v<Float, double>)
        if (auto* const written = write_few_decimals(at, end, value)) return written;
    return std::to_chars(at, end, value == 0 ? Float(0) : value).ptr;
}

} // namespace dynasio::detail

#endif
