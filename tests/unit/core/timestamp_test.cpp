#include <dynasio/core/clock.hpp>
#include <dynasio/core/error.hpp>
#include <dynasio/core/timestamp.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace {

using namespace dynasio;
using namespace std::chrono_literals;

system_time at(int year, unsigned month, unsigned day, std::chrono::milliseconds in_day = 0ms) {
    return std::chrono::sys_days(std::chrono::year(year) / static_cast<int>(month) / static_cast<int>(day)) + in_day;
}

std::string reformatted(std::string_view text) {
    auto const parsed = timestamp::parse(text);
    return parsed ? parsed->to_string() : "invalid";
}

TEST(system_clock, agrees_with_the_standard_one) {
    auto const before = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    auto const now = system_now();
    EXPECT_LE(before, now);
    EXPECT_LE(now, std::chrono::system_clock::now());
}

TEST(timestamp_text, has_three_decimals_and_z) {
    EXPECT_EQ(timestamp(at(2026, 11, 21, 7h + 30min + 123ms)).to_string(), "2026-11-21T07:30:00.123Z");
    EXPECT_EQ(timestamp(at(1970, 1, 1)).to_string(), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(timestamp(at(1969, 12, 31, 24h - 1ms)).to_string(), "1969-12-31T23:59:59.999Z");
    EXPECT_EQ(timestamp(at(2024, 2, 29, 12h)).to_string(), "2024-02-29T12:00:00.000Z");
}

TEST(timestamp_text, can_be_written_into_a_buffer) {
    std::string buffer(timestamp::text_size + 1, '#');
    EXPECT_EQ(timestamp(at(2024, 2, 29, 12h)).to_chars(buffer.data()), timestamp::text_size);
    EXPECT_EQ(buffer, "2024-02-29T12:00:00.000Z#");
    EXPECT_EQ(timestamp().to_chars(buffer.data()), 0U);
    EXPECT_EQ(buffer, "2024-02-29T12:00:00.000Z#");
    EXPECT_EQ(timestamp().to_string(), "");
    EXPECT_THROW((void)timestamp(at(-1, 1, 1)).to_chars(buffer.data()), error);
}

TEST(timestamp_text, covers_years_0000_to_9999_and_refuses_others) {
    EXPECT_EQ(timestamp(at(0, 1, 1)).to_string(), "0000-01-01T00:00:00.000Z");
    EXPECT_EQ(timestamp(at(9999, 12, 31, 24h - 1ms)).to_string(), "9999-12-31T23:59:59.999Z");
    EXPECT_THROW((void)timestamp(at(10000, 1, 1)).to_string(), error);
    EXPECT_THROW((void)timestamp(at(0, 1, 1) - 1ms).to_string(), error);
}

TEST(timestamp_text, is_empty_when_unset) {
    EXPECT_EQ(timestamp().to_string(), "");
    EXPECT_FALSE(timestamp().is_set());
    EXPECT_FALSE(static_cast<bool>(timestamp()));
    EXPECT_TRUE(timestamp(system_time()).is_set());
}

TEST(timestamp_order, puts_unset_first_and_follows_the_text) {
    timestamp const early(at(1850, 1, 1));
    timestamp const late(at(2026, 11, 21, 1ms));
    EXPECT_LT(timestamp(), early);
    EXPECT_LT(early, late);
    EXPECT_LT(early.to_string(), late.to_string());
    EXPECT_NE(timestamp(), timestamp(system_time()));
    EXPECT_EQ(timestamp(), timestamp());
}

TEST(timestamp_parse, reads_its_own_text) {
    for (auto const time : {at(0, 1, 1), at(1582, 10, 10, 5ms), at(1900, 2, 28), at(2000, 2, 29, 24h - 1ms),
                            at(2026, 11, 21, 7h + 30min + 123ms), at(9999, 12, 31)})
        EXPECT_EQ(timestamp::parse(timestamp(time).to_string()), timestamp(time));
}

TEST(timestamp_parse, takes_any_number_of_decimals_and_cuts_them) {
    EXPECT_EQ(reformatted("2026-11-21T07:30:00Z"), "2026-11-21T07:30:00.000Z");
    EXPECT_EQ(reformatted("2026-11-21T07:30:00.1Z"), "2026-11-21T07:30:00.100Z");
    EXPECT_EQ(reformatted("2026-11-21T07:30:00.12Z"), "2026-11-21T07:30:00.120Z");
    EXPECT_EQ(reformatted("2026-11-21T07:30:00.1239999999999999999999999Z"), "2026-11-21T07:30:00.123Z");
}

TEST(timestamp_parse, applies_the_offset) {
    EXPECT_EQ(reformatted("2026-11-21T00:30:00+01:00"), "2026-11-20T23:30:00.000Z");
    EXPECT_EQ(reformatted("2026-12-31T23:59:59.5-00:30"), "2027-01-01T00:29:59.500Z");
    EXPECT_EQ(reformatted("2026-11-21T07:30:00-00:00"), "2026-11-21T07:30:00.000Z");
    EXPECT_EQ(reformatted("2026-11-21T07:30:00+23:59"), "2026-11-20T07:31:00.000Z");
}

TEST(timestamp_parse, reads_what_other_programs_write) {
    for (char const* text :
         {"2026-11-21T07:30:00.5+0000", "2026-11-21T07:30:00.5+00:00", "2026-11-21T07:30:00.5+00",
          "2026-11-21T07:30:00.5-0000", "2026-11-21 07:30:00.5Z", "2026-11-21 07:30:00.500+00:00",
          "2026-11-21 07:30:00.500000+00", "2026-11-21 07:30:00.5 +0000", "2026-11-21 07:30:00.5 UTC",
          "2026-11-21T08:30:00.5+0100", "2026-11-21T08:30:00.5+01", "2026-11-21 00:00:00.5-0730"})
        EXPECT_EQ(reformatted(text), "2026-11-21T07:30:00.500Z") << text;
}

TEST(timestamp_parse, takes_lower_case_letters) {
    EXPECT_EQ(reformatted("2026-11-21t07:30:00z"), "2026-11-21T07:30:00.000Z");
}

TEST(timestamp_parse, reads_a_leap_second_as_the_last_millisecond_before_it) {
    EXPECT_EQ(reformatted("1990-12-31T23:59:60Z"), "1990-12-31T23:59:59.999Z");
    EXPECT_EQ(reformatted("1990-12-31T15:59:60.25-08:00"), "1990-12-31T23:59:59.999Z");
    EXPECT_EQ(reformatted("2016-12-31T23:59:60.000Z"), "2016-12-31T23:59:59.999Z");
}

class invalid_timestamps : public testing::TestWithParam<char const*> {};

TEST_P(invalid_timestamps, are_refused) { EXPECT_EQ(timestamp::parse(GetParam()), std::nullopt) << GetParam(); }

INSTANTIATE_TEST_SUITE_P(
    timestamp_parse, invalid_timestamps,
    testing::Values("", "2026", "2026-11-21", "2026-11-21T07:30:00", "2026-11-21 07:30:00", "2026-11-21T07:30Z",
                    "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-11-31T00:00:00Z", "2025-02-29T00:00:00Z",
                    "1900-02-29T00:00:00Z", "2026-11-00T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T07:60:00Z",
                    "2026-11-21T07:30:60Z", "2026-11-21T23:59:60Z", "2026-11-30T23:59:61Z", "2026-11-30T22:59:60Z",
                    "2026-11-21T07:30:00.Z", "2026-11-21T07:30:00,5Z", "2026-11-21T07:30:00+24:00",
                    "2026-11-21T07:30:00+01:60", "2026-11-21T07:30:00+010", "2026-11-21T07:30:00+1",
                    "2026-11-21T07:30:00+01:", "2026-11-21T07:30:00+01000", "2026-11-21T07:30:00+2400",
                    "2026-11-21T07:30:00+0160", "2026-11-21T07:30:00UTC", "2026-11-21  07:30:00Z",
                    "2026-11-21 07:30:00  Z", "2026-11-21 07:30:00 U", "2026-11-21 07:30:00 ", "2026-11-21T07:30:00ZZ",
                    " 2026-11-21T07:30:00Z", "2026-11-21T07:30:00Z ", "+026-11-21T07:30:00Z", "2026-1-021T07:30:00Z",
                    "12026-11-21T07:30:00Z", "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
                    "2026-11-21T07:30:-1Z"));

TEST(timestamp_parse, judges_every_byte_of_the_usual_form) {
    // The same text with a comma for the point is never the usual form, with more decimals neither: the general way
    // says what every changed text means.
    std::string const usual = "2026-11-21T07:30:59.123Z";
    for (std::size_t at = 0; at != usual.size(); ++at) {
        for (unsigned byte = 0; byte != 256; ++byte) {
            std::string text = usual;
            text[at] = static_cast<char>(byte);
            std::string longer = text;
            longer.insert(longer.size() - 1, 1, '9');
            if (at == usual.size() - 1 || (at == usual.size() - 5)) continue; // the suffix and the start of decimals
            EXPECT_EQ(timestamp::parse(text), timestamp::parse(longer)) << text;
        }
    }
    for (unsigned byte = 0; byte != 256; ++byte) {
        std::string text = usual;
        text.back() = static_cast<char>(byte);
        EXPECT_EQ(timestamp::parse(text).has_value(), byte == 'Z' || byte == 'z') << byte;
        text = usual;
        text[19] = static_cast<char>(byte);
        EXPECT_EQ(timestamp::parse(text).has_value(), byte == '.') << byte;
    }
    EXPECT_EQ(timestamp::parse("2026-02-29T00:00:00.000Z"), std::nullopt);
    EXPECT_EQ(timestamp::parse("2024-02-29T00:00:00.000Z")->to_string(), "2024-02-29T00:00:00.000Z");
    EXPECT_EQ(timestamp::parse("2026-12-31T23:59:60.000Z")->to_string(), "2026-12-31T23:59:59.999Z");
}

} // namespace
