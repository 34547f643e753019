#include <dynasio/orm/codec.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "support/error_of.hpp"
#include "through_codec.hpp"

namespace {

using dynasio::codec;
using dynasio::errc;
using dynasio::error;
using dynasio::timestamp;
using dynasio::dynamodb::json_reader;

using dynasio::test::decoded;
using dynasio::test::encoded;

template <class T> void expect_round_trip(T const& value) { EXPECT_EQ(decoded<T>(encoded(value)), value); }

using dynasio::test::error_of;

template <class T> void expect_refuses(std::string const& text, errc code) {
    EXPECT_EQ(error_of([&] { (void)decoded<T>(text); }).code(), code) << text;
}

TEST(string_codec, keeps_every_text) {
    EXPECT_EQ(encoded<std::string>("live"), R"({"S":"live"})");
    EXPECT_EQ(encoded<std::string>(""), R"({"S":""})");
    for (std::string const text : {"", "plain", "\"quoted\\\"", "line\nbreak\ttab", "\x01\x1f", "Grüße, 世界 🌍"})
        expect_round_trip(text);
    expect_round_trip(std::string("nul\0inside", 10));
}

TEST(string_codec, refuses_what_is_no_utf8) {
    for (std::string const text : {"\xff", "\xc3", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xc0\xaf"}) {
        std::string out = "before";
        EXPECT_EQ(error_of([&] { codec<std::string>::encode(out, text); }).code(), errc::invalid_argument);
        EXPECT_EQ(out, "before");
    }
    expect_refuses<std::string>("{\"S\":\"\xff\"}", errc::malformed_response);
}

TEST(bool_codec, keeps_both) {
    EXPECT_EQ(encoded(true), R"({"BOOL":true})");
    EXPECT_EQ(encoded(false), R"({"BOOL":false})");
    expect_round_trip(true);
    expect_round_trip(false);
}

template <class T> class integer_codec : public testing::Test {};
using integers = testing::Types<std::int8_t, std::uint8_t, std::int16_t, std::uint16_t, std::int32_t, std::uint32_t,
                                std::int64_t, std::uint64_t, long long, unsigned long long>;
TYPED_TEST_SUITE(integer_codec, integers);

TYPED_TEST(integer_codec, keeps_the_extremes) {
    using limits = std::numeric_limits<TypeParam>;
    for (TypeParam const value :
         {limits::min(), TypeParam(0), TypeParam(1), TypeParam(limits::max() - 1), limits::max()})
        expect_round_trip(value);
    EXPECT_EQ(encoded(limits::max()), R"({"N":")" + std::to_string(limits::max()) + R"("})");
}

TYPED_TEST(integer_codec, reads_other_spellings_of_the_same_number) {
    EXPECT_EQ(decoded<TypeParam>(R"({"N":"1E+2"})"), TypeParam(100));
    EXPECT_EQ(decoded<TypeParam>(R"({"N":"1e2"})"), TypeParam(100));
    EXPECT_EQ(decoded<TypeParam>(R"({"N":"7.0"})"), TypeParam(7));
    EXPECT_EQ(decoded<TypeParam>(R"({"N":"0.7E1"})"), TypeParam(7));
    EXPECT_EQ(decoded<TypeParam>(R"({"N":"007"})"), TypeParam(7));
    EXPECT_EQ(decoded<TypeParam>(R"({"N":"+5"})"), TypeParam(5));
    EXPECT_EQ(decoded<TypeParam>(R"({"N":"-0"})"), TypeParam(0));
}

TYPED_TEST(integer_codec, refuses_numbers_that_do_not_fit) {
    using limits = std::numeric_limits<TypeParam>;
    std::string const above = [] {
        if (limits::max() == TypeParam(std::numeric_limits<std::uint64_t>::max()))
            return std::string("18446744073709551616");
        return std::to_string(std::uint64_t(limits::max()) + 1);
    }();
    std::string const below =
        limits::is_signed
            ? (sizeof(TypeParam) == 8 ? "-9223372036854775809" : std::to_string(std::int64_t(limits::min()) - 1))
            : "-1";
    for (auto const& text : {above, below, std::string("1.5"), std::string("1E-1"), std::string("1E+60")}) {
        auto const e = error_of([&] { (void)decoded<TypeParam>(R"({"N":")" + text + R"("})"); });
        EXPECT_EQ(e.code(), errc::number_out_of_range) << text;
        EXPECT_NE(std::string(e.what()).find("int"), std::string::npos) << e.what();
    }
}

TEST(integer_codec_error, names_number_and_type) {
    std::string const text = error_of([] { (void)decoded<std::int8_t>(R"({"N":"300"})"); }).what();
    EXPECT_NE(text.find("300"), std::string::npos) << text;
    EXPECT_NE(text.find("int8"), std::string::npos) << text;
}

TEST(double_codec, keeps_every_bit) {
    for (double const value : {0.0, 1.0, -1.0, 0.1, 1.0 / 3.0, 2.2250738585072014e-100, 1e-130, 9.99e125, -9.99e125,
                               123456789.123456789, 9007199254740993.0, 5e-130})
        expect_round_trip(value);
    EXPECT_EQ(encoded(0.1), R"({"N":"0.1"})");
    EXPECT_EQ(encoded(-0.0), R"({"N":"0"})");
}

TEST(double_codec, reads_other_spellings) {
    EXPECT_EQ(decoded<double>(R"({"N":"1E+2"})"), 100.0);
    EXPECT_EQ(decoded<double>(R"({"N":"123"})"), 123.0);
    EXPECT_EQ(decoded<double>(R"({"N":"0.10000000000000000555111512312578270"})"), 0.1);
}

TEST(double_codec, refuses_to_store_what_dynamodb_cannot_hold) {
    using limits = std::numeric_limits<double>;
    for (double const value : {limits::quiet_NaN(), limits::infinity(), -limits::infinity(), limits::max(),
                               limits::lowest(), limits::min(), limits::denorm_min(), 1e126, -1e126, 1e-131})
        EXPECT_EQ(error_of([&] { (void)encoded(value); }).code(), errc::invalid_argument) << value;
}

TEST(float_codec, keeps_every_bit_and_refuses_what_does_not_fit) {
    for (float const value : {0.0F, 0.1F, -3.4028235e38F, 3.4028235e38F, 1.1754944e-38F, 16777217.0F})
        expect_round_trip(value);
    EXPECT_EQ(encoded(0.1F), R"({"N":"0.1"})");
    EXPECT_EQ(error_of([] { (void)encoded(std::numeric_limits<float>::quiet_NaN()); }).code(), errc::invalid_argument);
    expect_refuses<float>(R"({"N":"1E+39"})", errc::number_out_of_range);
}

TEST(timestamp_codec, stores_utc_with_milliseconds) {
    auto const t = timestamp::parse("2026-11-21T09:30:00.123+02:00").value();
    EXPECT_EQ(encoded(t), R"({"S":"2026-11-21T07:30:00.123Z"})");
    expect_round_trip(t);
}

TEST(timestamp_codec, takes_unset_for_absent) {
    EXPECT_TRUE(dynasio::detail::is_absent(timestamp()));
    EXPECT_FALSE(dynasio::detail::is_absent(timestamp::parse("1970-01-01T00:00:00Z").value()));
}

TEST(timestamp_codec, refuses_text_that_is_no_time) {
    expect_refuses<timestamp>(R"({"S":"yesterday"})", errc::attribute_type_mismatch);
    expect_refuses<timestamp>(R"({"S":""})", errc::attribute_type_mismatch);
}

TEST(number_codec, keeps_38_digits) {
    auto const text = "12345678901234567890123456789012345678";
    auto const n = decoded<dynasio::dynamodb::number>(std::string(R"({"N":")") + text + R"("})");
    EXPECT_EQ(n.text(), text);
    EXPECT_EQ(encoded(n), std::string(R"({"N":")") + text + R"("})");
}

TEST(timestamp_codec, reads_what_other_programs_write) {
    auto const wanted = timestamp::parse("2026-11-21T07:30:00Z").value();
    for (char const* text : {"2026-11-21T07:30:00+0000", "2026-11-21 07:30:00Z", "2026-11-21T08:30:00+01"})
        EXPECT_EQ(decoded<timestamp>(std::string(R"({"S":")") + text + R"("})"), wanted) << text;
}

TEST(epoch_codec, stores_a_number) {
    using dynasio::epoch_milliseconds;
    using dynasio::epoch_seconds;
    auto const time = timestamp::parse("2026-11-21T07:30:00.789Z").value();
    EXPECT_EQ(encoded(epoch_seconds(time)), R"({"N":"1795246200"})");
    EXPECT_EQ(encoded(epoch_milliseconds(time)), R"({"N":"1795246200789"})");
    EXPECT_EQ(encoded(epoch_seconds::from_count(0)), R"({"N":"0"})");
    EXPECT_EQ(decoded<epoch_milliseconds>(R"({"N":"1795246200789"})"), time);
    EXPECT_EQ(decoded<epoch_seconds>(R"({"N":"1795246200"})"), timestamp::parse("2026-11-21T07:30:00Z").value());
    expect_round_trip(epoch_seconds::from_count(-62135596800));
    expect_round_trip(epoch_milliseconds::from_count(std::numeric_limits<std::int64_t>::max()));
    expect_round_trip(std::optional<epoch_seconds>(epoch_seconds::from_count(5)));
    EXPECT_TRUE(dynasio::detail::is_absent(epoch_seconds()));
    EXPECT_FALSE(dynasio::detail::is_absent(epoch_seconds::from_count(0)));
}

TEST(epoch_codec, reads_every_spelling_and_rounds_down) {
    using dynasio::epoch_seconds;
    auto const read = [](std::string const& text) {
        return decoded<epoch_seconds>(R"({"N":")" + text + R"("})").count();
    };
    EXPECT_EQ(read("1.7E+9"), 1'700'000'000);
    EXPECT_EQ(read("1700000000.999"), 1'700'000'000);
    EXPECT_EQ(read("1700000000.0"), 1'700'000'000);
    EXPECT_EQ(read("-0.25"), -1);
    EXPECT_EQ(read("-1.5"), -2);
    EXPECT_EQ(read("-1"), -1);
    EXPECT_EQ(read("0.25"), 0);
}

TEST(epoch_codec, refuses_what_is_no_time) {
    using dynasio::epoch_milliseconds;
    using dynasio::epoch_seconds;
    expect_refuses<epoch_seconds>(R"({"S":"2026-11-21T07:30:00Z"})", errc::attribute_type_mismatch);
    expect_refuses<epoch_seconds>(R"({"N":"9300000000000000"})", errc::number_out_of_range);
    expect_refuses<epoch_seconds>(R"({"N":"-9300000000000000"})", errc::number_out_of_range);
    expect_refuses<epoch_milliseconds>(R"({"N":"1E+30"})", errc::number_out_of_range);
    expect_refuses<epoch_milliseconds>(R"({"N":"-9223372036854775808.5"})", errc::number_out_of_range);
    expect_refuses<epoch_seconds>(R"({"N":"soon"})", errc::malformed_response);
}

TEST(epoch_codec, gives_no_number_to_a_time_that_is_not_set) {
    EXPECT_EQ(error_of([] { (void)encoded(dynasio::epoch_seconds()); }).code(), errc::invalid_argument);
    expect_round_trip(std::vector<dynasio::epoch_seconds>{{}, dynasio::epoch_seconds::from_count(1)});
}

TEST(epoch_time, compares_with_other_times) {
    using dynasio::epoch_seconds;
    auto const time = timestamp::parse("2026-11-21T07:30:00.789Z").value();
    EXPECT_LT(epoch_seconds(time), time) << "a timestamp is compared with all its digits";
    EXPECT_LT(epoch_seconds(), epoch_seconds::from_count(-5));
    EXPECT_EQ(epoch_seconds(time), epoch_seconds::from_count(1'795'246'200));
    EXPECT_FALSE(epoch_seconds(timestamp()).is_set());
    EXPECT_EQ(epoch_seconds(time.time()).to_timestamp().to_string(), "2026-11-21T07:30:00.000Z");
}

TEST(binary_codec, keeps_every_byte) {
    dynasio::dynamodb::binary all;
    for (int i = 0; i < 256; ++i) all.bytes.push_back(static_cast<char>(i));
    expect_round_trip(all);
    expect_round_trip(dynasio::dynamodb::binary{});
    EXPECT_EQ(encoded(dynasio::dynamodb::binary{"abc"}), R"({"B":"YWJj"})");
    expect_refuses<dynasio::dynamodb::binary>(R"({"B":"%%"})", errc::malformed_response);
}

template <class T> class bytes_codec : public testing::Test {};
using containers_of_bytes = testing::Types<std::vector<std::uint8_t>, std::vector<std::byte>, std::vector<char>>;
TYPED_TEST_SUITE(bytes_codec, containers_of_bytes);

TYPED_TEST(bytes_codec, stores_bytes_as_such) {
    using byte = typename TypeParam::value_type;
    EXPECT_EQ(codec<TypeParam>::type, dynasio::dynamodb::attribute_type::binary);
    EXPECT_EQ(encoded(TypeParam{byte(1), byte(2), byte(3)}), R"({"B":"AQID"})");
    EXPECT_EQ(encoded(TypeParam{}), R"({"B":""})");
    for (std::size_t size : std::initializer_list<std::size_t>{0, 1, 2, 3, 4, 255, 256, 257}) {
        TypeParam all;
        for (std::size_t i = 0; i != size; ++i) all.push_back(static_cast<byte>(i));
        expect_round_trip(all);
    }
    expect_round_trip(std::optional<TypeParam>(TypeParam{byte(200)}));
    expect_round_trip(std::vector<TypeParam>{{byte(1)}, {}});
}

TYPED_TEST(bytes_codec, reads_lists_of_numbers_as_bytes) {
    using byte = typename TypeParam::value_type;
    EXPECT_EQ(decoded<TypeParam>(R"({"L":[{"N":"1"},{"N":"255"},{"N":"-1"}]})"),
              (TypeParam{byte(1), static_cast<byte>(255), static_cast<byte>(255)}));
    EXPECT_EQ(decoded<TypeParam>(R"({"L":[]})"), TypeParam{});
    expect_refuses<TypeParam>(R"({"L":[{"N":"256"}]})", errc::number_out_of_range);
    expect_refuses<TypeParam>(R"({"L":[{"N":"-129"}]})", errc::number_out_of_range);
    expect_refuses<TypeParam>(R"({"L":[{"S":"a"}]})", errc::attribute_type_mismatch);
    expect_refuses<TypeParam>(R"({"S":"AQID"})", errc::attribute_type_mismatch);
    expect_refuses<TypeParam>(R"({"NS":["1"]})", errc::attribute_type_mismatch);
    expect_refuses<TypeParam>(R"({"B":"%%%%"})", errc::malformed_response);
}

TEST(array_of_bytes_codec, takes_its_own_size_only) {
    using four = std::array<std::uint8_t, 4>;
    EXPECT_EQ(encoded(four{1, 2, 3, 255}), R"({"B":"AQID/w=="})");
    expect_round_trip(four{1, 2, 3, 255});
    expect_round_trip(std::array<std::byte, 2>{std::byte(0), std::byte(128)});
    expect_round_trip(std::array<char, 3>{'a', 'b', '\0'});
    EXPECT_EQ(decoded<four>(R"({"L":[{"N":"1"},{"N":"2"},{"N":"3"},{"N":"4"}]})"), (four{1, 2, 3, 4}));
    expect_refuses<four>(R"({"B":"AQID"})", errc::attribute_type_mismatch);
    expect_refuses<four>(R"({"B":"AQID/wA="})", errc::attribute_type_mismatch);
    auto const e = error_of([] { (void)decoded<four>(R"({"B":"AQID"})"); });
    EXPECT_NE(std::string(e.what()).find("has 3 bytes, the member holds exactly 4"), std::string::npos) << e.what();
}

TEST(list_codec, of_other_small_integers_stores_numbers) {
    EXPECT_EQ(encoded(std::vector<std::int8_t>{1, -1}), R"({"L":[{"N":"1"},{"N":"-1"}]})");
    EXPECT_EQ(encoded(std::vector<std::uint16_t>{1}), R"({"L":[{"N":"1"}]})");
}

TEST(set_codec, stores_sets_of_the_elements_type) {
    using bytes = std::vector<std::uint8_t>;
    EXPECT_EQ(encoded(std::set<std::string>{"b", "a\"", "b"}), R"({"SS":["a\"","b"]})");
    EXPECT_EQ(encoded(std::set<int>{3, -1}), R"({"NS":["-1","3"]})");
    EXPECT_EQ(encoded(std::set<bytes>{{1, 2, 3}, {0}}), R"({"BS":["AA==","AQID"]})");
    expect_round_trip(std::set<std::string>{"", "a\nb", "世界"});
    expect_round_trip(std::set<double>{0.5, 1e100});
    expect_round_trip(std::set<bytes>{{1, 2, 3}, {0}});
    expect_round_trip(std::set<std::array<std::uint8_t, 2>>{{1, 2}, {3, 4}});
    expect_round_trip(std::set<timestamp>{timestamp::parse("2026-01-01T00:00:00Z").value()});
    expect_round_trip(std::unordered_set<std::string>{"a", "b", "c"});
    EXPECT_EQ(decoded<std::set<std::string>>(R"({ "SS" : [ "b" , "\u0061" ] })"), (std::set<std::string>{"a", "b"}));
}

TEST(set_codec, leaves_an_empty_set_out) {
    EXPECT_TRUE(dynasio::detail::is_absent(std::set<int>()));
    EXPECT_TRUE(dynasio::detail::is_absent(std::optional<std::set<int>>(std::set<int>())));
    EXPECT_FALSE(dynasio::detail::is_absent(std::set<int>{1}));
}

TEST(set_codec, refuses_other_types) {
    expect_refuses<std::set<std::string>>(R"({"L":[{"S":"a"}]})", errc::attribute_type_mismatch);
    expect_refuses<std::set<std::string>>(R"({"NS":["1"]})", errc::attribute_type_mismatch);
    expect_refuses<std::set<int>>(R"({"NS":["1.5"]})", errc::number_out_of_range);
    expect_refuses<std::set<int>>(R"({"NS":[1]})", errc::malformed_response);
    expect_refuses<std::set<std::vector<std::uint8_t>>>(R"({"BS":["%"]})", errc::malformed_response);
}

TEST(attribute_value_codec, keeps_values_of_any_type) {
    for (std::string const text : {R"({"S":"a"})", R"({"N":"1"})", R"({"NULL":true})", R"({"L":[{"S":"a"},{"N":"1"}]})",
                                   R"({"M":{"k":{"BOOL":true}}})", R"({"SS":["a","b"]})"})
        EXPECT_EQ(encoded(decoded<dynasio::dynamodb::attribute_value>(text)), text);
}

TEST(optional_codec, is_absent_when_empty) {
    EXPECT_TRUE(dynasio::detail::is_absent(std::optional<int>()));
    EXPECT_FALSE(dynasio::detail::is_absent(std::optional<int>(0)));
    EXPECT_FALSE(dynasio::detail::is_absent(std::optional<std::string>("")));
    EXPECT_TRUE(dynasio::detail::is_absent(std::optional<timestamp>(timestamp())));
}

TEST(optional_codec, reads_null_as_empty) {
    EXPECT_EQ(decoded<std::optional<int>>(R"({"NULL":true})"), std::nullopt);
    EXPECT_EQ(decoded<std::optional<int>>(R"({ "NULL" : true })"), std::nullopt);
    EXPECT_EQ(decoded<std::optional<int>>(R"({"N":"5"})"), 5);
    EXPECT_EQ(decoded<std::optional<std::string>>(R"({"S":""})"), "");
    EXPECT_EQ(decoded<std::optional<std::vector<int>>>(R"({"L":[]})"), std::vector<int>());
    expect_refuses<std::optional<int>>(R"({"NULL":false})", errc::malformed_response);
}

TEST(optional_codec, replaces_what_was_there_by_null) {
    std::optional<int> value = 3;
    json_reader in(std::string_view(R"({"NULL":true})"));
    codec<std::optional<int>>::decode(in, value);
    EXPECT_EQ(value, std::nullopt);
}

TEST(list_codec, stores_lists_never_sets) {
    EXPECT_EQ(encoded(std::vector<std::string>{"a", "a"}), R"({"L":[{"S":"a"},{"S":"a"}]})");
    expect_round_trip(std::vector<std::string>{"b", "a", "b"});
    expect_round_trip(std::vector<bool>{true, false, true});
    expect_refuses<std::vector<std::string>>(R"({"SS":["a"]})", errc::attribute_type_mismatch);
}

TEST(list_codec, tells_empty_from_absent) {
    EXPECT_FALSE(dynasio::detail::is_absent(std::vector<int>()));
    EXPECT_EQ(encoded(std::vector<int>()), R"({"L":[]})");
    EXPECT_EQ(decoded<std::vector<int>>(R"({"L":[]})"), std::vector<int>());
}

TEST(null, is_refused_inside_lists_and_maps) {
    expect_refuses<std::vector<int>>(R"({"L":[{"NULL":true}]})", errc::attribute_type_mismatch);
    expect_refuses<std::map<std::string, std::string>>(R"({"M":{"a":{"NULL":true}}})", errc::attribute_type_mismatch);
}

TEST(list_codec, replaces_what_was_there) {
    std::vector<int> value{1, 2, 3};
    json_reader in(std::string_view(R"({"L":[{"N":"9"}]})"));
    codec<std::vector<int>>::decode(in, value);
    EXPECT_EQ(value, std::vector<int>{9});
}

TEST(list_codec, keeps_the_place_of_elements_that_would_be_no_attribute) {
    std::vector<timestamp> const times{timestamp(), timestamp::parse("2026-01-01T00:00:00Z").value(), timestamp()};
    EXPECT_EQ(encoded(times), R"({"L":[{"NULL":true},{"S":"2026-01-01T00:00:00.000Z"},{"NULL":true}]})");
    expect_round_trip(times);
    expect_round_trip(std::vector<std::optional<int>>{1, std::nullopt, 3});
    expect_round_trip(std::map<std::string, timestamp>{{"unset", timestamp()}});
    EXPECT_EQ(encoded(std::vector<std::optional<timestamp>>{timestamp()}), R"({"L":[{"NULL":true}]})");
}

TEST(map_codec, keeps_names_and_values) {
    std::map<std::string, int> const value{{"", 0}, {"a", 1}, {"with \"quotes\" and \n", 2}};
    expect_round_trip(value);
    EXPECT_EQ(encoded(std::map<std::string, int>{{"a", 1}}), R"({"M":{"a":{"N":"1"}}})");
    EXPECT_EQ(encoded(std::map<std::string, int>{}), R"({"M":{}})");
    expect_round_trip(std::unordered_map<std::string, std::string>{{"x", "1"}, {"y", "2"}});
}

TEST(map_codec, replaces_what_was_there) {
    std::map<std::string, int> value{{"old", 1}};
    json_reader in(std::string_view(R"({"M":{"new":{"N":"2"}}})"));
    codec<std::map<std::string, int>>::decode(in, value);
    EXPECT_EQ(value, (std::map<std::string, int>{{"new", 2}}));
}

TEST(map_codec, refuses_a_name_that_is_there_twice) {
    expect_refuses<std::map<std::string, int>>(R"({"M":{"a":{"N":"1"},"b":{"N":"1"},"a":{"N":"2"}}})",
                                               errc::malformed_response);
    expect_refuses<std::unordered_map<std::string, int>>(R"({"M":{"a":{"N":"1"},"\u0061":{"N":"1"}}})",
                                                         errc::malformed_response);
}

TEST(nested_codec, keeps_lists_and_maps_inside_each_other) {
    using nested = std::map<std::string, std::vector<std::map<std::string, std::optional<double>>>>;
    expect_round_trip(nested{{"a", {{{"x", 1.5}, {"y", std::nullopt}}, {}}}, {"b", {}}});
}

TEST(type_mismatch, names_both_types) {
    auto const says = [](auto const& e, char const* stored, char const* wanted) {
        EXPECT_EQ(e.code(), errc::attribute_type_mismatch);
        std::string const text = e.what();
        EXPECT_NE(text.find(std::string("has type ") + stored), std::string::npos) << text;
        EXPECT_NE(text.find(std::string("needs ") + wanted), std::string::npos) << text;
    };
    says(error_of([] { (void)decoded<std::string>(R"({"N":"1"})"); }), "N", "S");
    says(error_of([] { (void)decoded<int>(R"({"S":"1"})"); }), "S", "N");
    says(error_of([] { (void)decoded<double>(R"({"BOOL":true})"); }), "BOOL", "N");
    says(error_of([] { (void)decoded<bool>(R"({"NULL":true})"); }), "NULL", "BOOL");
    says(error_of([] { (void)decoded<std::vector<int>>(R"({"M":{}})"); }), "M", "L");
    says(error_of([] { (void)decoded<std::map<std::string, int>>(R"({"L":[]})"); }), "L", "M");
    says(error_of([] { (void)decoded<dynasio::dynamodb::binary>(R"({"S":"x"})"); }), "S", "B");
    says(error_of([] { (void)decoded<timestamp>(R"({"N":"1"})"); }), "N", "S");
    says(error_of([] { (void)decoded<std::optional<int>>(R"({"S":"1"})"); }), "S", "N");
    says(error_of([] { (void)decoded<std::vector<int>>(R"({"L":[{"S":"1"}]})"); }), "S", "N");
}

TEST(malformed_number, is_an_error_and_no_zero) {
    expect_refuses<int>(R"({"N":"abc"})", errc::malformed_response);
    expect_refuses<int>(R"({"N":""})", errc::malformed_response);
    expect_refuses<double>(R"({"N":"inf"})", errc::malformed_response);
    expect_refuses<double>(R"({"N":"nan"})", errc::malformed_response);
    expect_refuses<double>(R"({"N":"0x10"})", errc::malformed_response);
}

TEST(malformed_number, is_an_error_of_the_answer_for_a_number_of_any_size) {
    using dynasio::dynamodb::number;
    expect_refuses<number>(R"({"N":"abc"})", errc::malformed_response);
    expect_refuses<number>(R"({"N":"1E+999"})", errc::malformed_response);
    expect_refuses<number>(R"({"N":")" + std::string(39, '1') + R"("})", errc::malformed_response);
}

TEST(exact_number, gives_the_same_number_or_an_error) {
    using dynasio::detail::exact_number;
    EXPECT_EQ(exact_number<int>(5L), 5);
    EXPECT_EQ(exact_number<int>(5.0), 5);
    EXPECT_EQ(exact_number<std::int64_t>(std::numeric_limits<std::int64_t>::min()),
              std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(exact_number<std::uint64_t>(std::numeric_limits<std::uint64_t>::max()),
              std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(exact_number<std::int64_t>(-9223372036854775808.0), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(exact_number<double>(0.1F), static_cast<double>(0.1F));
    EXPECT_EQ(exact_number<float>(0.1), 0.1F);
    EXPECT_EQ(exact_number<float>(1), 1.0F);
    EXPECT_EQ(exact_number<bool>(1), true);
    auto const refuses = [](auto conversion) {
        EXPECT_EQ(error_of([&] { (void)conversion(); }).code(), errc::number_out_of_range);
    };
    refuses([] { return exact_number<int>(5.5); });
    refuses([] { return exact_number<int>(1e300); });
    refuses([] { return exact_number<int>(std::numeric_limits<double>::quiet_NaN()); });
    refuses([] { return exact_number<std::int64_t>(9223372036854775808.0); });
    refuses([] { return exact_number<std::uint64_t>(-1); });
    refuses([] { return exact_number<std::int8_t>(128); });
    refuses([] { return exact_number<float>(1e39); });
    refuses([] { return exact_number<bool>(2); });
}

TEST(double_codec, reads_every_short_decimal_as_the_c_library_does) {
    auto const check = [](std::string const& text) {
        double const expected = std::strtod(text.c_str(), nullptr);
        double const got = decoded<double>(R"({"N":")" + text + R"("})");
        EXPECT_EQ(std::memcmp(&got, &expected, sizeof got), 0) << text;
    };
    for (char const* text :
         {"0", "-0", "-0.0", "0.1", "-0.1", "123456789012345", "12345678901234.5", "1.23456789012345",
          "999999999999999", "0.00000000000001", "1e5", "-1.5E-7", "9007199254740993", "0.30000000000000004",
          "179769313486231570000000000000000000000", "123456789012345678901234567890", "00.5", "007"})
        check(text);
    std::uint32_t state = 1;
    auto const next = [&state] { return state = state * 1664525 + 1013904223, state >> 8; };
    for (int i = 0; i != 20'000; ++i) {
        std::string text = next() % 4 == 0 ? "-" : "";
        auto const digits = 1 + next() % 17;
        auto const point = next() % 18;
        for (std::uint32_t k = 0; k != digits; ++k) {
            if (k == point && k != 0) text += '.';
            text += static_cast<char>('0' + next() % 10);
        }
        check(text);
    }
}

TEST(number_codecs, take_the_general_way_where_the_short_one_does_not_reach) {
    EXPECT_EQ(decoded<std::int64_t>(R"({"N":"-9223372036854775808"})"), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(decoded<std::uint64_t>(R"({"N":"18446744073709551615"})"), std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(decoded<std::int64_t>(R"({"N":"999999999999999"})"), 999'999'999'999'999);
    EXPECT_EQ(decoded<std::int64_t>(R"({"N":"-99999999999999"})"), -99'999'999'999'999);
    EXPECT_EQ(decoded<std::int64_t>(R"({"N":"7.0"})"), 7);
    EXPECT_EQ(decoded<std::uint64_t>(R"({"N":"-0"})"), 0U);
    for (char const* text : {"", "-", ".", "-.", "1..2", "1.2.3", "1-2", "--1", "0x1", " 1", "1 ", "e5"}) {
        expect_refuses<std::int64_t>(R"({"N":")" + std::string(text) + R"("})", errc::malformed_response);
        expect_refuses<std::uint64_t>(R"({"N":")" + std::string(text) + R"("})", errc::malformed_response);
    }
    for (char const* text : {"", "-", ".", "1..2", "1.2.3", "1-2", "--1", " 1", "1 ", "e5"})
        expect_refuses<double>(R"({"N":")" + std::string(text) + R"("})", errc::malformed_response);
    // What is a number of another size or kind is no error of the answer, and the member's own type is named.
    auto const e = error_of([] { (void)decoded<std::int8_t>(R"({"N":"1.5"})"); });
    EXPECT_EQ(e.code(), errc::number_out_of_range);
    EXPECT_NE(std::string(e.what()).find("int8"), std::string::npos) << e.what();
    EXPECT_EQ(decoded<std::int64_t>(R"({"N":"+7"})"), 7);
    EXPECT_EQ(decoded<double>(R"({"N":"+7.5"})"), 7.5);
}

TEST(optional_codec, tells_null_from_values_in_any_spelling) {
    EXPECT_EQ(decoded<std::optional<std::string>>(R"({"NULL":true})"), std::nullopt);
    EXPECT_EQ(decoded<std::optional<std::string>>(R"( { "NULL" : true } )"), std::nullopt);
    EXPECT_EQ(decoded<std::optional<std::string>>(R"( { "S" : "x" } )"), "x");
    EXPECT_EQ(decoded<std::optional<std::string>>(R"({"\u0053":"x"})"), "x");
    EXPECT_EQ(decoded<std::optional<bool>>(R"({"BOOL":false})"), false);
    EXPECT_EQ(decoded<std::optional<bool>>(R"({"BOOL": true })"), true);
    expect_refuses<bool>(R"({"BOOL":truE}     )", errc::malformed_response);
    expect_refuses<bool>(R"({"BOOL":true]     )", errc::malformed_response);
    EXPECT_TRUE(decoded<bool>(R"({"BOOL":true}       )"));
    EXPECT_FALSE(decoded<bool>(R"({"BOOL":false}      )"));
}

TEST(list_codec, reserves_what_it_needs) {
    auto const short_list = decoded<std::vector<std::string>>(R"({"L":[{"S":"a"},{"S":"b"},{"S":"c"}]})");
    EXPECT_EQ(short_list.size(), 3U);
    EXPECT_EQ(short_list.capacity(), 3U);
    std::string text = R"({"L":[)";
    for (int i = 0; i != 500; ++i) text += R"({"S":"]}{"},)";
    text.back() = ']';
    EXPECT_EQ(decoded<std::vector<std::string>>(text + '}').size(), 500U);
    EXPECT_EQ(decoded<std::vector<bool>>(R"({"L":[{"BOOL":true},{"BOOL":false}]})"), (std::vector<bool>{true, false}));
    EXPECT_TRUE(decoded<std::vector<std::string>>(R"({"L":[]})").empty());
}

TEST(set_codec, refuses_elements_that_are_not_set) {
    EXPECT_EQ(error_of([] { (void)encoded(std::set<timestamp>{timestamp()}); }).code(), errc::invalid_argument);
    std::set<std::optional<int>> numbers;
    numbers.insert(std::nullopt);
    EXPECT_EQ(error_of([&] { (void)encoded(numbers); }).code(), errc::invalid_argument);
}

} // namespace
