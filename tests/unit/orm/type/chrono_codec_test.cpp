#include <dynasio/orm/codec.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "support/error_of.hpp"
#include "through_codec.hpp"

// Durations and dates of std::chrono.
namespace {

using namespace std::chrono_literals;
using dynasio::codec;
using dynasio::errc;
using dynasio::dynamodb::json_reader;
using dynasio::test::error_of;
using std::chrono::sys_days;
using std::chrono::year_month_day;

using dynasio::test::decoded;
using dynasio::test::encoded;

TEST(duration_codec, stores_the_number_of_its_own_units) {
    EXPECT_EQ(encoded(90s), R"({"N":"90"})");
    EXPECT_EQ(encoded(std::chrono::minutes(90)), R"({"N":"90"})");
    EXPECT_EQ(encoded(std::chrono::nanoseconds::min()), R"({"N":"-9223372036854775808"})");
    EXPECT_EQ(decoded<std::chrono::milliseconds>(R"({"N":"-5"})"), -5ms);
    EXPECT_EQ(decoded<std::chrono::nanoseconds>(encoded(std::chrono::nanoseconds::max())),
              std::chrono::nanoseconds::max());
    using ticks = std::chrono::duration<std::uint8_t, std::ratio<1, 60>>;
    EXPECT_EQ(decoded<ticks>(R"({"N":"255"})").count(), 255);
    EXPECT_EQ(encoded(std::optional(1h)), R"({"N":"1"})");
    EXPECT_EQ(encoded(std::set<std::chrono::seconds>{1s, 2s}), R"({"NS":["1","2"]})");
}

TEST(duration_codec, refuses_what_its_count_cannot_hold) {
    using ticks = std::chrono::duration<std::uint8_t>;
    for (auto const* text : {R"({"N":"256"})", R"({"N":"-1"})", R"({"N":"1.5"})"})
        EXPECT_EQ(error_of([&] { (void)decoded<ticks>(text); }).code(), errc::number_out_of_range) << text;
    EXPECT_EQ(error_of([] { (void)decoded<ticks>(R"({"S":"1"})"); }).code(), errc::attribute_type_mismatch);
}

TEST(date_codec, stores_text_in_the_order_of_time) {
    EXPECT_EQ(encoded(sys_days(2026y / 11 / 28)), R"({"S":"2026-11-28"})");
    EXPECT_EQ(encoded(sys_days()), R"({"S":"1970-01-01"})");
    EXPECT_EQ(encoded(year_month_day(7y / 1 / 2)), R"({"S":"0007-01-02"})");
    EXPECT_EQ(decoded<sys_days>(R"({"S":"2024-02-29"})"), sys_days(2024y / 2 / 29));
    EXPECT_EQ(decoded<year_month_day>(R"({"S":"9999-12-31"})"), 9999y / 12 / 31);
    EXPECT_EQ(decoded<year_month_day>(R"({"S":"0000-01-01"})"), 0y / 1 / 1);
}

TEST(date_codec, takes_a_date_that_is_not_set_for_absent) {
    EXPECT_TRUE(dynasio::detail::is_absent(year_month_day{}));
    EXPECT_FALSE(dynasio::detail::is_absent(year_month_day(0y / 1 / 1)));
    EXPECT_FALSE(dynasio::detail::is_absent(sys_days()));
}

TEST(date_codec, refuses_what_is_no_date) {
    for (std::string const text :
         {"", "2026-11-2", "2026-1-028", "2026-11-31", "2023-02-29", "2026-00-01", "2026-13-01", "2026-11-28T00:00:00Z",
          "2026/11/28", "-026-11-28", "20261128", " 026-11-28"}) {
        auto const refused = error_of([&] { (void)decoded<sys_days>(R"({"S":")" + text + "\"}"); });
        EXPECT_EQ(refused.code(), errc::attribute_type_mismatch) << text;
        EXPECT_NE(refused.info().message.find("\"" + text + "\" is no date"), std::string::npos) << text;
    }
    EXPECT_EQ(error_of([] { (void)decoded<sys_days>(R"({"N":"1"})"); }).code(), errc::attribute_type_mismatch);
    for (auto const date : {2023y / 2 / 29, -1y / 1 / 1, 10000y / 1 / 1, 2026y / 0 / 1})
        EXPECT_EQ(error_of([&] { (void)encoded(year_month_day(date)); }).code(), errc::invalid_argument);
}

} // namespace
