#include <dynasio/dynamodb/attribute_value.hpp>

#include <dynasio/core/error.hpp>

#include <charconv>
#include <cmath>
#include <system_error>

#include "../core/ascii.hpp"

namespace dynasio::dynamodb {
namespace {

using dynasio::detail::is_digit;

// The service's limits of numbers.
constexpr std::size_t max_digits = 38;
constexpr std::int64_t max_exponent = 125;
constexpr std::int64_t min_exponent = -130;

// Written exponents are limited to this value. It is out of the service's range, and adding the number of digits cannot
// overflow.
constexpr std::int64_t exponent_ceiling = 1'000'000'000'000'000;

/// The parts of a decimal number: value = ±d.ddd × 10^exponent.
struct decimal {
    bool negative = false;
    std::string_view digits{}; ///< From the first to the last non-zero digit; may contain the point. Empty: zero.
    std::size_t count = 0;     ///< Digits without the point.
    std::int64_t exponent = 0; ///< Of the first digit.
    std::int64_t written_exponent = 0; ///< After the "e".
};

bool parse(std::string_view text, decimal& out) noexcept {
    std::size_t at = 0;
    if (at != text.size() && (text[at] == '+' || text[at] == '-')) {
        out.negative = text[at] == '-';
        ++at;
    }
    std::size_t whole = 0;    // Digits before the point.
    std::size_t seen = 0;     // Digits so far.
    std::size_t first = 0;    // Index among the digits of the first that is not zero,
    std::size_t last = 0;     // and of the last.
    std::size_t first_at = 0; // The same as positions in the text.
    std::size_t last_at = 0;
    bool zero = true;
    bool point = false;
    for (; at != text.size(); ++at) {
        auto const c = text[at];
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (!is_digit(c)) break;
        if (c != '0') {
            if (zero) {
                first = seen;
                first_at = at;
            }
            zero = false;
            last = seen;
            last_at = at;
        }
        ++seen;
        if (!point) whole = seen;
    }
    if (seen == 0) return false;
    if (at != text.size()) {
        if (text[at] != 'e' && text[at] != 'E') return false;
        ++at;
        bool negative = false;
        if (at != text.size() && (text[at] == '+' || text[at] == '-')) {
            negative = text[at] == '-';
            ++at;
        }
        if (at == text.size()) return false;
        std::int64_t exponent = 0;
        for (; at != text.size(); ++at) {
            if (!is_digit(text[at])) return false;
            if (exponent < exponent_ceiling) exponent = exponent * 10 + (text[at] - '0');
        }
        out.written_exponent = negative ? -exponent : exponent;
    }
    if (zero) {
        out.exponent = out.written_exponent;
        return true;
    }
    out.digits = text.substr(first_at, last_at - first_at + 1);
    out.count = last - first + 1;
    out.exponent = out.written_exponent + static_cast<std::int64_t>(whole) - static_cast<std::int64_t>(first) - 1;
    return true;
}

int compare_magnitudes(decimal const& a, decimal const& b) noexcept {
    if (a.digits.empty() || b.digits.empty()) return (a.digits.empty() ? 0 : 1) - (b.digits.empty() ? 0 : 1);
    if (a.exponent != b.exponent) return a.exponent < b.exponent ? -1 : 1;
    std::size_t i = 0;
    std::size_t j = 0;
    for (;; ++i, ++j) {
        if (i != a.digits.size() && a.digits[i] == '.') ++i;
        if (j != b.digits.size() && b.digits[j] == '.') ++j;
        if (i == a.digits.size() || j == b.digits.size())
            return (i == a.digits.size() ? 0 : 1) - (j == b.digits.size() ? 0 : 1);
        if (a.digits[i] != b.digits[j]) return a.digits[i] < b.digits[j] ? -1 : 1;
    }
}

template <class Integer> Integer to_integer(std::string const& text) {
    Integer value{};
    auto const* const end = text.data() + text.size();
    auto const result = std::from_chars(text.data(), end, value);
    if (result.ec != std::errc{} || result.ptr != end)
        throw_error(errc::number_out_of_range, "the number is no " +
                                                   std::string(std::is_signed_v<Integer> ? "" : "un") +
                                                   "signed integer of 64 bits");
    return value;
}

} // namespace

std::string canonical_number(std::string_view text) {
    decimal value;
    if (!parse(text, value) || value.exponent > max_exponent || value.exponent < min_exponent) return {};
    if (value.digits.empty()) return "0";
    if (value.count > max_digits) return {};

    std::string out;
    if (value.negative) out.push_back('-');
    auto const whole = value.exponent + 1; // Digits before the point.
    if (whole <= 0) {
        out += "0.";
        out.append(static_cast<std::size_t>(-whole), '0');
    }
    std::int64_t written = 0;
    for (char const c : value.digits) {
        if (c == '.') continue;
        if (written == whole && whole > 0) out.push_back('.');
        out.push_back(c);
        ++written;
    }
    if (written < whole) out.append(static_cast<std::size_t>(whole - written), '0');
    return out;
}

int compare_numbers(std::string_view a, std::string_view b) noexcept {
    decimal x;
    decimal y;
    if (!parse(a, x) || !parse(b, y)) return a.compare(b);
    auto const x_negative = x.negative && !x.digits.empty();
    auto const y_negative = y.negative && !y.digits.empty();
    if (x_negative != y_negative) return x_negative ? -1 : 1;
    return x_negative ? compare_magnitudes(y, x) : compare_magnitudes(x, y);
}

number number::from_double(double value) {
    if (!std::isfinite(value)) throw_error(errc::invalid_argument, "DynamoDB stores neither NaN nor infinity");
    char text[32];
    auto const result = std::to_chars(text, text + sizeof text, value);
    return parse(std::string_view(text, static_cast<std::size_t>(result.ptr - text)));
}

std::optional<number> number::try_parse(std::string_view text) {
    number result;
    result.text_ = canonical_number(text);
    if (result.text_.empty()) return std::nullopt;
    return result;
}

number number::parse(std::string_view text) {
    auto result = try_parse(text);
    if (!result)
        throw_error(errc::invalid_argument,
                    "DynamoDB stores numbers of up to 38 digits, zero or from 1E-130 up to 9.99E+125 in magnitude");
    return std::move(*result);
}

std::int64_t number::to_int64() const { return to_integer<std::int64_t>(text_); }

std::uint64_t number::to_uint64() const { return to_integer<std::uint64_t>(text_); }

double number::to_double() const {
    // Every number that DynamoDB stores is in the range of double, so this cannot fail.
    double value{};
    std::from_chars(text_.data(), text_.data() + text_.size(), value);
    return value;
}

} // namespace dynasio::dynamodb
