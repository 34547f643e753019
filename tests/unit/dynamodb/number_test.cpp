#include <dynasio/dynamodb/attribute_value.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace dynasio::dynamodb {
namespace {

template <class Function> error_code thrown(Function f) {
    try {
        static_cast<void>(f());
    } catch (error const& e) {
        return e.code();
    }
    return {};
}

std::string const digits_38 = "12345678901234567890123456789012345678";

TEST(canonical_number, is_plain_decimal_without_zeros_that_do_not_count) {
    std::pair<std::string, std::string> const cases[] = {
        {"0", "0"},
        {"-0", "0"},
        {"+0", "0"},
        {"0.000", "0"},
        {"00", "0"},
        {"-0.0e5", "0"},
        {"1", "1"},
        {"-1", "-1"},
        {"+3", "3"},
        {"1.0", "1"},
        {"1e0", "1"},
        {"10e-1", "1"},
        {"007", "7"},
        {".123", "0.123"},
        {"-.5", "-0.5"},
        {"5.", "5"},
        {"0001.23", "1.23"},
        {"0042.1200", "42.12"},
        {"100", "100"},
        {"1e2", "100"},
        {"1E+2", "100"},
        {"0.01e2", "1"},
        {"1.5e1", "15"},
        {"1.25e1", "12.5"},
        {"1e-3", "0.001"},
        {"12e-3", "0.012"},
        {"1230e-2", "12.3"},
        {"120e-1", "12"},
        {"0.1e1", "1"},
        {"10.01", "10.01"},
        {"0.10010", "0.1001"},
        {"100.001", "100.001"},
        {"1e00000000000000000000000000000001", "10"},
        {"-17.4E37", "-174" + std::string(36, '0')},
        {"1E125", "1" + std::string(125, '0')},
        {"1E-130", "0." + std::string(129, '0') + "1"},
        {digits_38, digits_38},
        {"0." + digits_38, "0." + digits_38},
        {digits_38 + "000", digits_38 + "000"},
        {"000" + digits_38 + ".000", digits_38},
    };
    for (auto const& [text, expected] : cases) {
        EXPECT_EQ(canonical_number(text), expected) << text;
        EXPECT_EQ(canonical_number(expected), expected) << text;
    }
}

TEST(canonical_number, is_empty_for_what_dynamodb_does_not_store) {
    for (std::string const& text : {std::string(""),
                                    std::string("-"),
                                    std::string("+"),
                                    std::string("."),
                                    std::string("e5"),
                                    std::string(".e5"),
                                    std::string("1e"),
                                    std::string("1e+"),
                                    std::string("1.2.3"),
                                    std::string("1,5"),
                                    std::string(" 1"),
                                    std::string("1 "),
                                    std::string("--1"),
                                    std::string("+-1"),
                                    std::string("0x10"),
                                    std::string("NaN"),
                                    std::string("Infinity"),
                                    std::string("-inf"),
                                    std::string("1e5.5"),
                                    std::string("1a"),
                                    digits_38 + "9",
                                    "0." + digits_38 + "9",
                                    "1." + digits_38,
                                    std::string("1E126"),
                                    std::string("-1E126"),
                                    std::string("10E125"),
                                    std::string("1E-131"),
                                    std::string("0.1E-130"),
                                    std::string("0e126"),
                                    std::string("0e-131"),
                                    std::string("1e99999999999999999999999"),
                                    std::string("1e-99999999999999999999999"),
                                    std::string("0e99999999999999999999999"),
                                    std::string("\0", 1)}) {
        EXPECT_EQ(canonical_number(text), "") << text;
    }
    EXPECT_EQ(canonical_number("0e125"), "0");
    EXPECT_EQ(canonical_number("0e-130"), "0");
    EXPECT_EQ(canonical_number("9.9999999999999999999999999999999999999E+125").size(), 126U);
    EXPECT_EQ(canonical_number("0." + std::string(500, '0') + "1e501"), "1");
    EXPECT_EQ(canonical_number("1" + std::string(500, '0') + "e-500"), "1");
}

TEST(compare_numbers, orders_by_value) {
    // Ascending; the spellings in one line are equal.
    std::vector<std::vector<std::string>> const order = {
        {"-1E+125", "-10E124"},
        {"-100", "-1e2", "-0100.0"},
        {"-99.5"},
        {"-2"},
        {"-1.5", "-15e-1"},
        {"-1", "-1.0"},
        {"-1E-130"},
        {"0", "-0", "0.00", "0e10", "+0"},
        {"1E-130"},
        {"0.001", "1e-3", ".001"},
        {"0.5", ".5", "5e-1"},
        {"1", "1.0", "1e0", "+1", "01", "0.1e1"},
        {"1.00000000000000000000000000000000000001"},
        {"1.5"},
        {"2"},
        {"9"},
        {"10", "1e1", "10.000"},
        {"10.5", "1.05e1"},
        {"100"},
        {"12345678901234567890123456789012345677"},
        {digits_38, digits_38 + ".0"},
        {"1E125"},
        {"1E126"},
    };
    for (std::size_t i = 0; i != order.size(); ++i) {
        for (std::size_t j = 0; j != order.size(); ++j) {
            for (auto const& a : order[i]) {
                for (auto const& b : order[j]) {
                    auto const result = compare_numbers(a, b);
                    EXPECT_EQ(result < 0, i < j) << a << " and " << b;
                    EXPECT_EQ(result > 0, i > j) << a << " and " << b;
                }
            }
        }
    }
}

TEST(number, is_zero_by_default) { EXPECT_EQ(number().text(), "0"); }

TEST(number, keeps_integers_of_every_width) {
    EXPECT_EQ(number(std::numeric_limits<std::int64_t>::min()).text(), "-9223372036854775808");
    EXPECT_EQ(number(std::numeric_limits<std::uint64_t>::max()).text(), "18446744073709551615");
    EXPECT_EQ(number(std::int8_t{-5}).text(), "-5");
    EXPECT_EQ(number(7U).text(), "7");
    EXPECT_EQ(number(std::numeric_limits<std::int64_t>::min()).to_int64(), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(number(std::numeric_limits<std::uint64_t>::max()).to_uint64(), std::numeric_limits<std::uint64_t>::max());
}

TEST(number, parses_what_dynamodb_stores) {
    EXPECT_EQ(number::parse("+1.50").text(), "1.5");
    EXPECT_EQ(thrown([] { return number::parse("1.5x"); }), errc::invalid_argument);
    EXPECT_EQ(thrown([] { return number::parse(""); }), errc::invalid_argument);
    EXPECT_FALSE(number::try_parse("x").has_value());
    EXPECT_EQ(number::try_parse("1e1")->text(), "10");
}

TEST(number, conversion_to_an_integer_loses_nothing) {
    EXPECT_EQ(number::parse("1e3").to_int64(), 1000);
    EXPECT_EQ(number::parse("-5.0").to_int64(), -5);
    EXPECT_EQ(thrown([] { return number::parse("1.5").to_int64(); }), errc::number_out_of_range);
    EXPECT_EQ(thrown([] { return number::parse("9223372036854775808").to_int64(); }), errc::number_out_of_range);
    EXPECT_EQ(thrown([] { return number::parse("-1").to_uint64(); }), errc::number_out_of_range);
    EXPECT_EQ(thrown([] { return number::parse("18446744073709551616").to_uint64(); }), errc::number_out_of_range);
    EXPECT_EQ(thrown([] { return number::parse("1e100").to_int64(); }), errc::number_out_of_range);
}

TEST(number, doubles_survive) {
    for (double const value : {0.0, 1.0, -1.0, 0.1, 1.0 / 3, 1e22, 1e23, 123456.789, 5e-130, 9.9e125,
                               -2.2250738585072014e-100, 1.7976931348623157e100, 9007199254740993.0})
        EXPECT_EQ(number::from_double(value).to_double(), value);
    EXPECT_EQ(number::from_double(0.1).text(), "0.1");
    EXPECT_EQ(number::from_double(1e22).text(), "10000000000000000000000");
    EXPECT_EQ(number::from_double(-0.0).text(), "0");
}

TEST(number, refuses_doubles_that_dynamodb_does_not_store) {
    for (double const value :
         {std::nan(""), std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(), 1e126,
          -1e300, 1e-131, std::numeric_limits<double>::denorm_min()})
        EXPECT_EQ(thrown([&] { return number::from_double(value); }), errc::invalid_argument) << value;
}

TEST(number, is_equal_by_value) {
    EXPECT_EQ(number::parse("1.0"), number(1));
    EXPECT_FALSE(number::parse("1.01") == number(1));
}

} // namespace
} // namespace dynasio::dynamodb
