#include <dynasio/core/error.hpp>
#include <dynasio/core/timestamp.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "ascii.hpp"

namespace dynasio {
namespace {

using dynasio::detail::is_digit;

constexpr system_time first_time = std::chrono::sys_days(std::chrono::year(0) / 1 / 1);

constexpr auto pairs_of_digits = [] {
    std::array<char, 200> pairs{};
    for (unsigned i = 0; i != pairs.size(); ++i) pairs[i] = static_cast<char>('0' + (i % 2 == 0 ? i / 20 : i / 2 % 10));
    return pairs;
}();

/// Writes a value below 100 as two digits.
void put_two(char* out, unsigned value) noexcept { std::memcpy(out, &pairs_of_digits[2UL * value], 2); }

/// Takes the parts of a fixed format off the front of a text.
class scanner {
public:
    explicit scanner(std::string_view text) noexcept : rest_(text) {}

    [[nodiscard]] bool number(unsigned width, int& value) noexcept {
        if (rest_.size() < width) return false;
        value = 0;
        for (unsigned i = 0; i < width; ++i) {
            if (!is_digit(rest_[i])) return false;
            value = value * 10 + (rest_[i] - '0');
        }
        rest_.remove_prefix(width);
        return true;
    }

    [[nodiscard]] bool literal(char c) noexcept {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }

    /// Reads the digits of a fraction as milliseconds; digits after the third are dropped.
    [[nodiscard]] bool fraction(int& milliseconds) noexcept {
        std::size_t digits = 0;
        milliseconds = 0;
        for (; digits < rest_.size() && is_digit(rest_[digits]); ++digits)
            if (digits < 3) milliseconds = milliseconds * 10 + (rest_[digits] - '0');
        if (digits == 0) return false;
        for (std::size_t i = digits; i < 3; ++i) milliseconds *= 10;
        rest_.remove_prefix(digits);
        return true;
    }

    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

private:
    std::string_view rest_;
};

/// "Z", " UTC", "+hh:mm", "+hhmm" or "+hh"; a space may stand before a sign.
bool parse_offset(scanner& in, std::chrono::minutes& offset) noexcept {
    bool const spaced = in.literal(' ');
    if (spaced ? in.literal('U') && in.literal('T') && in.literal('C') : in.literal('Z') || in.literal('z')) {
        offset = {};
        return true;
    }
    bool const negative = in.literal('-');
    if (!negative && !in.literal('+')) return false;
    int hours = 0;
    int minutes = 0;
    if (!in.number(2, hours) || hours > 23) return false;
    if (!in.at_end()) {
        (void)in.literal(':');
        if (!in.number(2, minutes) || minutes > 59) return false;
    }
    offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
    if (negative) offset = -offset;
    return true;
}

constexpr std::uint64_t ones = 0x0101010101010101;

/// One of the three eight-byte parts of the usual form, "0000-00-00T00:00:00.000Z" with any digits.
struct usual_part {
    std::uint64_t zeros = 0;      ///< The part's text with '0' in place of each digit.
    std::uint64_t to_the_top = 0; ///< Added to the result of digits(), sets the highest bit of each invalid byte.

    /// Maps a digit to 0 to 9, the expected separator to 0, and every other character to a value above these.
    [[nodiscard]] std::uint64_t digits(char const* text) const noexcept {
        std::uint64_t word = 0;
        std::memcpy(&word, text, sizeof word);
        return word ^ zeros;
    }
    /// Not zero if any byte is neither a digit nor the expected separator.
    [[nodiscard]] std::uint64_t wrong(std::uint64_t digits) const noexcept {
        return (((digits & (ones * 0x7f)) + to_the_top) | digits) & (ones * 0x80);
    }
};
constexpr std::array<usual_part, 3> usual_parts = [] {
    std::array<usual_part, 3> parts{};
    constexpr std::string_view text = "0000-00-00T00:00:00.000Z";
    for (std::size_t i = 0; i != text.size(); ++i) {
        parts[i / 8].zeros |= std::uint64_t{static_cast<unsigned char>(text[i])} << (8 * (i % 8));
        parts[i / 8].to_the_top |= std::uint64_t{text[i] == '0' ? 0x76U : 0x7fU} << (8 * (i % 8));
    }
    return parts;
}();

/// The two-digit number at byte `at`. In `pairs` each digit was multiplied by ten and added to the digit after it.
unsigned two_digits(std::uint64_t pairs, unsigned at) noexcept {
    return static_cast<unsigned>((pairs >> (8 * at)) & 0xff);
}

/// Reads the usual form, eight bytes at a time. Returns nothing for every other form and for a leap second.
std::optional<system_time> parse_usual(std::string_view text) noexcept {
    if (std::endian::native != std::endian::little || text.size() != timestamp::text_size) return std::nullopt;
    auto const [first, second, third] = usual_parts;
    std::uint64_t const day_part = first.digits(text.data());
    std::uint64_t const time_part = second.digits(text.data() + 8);
    std::uint64_t const end_part = third.digits(text.data() + 16);
    if ((first.wrong(day_part) | second.wrong(time_part) | third.wrong(end_part)) != 0) return std::nullopt;
    std::uint64_t const in_day_part = day_part * 10 + (day_part >> 8);
    std::uint64_t const in_time_part = time_part * 10 + (time_part >> 8);
    std::uint64_t const in_end_part = end_part * 10 + (end_part >> 8);
    std::chrono::year_month_day const date(
        std::chrono::year(static_cast<int>(two_digits(in_day_part, 0) * 100 + two_digits(in_day_part, 2))),
        std::chrono::month(two_digits(in_day_part, 5)), std::chrono::day(two_digits(in_time_part, 0)));
    unsigned const hours = two_digits(in_time_part, 3);
    unsigned const minutes = two_digits(in_time_part, 6);
    unsigned const seconds = two_digits(in_end_part, 1);
    if (!date.ok() || hours > 23 || minutes > 59 || seconds > 59) return std::nullopt;
    unsigned const milliseconds = two_digits(in_end_part, 4) * 10 + two_digits(end_part, 6);
    return std::chrono::sys_days(date) +
           std::chrono::milliseconds(((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds);
}

/// Leap seconds are inserted only after 23:59:59 UTC of a month's last day.
bool ends_a_month(system_time minute) noexcept {
    auto const next = minute + std::chrono::minutes(1);
    auto const day = std::chrono::floor<std::chrono::days>(next);
    return next == day && std::chrono::year_month_day(day).day() == std::chrono::day(1);
}

/// Reads every form. The function is not inlined, because the registers it needs would then be saved for the usual form
/// too.
[[gnu::noinline]] std::optional<timestamp> parse_any(std::string_view text) noexcept {
    scanner in(text);
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int milliseconds = 0;
    std::chrono::minutes offset{};
    if (!in.number(4, year) || !in.literal('-') || !in.number(2, month) || !in.literal('-') || !in.number(2, day))
        return std::nullopt;
    if (!in.literal('T') && !in.literal('t') && !in.literal(' ')) return std::nullopt;
    if (!in.number(2, hour) || !in.literal(':') || !in.number(2, minute) || !in.literal(':') || !in.number(2, second))
        return std::nullopt;
    if (in.literal('.') && !in.fraction(milliseconds)) return std::nullopt;
    if (!parse_offset(in, offset) || !in.at_end()) return std::nullopt;

    std::chrono::year_month_day const date(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day)));
    if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
    system_time time = std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) - offset;
    if (second == 60) {
        if (!ends_a_month(time)) return std::nullopt;
        second = 59;
        milliseconds = 999;
    }
    time += std::chrono::seconds(second) + std::chrono::milliseconds(milliseconds);
    if (time < first_time || time >= timestamp::end_time) return std::nullopt;
    return timestamp(time);
}

} // namespace

std::string timestamp::to_string() const {
    std::array<char, text_size> text;
    return std::string(text.data(), to_chars(text.data()));
}

std::size_t timestamp::to_chars(char* out) const {
    if (!set_) return 0;
    if (time_ < first_time || time_ >= end_time)
        throw_error(errc::invalid_argument,
                    "a timestamp outside the years 0000 to 9999 has no RFC 3339 text: mend where it comes from");
    auto const day = std::chrono::floor<std::chrono::days>(time_);
    std::chrono::year_month_day const date(day);
    auto const in_day = static_cast<unsigned>((time_ - day).count());
    constexpr std::string_view form = "0000-00-00T00:00:00.000Z";
    static_assert(form.size() == text_size);
    std::memcpy(out, form.data(), form.size());
    auto const year = static_cast<unsigned>(static_cast<int>(date.year()));
    put_two(out, year / 100);
    put_two(out + 2, year % 100);
    put_two(out + 5, static_cast<unsigned>(date.month()));
    put_two(out + 8, static_cast<unsigned>(date.day()));
    put_two(out + 11, in_day / 3'600'000);
    put_two(out + 14, in_day / 60'000 % 60);
    put_two(out + 17, in_day / 1000 % 60);
    out[20] = static_cast<char>('0' + in_day % 1000 / 100);
    put_two(out + 21, in_day % 100);
    return text_size;
}

std::optional<timestamp> timestamp::parse(std::string_view text) noexcept {
    if (auto const usual = parse_usual(text)) return timestamp(*usual);
    return parse_any(text);
}

} // namespace dynasio
