#include <dynasio/dynamodb/detail/clock_skew.hpp>

#include <gtest/gtest.h>

#include <iostream>
#include <optional>
#include <string>

#include "support/test_data.hpp"

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

TEST(clock_skew, an_offset_may_stand_for_gmt) {
    EXPECT_EQ(parse_http_date("Sat, 21 Nov 2026 07:00:00 -0500"), now);
    EXPECT_EQ(parse_http_date("Sat, 21 Nov 2026 17:30:00 +0530"), now);
    for (char const* bad :
         {"Sat, 21 Nov 2026 12:00:00 0500", "Sat, 21 Nov 2026 12:00:00 -2400", "Sat, 21 Nov 2026 12:00:00 -0560",
          "Sat, 21 Nov 2026 12:00:00 -05000", "Sat, 21 Nov 2026 12:00:00 -050", "Sat, 21 Nov 2026 12:00:00"})
        EXPECT_EQ(parse_http_date(bad), std::nullopt) << bad;
}

class clock_skew_vectors : public testing::TestWithParam<std::size_t> {};

boost::json::value const& suite() {
    static auto const all = dynasio::tests::read_json("aws-shared/retry/clock-skew.json");
    return all;
}

TEST_P(clock_skew_vectors, are_corrected_when_the_suite_says_so) {
    auto const& one = suite().at("go_cases").at(GetParam());
    auto const& skew = one.at("observed_skew_seconds");
    auto const& code = one.at("code");
    std::optional<system_time> service_time;
    if (!skew.is_null()) service_time = now + std::chrono::seconds(skew.as_int64());
    auto const found =
        clock_correction(code.is_null() ? std::string() : dynasio::tests::to_string(code), service_time, now);
    EXPECT_EQ(found.has_value(), one.at("retryable").as_bool());
    EXPECT_TRUE(!found || *found == std::chrono::seconds(skew.as_int64()));
}
INSTANTIATE_TEST_SUITE_P(suite, clock_skew_vectors, testing::Range<std::size_t>(0, 13), [](auto const& one) {
    return dynasio::tests::test_name(dynasio::tests::to_string(suite().at("go_cases").at(one.param).at("name")));
});

class clock_skew_round_trips : public testing::TestWithParam<std::size_t> {};
TEST_P(clock_skew_round_trips, are_corrected_when_the_suite_says_so) {
    auto const& one = suite().at("kotlin_round_trip").at(GetParam());
    ASSERT_EQ(one.at("x_amz_date"), "20231006T131604Z");
    constexpr system_time local{std::chrono::sys_days(std::chrono::year(2023) / 10 / 6) + 13h + 16min + 4s};
    auto const date = parse_http_date(dynasio::tests::to_string(one.at("server_date")));
    auto const found = clock_correction(dynasio::tests::to_string(one.at("code")), date, local);
    EXPECT_EQ(found.has_value(), one.at("skew_applied").as_bool());
}
INSTANTIATE_TEST_SUITE_P(suite, clock_skew_round_trips, testing::Range<std::size_t>(0, 3), [](auto const& one) {
    return dynasio::tests::test_name(
        dynasio::tests::to_string(suite().at("kotlin_round_trip").at(one.param).at("name")));
});

TEST(clock_skew_vectors, are_all_run) {
    EXPECT_EQ(suite().at("go_cases").as_array().size(), 13U);
    EXPECT_EQ(suite().at("kotlin_round_trip").as_array().size(), 3U);
    std::cout << "clock-skew vectors: 13 and 3 compared, 0 skipped\n";
}

} // namespace
