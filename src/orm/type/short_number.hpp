#ifndef DYNASIO_SRC_ORM_TYPE_SHORT_NUMBER_HPP
#define DYNASIO_SRC_ORM_TYPE_SHORT_NUMBER_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace dynasio::detail {

/// A number of this many digits fits both an int64 and the integers that a double holds exactly.
inline constexpr std::size_t max_short_number = 15;
inline constexpr std::array<double, max_short_number + 1> powers_of_ten{1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                                        1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

/// Reads a number in its usual spelling: at most max_short_number characters, which are digits, perhaps after a minus
/// sign and, for double, with a fraction. False for any other text, which is then read in the general way.
template <class Number> bool parse_short_number(std::string_view text, Number& value) noexcept {
    bool const negative = !text.empty() && text.front() == '-';
    if (negative && std::is_unsigned_v<Number>) return false;
    if (negative) text.remove_prefix(1);
    if (text.empty() || text.size() > max_short_number) return false;
    std::int64_t digits = 0;
    std::size_t point = text.size();
    for (std::size_t i = 0; i != text.size(); ++i) {
        auto const digit = static_cast<unsigned>(text[i]) - unsigned{'0'};
        if (digit <= 9) {
            digits = digits * 10 + digit;
        } else if (text[i] == '.' && point == text.size() && std::is_same_v<Number, double>) {
            point = i;
        } else {
            return false;
        }
    }
    if constexpr (std::is_same_v<Number, double>) {
        if (point == 0 || point + 1 == text.size() || (negative && digits == 0)) return false;
        auto const fraction = point == text.size() ? 0 : text.size() - point - 1;
        // Both operands are exact, so the quotient is the nearest double (one rounding).
        auto const magnitude = static_cast<double>(digits) / powers_of_ten[fraction];
        value = negative ? -magnitude : magnitude;
    } else {
        value = static_cast<Number>(negative ? -digits : digits);
    }
    return true;
}

} // namespace dynasio::detail

#endif
