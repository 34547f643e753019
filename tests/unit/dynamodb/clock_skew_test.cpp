#include <dynasio/dynamodb/detail/clock_skew.hpp>

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using dynasio::system_time;
using dynasio::dynamodb::detail::clock_correction;
using dynasio::dynamodb::detail::parse_http_date;

constexpr system_time now{std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) + 12h};

TEST(clock_skew, dates_of_http_are_read) {
    EXPECT_EQ(parse_http_date("Sat, 21 Nov 2026 12:00:00 GMT"), now);
    EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), system_time(784111777s));
}

TEST(clock_skew, what_is_no_date_is_none) {
    for (char const* bad :
         {"", "Sat, 21 Nov 2026 12:00:00 UTC", "Sat, 31 Nov 2026 12:00:00 GMT", "Sat, 21 nov 2026 12:00:00 GMT",
          "Sat, 21 Nov 2026 24:00:00 GMT", "Sat, 21 Nov 2026 12:00:0x GMT", "Saturday, 21-Nov-26 12:00:00 GMT",
          "Sat, -1 Nov 2026 12:00:00 GMT"})
        EXPECT_EQ(parse_http_date(bad), std::nullopt) << bad;
}

TEST(clock_skew, errors_that_a_wrong_date_causes_are_corrected) {
    for (char const* name : {"InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure",
                             "RequestTimeTooSkewed", "AccessDeniedException"})
        EXPECT_EQ(clock_correction(name, now + 300s, now), 300s) << name;
    EXPECT_EQ(clock_correction("InvalidSignatureException", now - 300s, now), -300s);
}

TEST(clock_skew, small_differences_and_other_errors_are_not) {
    EXPECT_EQ(clock_correction("InvalidSignatureException", now + 120s, now), std::nullopt);
    EXPECT_EQ(clock_correction("InvalidSignatureException", now + 240s, now), std::nullopt);
    EXPECT_EQ(clock_correction("InvalidSignatureException", std::nullopt, now), std::nullopt);
    for (char const* name : {"ValidationException", "", "RequestExpired", "RequestInTheFuture"})
        EXPECT_EQ(clock_correction(name, now + 300s, now), std::nullopt) << name;
}

} // namespace
