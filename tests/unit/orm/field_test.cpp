#include <dynasio/orm/field.hpp>

#include <dynasio/dynamodb/attribute_value.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/error_of.hpp"

namespace measured {

struct Sample {
    std::string id{};
    std::string displayName{};
    int level{};
    std::uint8_t small{};
    double value{};
    float ratio{};
    bool done{};
    std::optional<std::string> note{};
    std::optional<std::int64_t> count{};
    std::vector<std::string> labels{};
    std::vector<int> scores{};
    dynasio::timestamp at{};
    dynasio::dynamodb::binary raw{};
    std::map<std::string, std::string> address{};
    std::optional<std::map<std::string, std::vector<int>>> marks{};
    dynasio::dynamodb::attribute_value extra{};
};
constexpr auto dynasio_schema(dynasio::tag<Sample>) {
    return dynasio::entity<Sample>(dynasio::partition_key<&Sample::id>, dynasio::attribute<&Sample::note>{"n"});
}

} // namespace measured

namespace {

using dynasio::errc;
using dynasio::error;
using dynasio::field;
using dynasio::where_clause;
using measured::Sample;
using kind = dynasio::dynamodb::condition::kind;

void expect(where_clause<Sample> const& clause, kind k, std::string const& attribute,
            std::vector<std::string> const& operands) {
    auto const& c = clause.condition();
    EXPECT_EQ(c.type(), k);
    EXPECT_EQ(c.attribute(), attribute);
    EXPECT_EQ(c.operands(), operands);
}

using dynasio::test::error_of;

TEST(field, compares) {
    expect(field<&Sample::level> == 3, kind::equal, "level", {R"({"N":"3"})"});
    expect(field<&Sample::level> != 3, kind::not_equal, "level", {R"({"N":"3"})"});
    expect(field<&Sample::level> < 3, kind::less, "level", {R"({"N":"3"})"});
    expect(field<&Sample::level> <= 3, kind::less_equal, "level", {R"({"N":"3"})"});
    expect(field<&Sample::level> > 3, kind::greater, "level", {R"({"N":"3"})"});
    expect(field<&Sample::level> >= 3, kind::greater_equal, "level", {R"({"N":"3"})"});
    expect(field<&Sample::level>.between(1, 5), kind::between, "level", {R"({"N":"1"})", R"({"N":"5"})"});
}

TEST(field, uses_the_name_that_the_member_is_stored_under) {
    expect(field<&Sample::displayName> == "x", kind::equal, "display_name", {R"({"S":"x"})"});
    expect(field<&Sample::note> == "x", kind::equal, "n", {R"({"S":"x"})"});
}

TEST(field, takes_lists_of_values) {
    expect(field<&Sample::id>.in("a", "b"), kind::in, "id", {R"({"S":"a"})", R"({"S":"b"})"});
    expect(field<&Sample::level>.in(std::vector<int>{3, 1}), kind::in, "level", {R"({"N":"3"})", R"({"N":"1"})"});
    expect(field<&Sample::level>.in(std::vector<int>{}), kind::in, "level", {});
    EXPECT_TRUE(field<&Sample::level>.in(std::vector<int>{}).condition().is_never());
}

TEST(field, has_the_functions_of_conditions) {
    expect(field<&Sample::id>.begins_with("ab"), kind::begins_with, "id", {R"({"S":"ab"})"});
    expect(field<&Sample::raw>.begins_with(dynasio::dynamodb::binary{"abc"}), kind::begins_with, "raw",
           {R"({"B":"YWJj"})"});
    expect(field<&Sample::id>.contains("ab"), kind::contains, "id", {R"({"S":"ab"})"});
    expect(field<&Sample::labels>.contains("ab"), kind::contains, "labels", {R"({"S":"ab"})"});
    expect(field<&Sample::scores>.contains(5), kind::contains, "scores", {R"({"N":"5"})"});
    expect(field<&Sample::note>.exists(), kind::exists, "n", {});
    expect(field<&Sample::note>.not_exists(), kind::not_exists, "n", {});
    expect(field<&Sample::note>.is_null(), kind::absent_or_null, "n", {});
}

using dynasio::dynamodb::attribute_type;
using dynasio::dynamodb::to_string;

std::string text(where_clause<Sample> const& clause) { return to_string(clause.condition()); }

TEST(field, compares_sizes) {
    auto const c = (field<&Sample::labels>.size() > 3).condition();
    EXPECT_TRUE(c.is_on_size());
    EXPECT_FALSE(c.is_on("labels"));
    EXPECT_EQ(c.operands(), std::vector<std::string>{R"({"N":"3"})"});
    EXPECT_EQ(text(field<&Sample::labels>.size() == 3u), "size(labels) = 3");
    EXPECT_EQ(text(field<&Sample::note>.size() != 3), "size(n) <> 3");
    EXPECT_EQ(text(field<&Sample::raw>.size() < std::size_t{3}), "size(raw) < 3");
    EXPECT_EQ(text(field<&Sample::address>.size() <= 3), "size(address) <= 3");
    EXPECT_EQ(text(field<&Sample::extra>.size() >= short{3}), "size(extra) >= 3");
    EXPECT_EQ(text(field<&Sample::id>.size().between(1, 5)), "size(id) between 1 and 5");
}

TEST(field, asks_for_the_stored_type) {
    expect(field<&Sample::note>.has_type(attribute_type::null), kind::has_type, "n", {R"({"S":"NULL"})"});
    expect(field<&Sample::extra>.has_type(attribute_type::number_set), kind::has_type, "extra", {R"({"S":"NS"})"});
}

TEST(field, leads_into_lists_and_maps) {
    EXPECT_EQ(text(field<&Sample::labels>.at(0) == "x"), R"(labels[0] = "x")");
    EXPECT_EQ(text(field<&Sample::address>.at("city") == "Bonn"), R"(address.city = "Bonn")");
    EXPECT_EQ(text(field<&Sample::address>.at(std::string("city")).begins_with("B")),
              R"(address.city begins with "B")");
    EXPECT_EQ(text(field<&Sample::marks>.at("maths").at(1u) < 3), "marks.maths[1] < 3");
    EXPECT_EQ(text(field<&Sample::marks>.at("maths").size() == 2), "size(marks.maths) = 2");
    EXPECT_EQ(text(field<&Sample::marks>.at("maths").contains(1)), "marks.maths contains 1");
    EXPECT_EQ(text(field<&Sample::extra>.at("a").at(2).at("b") == 1), "extra.a[2].b = 1");
    EXPECT_EQ(text(field<&Sample::extra>.at("a").begins_with("b")), R"(extra.a begins with "b")");
    EXPECT_EQ(text(field<&Sample::address>.at("city") == nullptr), "address.city is absent or null");
    EXPECT_EQ(text(field<&Sample::address>.at("city").exists()), "address.city exists");
    EXPECT_EQ(text(field<&Sample::address>.at("city").in("a", "b")), R"(address.city in ("a", "b"))");
    EXPECT_EQ(text(field<&Sample::extra>.at("a").has_type(attribute_type::map)), R"(extra.a has type "M")");
}

TEST(field, names_the_place_inside_of_a_member_in_errors) {
    auto const e = error_of([] { (void)(field<&Sample::marks>.at("maths").at(1) == 3000000000LL); });
    EXPECT_EQ(e.code(), errc::number_out_of_range);
    EXPECT_EQ(e.info().entity, "Sample");
    EXPECT_EQ(e.info().attribute, "marks.maths[1]");
    auto const below = error_of([] { (void)(field<&Sample::labels>.at(-1) == "x"); });
    EXPECT_EQ(below.code(), errc::invalid_argument);
    EXPECT_NE(below.info().message.find("labels"), std::string::npos) << below.info().message;
}

TEST(field, takes_null_for_absent_or_null) {
    expect(field<&Sample::note> == nullptr, kind::absent_or_null, "n", {});
    expect(field<&Sample::note> == std::nullopt, kind::absent_or_null, "n", {});
    auto const c = (field<&Sample::note> != nullptr).condition();
    EXPECT_EQ(c.type(), kind::not_of);
    EXPECT_EQ(c.terms().front().type(), kind::absent_or_null);
}

TEST(field, joins) {
    auto const both = (field<&Sample::level> == 1 && field<&Sample::done> == true).condition();
    EXPECT_EQ(both.type(), kind::all_of);
    EXPECT_EQ(both.terms().size(), 2U);
    auto const one = (field<&Sample::level> == 1 || field<&Sample::done> == true).condition();
    EXPECT_EQ(one.type(), kind::any_of);
    auto const none = (!(field<&Sample::level> == 1)).condition();
    EXPECT_EQ(none.type(), kind::not_of);
}

TEST(field_operand, becomes_the_type_of_the_member) {
    expect(field<&Sample::value> == 3, kind::equal, "value", {R"({"N":"3"})"});
    expect(field<&Sample::level> == 3.0, kind::equal, "level", {R"({"N":"3"})"});
    expect(field<&Sample::count> == 3, kind::equal, "count", {R"({"N":"3"})"});
    expect(field<&Sample::small> == 255L, kind::equal, "small", {R"({"N":"255"})"});
    expect(field<&Sample::ratio> < 0.1, kind::less, "ratio", {R"({"N":"0.1"})"});
    expect(field<&Sample::done> == true, kind::equal, "done", {R"({"BOOL":true})"});
    expect(field<&Sample::at> > dynasio::timestamp::parse("2026-01-01T00:00:00Z").value(), kind::greater, "at",
           {R"({"S":"2026-01-01T00:00:00.000Z"})"});
    std::string const text = "t";
    expect(field<&Sample::id> == text, kind::equal, "id", {R"({"S":"t"})"});
    char const* const pointer = "p";
    expect(field<&Sample::id> == pointer, kind::equal, "id", {R"({"S":"p"})"});
}

TEST(field_operand, that_the_member_cannot_hold_is_an_error) {
    auto const refuses = [](auto make) {
        auto const e = error_of([&] { (void)make(); });
        EXPECT_EQ(e.code(), errc::number_out_of_range);
    };
    refuses([] { return field<&Sample::small> == 256; });
    refuses([] { return field<&Sample::small> == -1; });
    refuses([] { return field<&Sample::level> == 3000000000LL; });
    refuses([] { return field<&Sample::level> == 2.5; });
    refuses([] { return field<&Sample::level> == 1e300; });
    refuses([] { return field<&Sample::count> == std::numeric_limits<std::uint64_t>::max(); });
    refuses([] { return field<&Sample::ratio> == 1e39; });
}

TEST(field_operand, that_dynamodb_does_not_store_is_an_error) {
    EXPECT_EQ(error_of([] { (void)(field<&Sample::value> == std::numeric_limits<double>::quiet_NaN()); }).code(),
              errc::invalid_argument);
    EXPECT_EQ(error_of([] { (void)(field<&Sample::value> < std::numeric_limits<double>::infinity()); }).code(),
              errc::invalid_argument);
}

TEST(field_operand, that_is_no_utf8_is_an_error) {
    EXPECT_EQ(error_of([] { (void)(field<&Sample::id> == "\xff"); }).code(), errc::invalid_argument);
    error const named[]{
        error_of([] { (void)(field<&Sample::note> == "\xff"); }),
        error_of([] { (void)field<&Sample::labels>.contains("\xff"); }),
        error_of([] { (void)(field<&Sample::small> == 1000); }),
    };
    char const* const attributes[]{"n", "labels", "small"};
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(named[i].info().entity, "Sample");
        EXPECT_EQ(named[i].info().attribute, attributes[i]);
    }
}

} // namespace
