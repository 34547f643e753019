#include <dynasio/dynamodb/detail/clock_skew.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace dynasio::dynamodb::detail {
namespace {

constexpr std::chrono::minutes tolerance{4};
constexpr std::array<std::string_view, 5> skew_errors = {"InvalidSignatureException", "SignatureDoesNotMatch",
                                                         "AuthFailure", "RequestTimeTooSkewed",
                                                         "AccessDeniedException"};
constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// The number that `text` spells; -1 unless all characters are digits.
int digits(std::string_view text) noexcept {
    int value = 0;
    for (char const c : text) {
        if (c < '0' || c > '9') return -1;
        value = value * 10 + (c - '0');
    }
    return value;
}

/// The offset of " GMT" or " +0530" from UTC.
std::optional<std::chrono::minutes> zone_offset(std::string_view text) noexcept {
    if (text == " GMT") return std::chrono::minutes(0);
    if (text.size() != 6 || text[0] != ' ' || (text[1] != '+' && text[1] != '-')) return std::nullopt;
    int const hours = digits(text.substr(2, 2));
    int const minutes = digits(text.substr(4, 2));
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
    std::chrono::minutes const ahead = std::chrono::hours(hours) + std::chrono::minutes(minutes);
    return text[1] == '-' ? -ahead : ahead;
}

} // namespace

std::optional<system_time> parse_http_date(std::string_view text) noexcept {
    // The form is "Sun, 06 Nov 1994 08:49:37 GMT", or the same with "-0500" at the end.
    auto const offset = zone_offset(text.size() > 25 ? text.substr(25) : std::string_view());
    if (!offset || text.substr(3, 2) != ", " || text[7] != ' ' || text[11] != ' ' || text[16] != ' ' ||
        text[19] != ':' || text[22] != ':')
        return std::nullopt;
    auto const month = std::find(months.begin(), months.end(), text.substr(8, 3));
    int const day = digits(text.substr(5, 2));
    int const year = digits(text.substr(12, 4));
    int const hour = digits(text.substr(17, 2));
    int const minute = digits(text.substr(20, 2));
    int const second = digits(text.substr(23, 2));
    if (month == months.end() || day < 1 || year < 0 || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
        second < 0 || second > 60)
        return std::nullopt;
    std::chrono::year_month_day const date(std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month - months.begin()) + 1),
                                           std::chrono::day(static_cast<unsigned>(day)));
    if (!date.ok()) return std::nullopt;
    return system_time(std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
                       std::chrono::seconds(second)) -
           *offset;
}

std::optional<std::chrono::milliseconds> clock_correction(std::string_view error_name,
                                                          std::optional<system_time> service_time,
                                                          system_time local_time) noexcept {
    if (!service_time || std::find(skew_errors.begin(), skew_errors.end(), error_name) == skew_errors.end())
        return std::nullopt;
    auto const difference = *service_time - local_time;
    if (std::chrono::abs(difference) <= tolerance) return std::nullopt;
    return difference;
}

} // namespace dynasio::dynamodb::detail
