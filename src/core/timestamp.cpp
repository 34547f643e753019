#include <dynasio/core/error.hpp>
#include <dynasio/core/timestamp.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace dynasio {
namespace {

constexpr system_time first_time = std::chrono::sys_days(std::chrono::year(0) / 1 / 1);
constexpr system_time end_time = std::chrono::sys_days(std::chrono::year(10000) / 1 / 1);

void put_digits(char* out, unsigned value, unsigned width) noexcept {
    for (unsigned i = width; i-- > 0; value /= 10) out[i] = static_cast<char>('0' + value % 10);
}

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

    /// The digits of a fraction as milliseconds.
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
    static bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

    std::string_view rest_;
};

bool parse_offset(scanner& in, std::chrono::minutes& offset) noexcept {
    if (in.literal('Z') || in.literal('z')) {
        offset = {};
        return true;
    }
    bool const negative = in.literal('-');
    if (!negative && !in.literal('+')) return false;
    int hours = 0;
    int minutes = 0;
    if (!in.number(2, hours) || !in.literal(':') || !in.number(2, minutes) || hours > 23 || minutes > 59) return false;
    offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
    if (negative) offset = -offset;
    return true;
}

constexpr std::uint64_t ones = 0x0101010101010101;

/// Eight bytes of the usual form.
struct usual_part {
    std::uint64_t zeros = 0;      ///< As text, with '0' for each digit.
    std::uint64_t to_the_top = 0; ///< What sets the highest bit of a byte when it is added to one that is wrong.
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

/// The usual form, "0000-00-00T00:00:00.000Z" with any digits, eight bytes at a time.
class usual_form {
public:
    explicit usual_form(std::string_view text) noexcept {
        if (std::endian::native != std::endian::little || text.size() != timestamp::text_size) return;
        std::uint64_t wrong = 0;
        for (std::size_t i = 0; i != 3; ++i) {
            std::uint64_t word = 0;
            std::memcpy(&word, text.data() + 8 * i, 8);
            // Digits become 0 to 9, the characters between them 0, and anything else is more than that.
            digits_[i] = word ^ usual_parts[i].zeros;
            wrong |= (((digits_[i] & (ones * 0x7f)) + usual_parts[i].to_the_top) | digits_[i]) & (ones * 0x80);
        }
        is_ = wrong == 0;
    }
    [[nodiscard]] explicit operator bool() const noexcept { return is_; }
    /// The number of one digit, or of two.
    [[nodiscard]] int one(std::size_t at) const noexcept {
        return static_cast<int>((digits_[at / 8] >> (8 * (at % 8))) & 0xff);
    }
    /// Both digits must be in the same word.
    [[nodiscard]] int two(std::size_t at) const noexcept {
        std::uint64_t const word = digits_[at / 8];
        return static_cast<int>(((word * 10 + (word >> 8)) >> (8 * (at % 8))) & 0xff);
    }

private:
    std::array<std::uint64_t, 3> digits_{};
    bool is_ = false;
};

/// A leap second is inserted after 23:59:59 UTC of a month's last day, and nowhere else.
bool ends_a_month(system_time minute) noexcept {
    auto const next = minute + std::chrono::minutes(1);
    auto const day = std::chrono::floor<std::chrono::days>(next);
    return next == day && std::chrono::year_month_day(day).day() == std::chrono::day(1);
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
    put_digits(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
    put_digits(out + 5, static_cast<unsigned>(date.month()), 2);
    put_digits(out + 8, static_cast<unsigned>(date.day()), 2);
    put_digits(out + 11, in_day / 3'600'000, 2);
    put_digits(out + 14, in_day / 60'000 % 60, 2);
    put_digits(out + 17, in_day / 1000 % 60, 2);
    put_digits(out + 20, in_day % 1000, 3);
    return text_size;
}

std::optional<timestamp> timestamp::parse(std::string_view text) noexcept {
    if (usual_form const usual(text); usual) {
        auto const hours = usual.two(11);
        auto const minutes = usual.two(14);
        auto const seconds = usual.two(17);
        std::chrono::year_month_day const date(std::chrono::year(usual.two(0) * 100 + usual.two(2)),
                                               std::chrono::month(static_cast<unsigned>(usual.two(5))),
                                               std::chrono::day(static_cast<unsigned>(usual.two(8))));
        // A leap second is looked at below.
        if (date.ok() && hours <= 23 && minutes <= 59 && seconds <= 59)
            return timestamp(std::chrono::sys_days(date) +
                             std::chrono::milliseconds(((hours * 60 + minutes) * 60 + seconds) * 1000 +
                                                       usual.two(20) * 10 + usual.one(22)));
    }
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
    if (!in.literal('T') && !in.literal('t')) return std::nullopt;
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
    if (time < first_time || time >= end_time) return std::nullopt;
    return timestamp(time);
}

} // namespace dynasio
