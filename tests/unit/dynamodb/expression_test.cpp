#include <dynasio/dynamodb/expression.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <iterator>
#include <map>
#include <string>
#include <vector>

namespace dynasio::dynamodb {
namespace {

using kind = condition::kind;

template <class Function> error_code thrown(Function f) {
    try {
        static_cast<void>(f());
    } catch (error const& e) {
        return e.code();
    }
    return {};
}

std::string s(std::string_view text) { return R"({"S":")" + std::string(text) + R"("})"; }
std::string n(std::string_view text) { return R"({"N":")" + std::string(text) + R"("})"; }

condition is(kind k, std::string operand) { return condition(k, "a", {std::move(operand)}); }
condition exists(std::string attribute) { return condition(kind::exists, std::move(attribute)); }

bool matches(condition const& c, std::map<std::string, std::string, std::less<>> const& item) {
    return c.matches([&](std::string_view name) -> std::string_view {
        auto const found = item.find(name);
        return found == item.end() ? std::string_view() : std::string_view(found->second);
    });
}
/// Whether it matches an item whose attribute "a" is `wire` (empty: it has none).
bool matches_a(condition const& c, std::string const& wire) {
    std::map<std::string, std::string, std::less<>> item;
    if (!wire.empty()) item["a"] = wire;
    return matches(c, item);
}

std::string text(condition const& c) {
    expression_writer writer;
    return writer.write(c);
}

std::vector<std::string> numbers(std::size_t count) {
    std::vector<std::string> result;
    for (std::size_t i = 0; i != count; ++i) result.push_back(n(std::to_string(i)));
    return result;
}

TEST(condition, takes_as_many_operands_as_its_kind_needs) {
    for (kind k : {kind::equal, kind::not_equal, kind::less, kind::less_equal, kind::greater, kind::greater_equal,
                   kind::begins_with, kind::contains, kind::has_type}) {
        EXPECT_EQ(thrown([&] { return condition(k, "a"); }), errc::invalid_argument);
        EXPECT_EQ(thrown([&] { return condition(k, "a", {n("1")}); }), error_code());
        EXPECT_EQ(thrown([&] { return condition(k, "a", {n("1"), n("2")}); }), errc::invalid_argument);
    }
    EXPECT_EQ(thrown([] { return condition(kind::between, "a", {n("1")}); }), errc::invalid_argument);
    EXPECT_EQ(thrown([] { return condition(kind::between, "a", {n("1"), n("2")}); }), error_code());
    for (kind k : {kind::exists, kind::not_exists, kind::absent_or_null}) {
        EXPECT_EQ(thrown([&] { return condition(k, "a"); }), error_code());
        EXPECT_EQ(thrown([&] { return condition(k, "a", {n("1")}); }), errc::invalid_argument);
    }
    for (kind k : {kind::always, kind::all_of, kind::any_of, kind::not_of})
        EXPECT_EQ(thrown([&] { return condition(k, "a"); }), errc::invalid_argument);
}

TEST(condition, conjunctions_are_flat_and_always_disappears) {
    EXPECT_TRUE(condition::all_of({}).is_always());
    EXPECT_TRUE((condition() && condition()).is_always());
    EXPECT_EQ((condition() && exists("a")).type(), kind::exists);
    auto const all = (exists("a") && exists("b")) && condition() && (exists("c") && exists("d"));
    ASSERT_EQ(all.terms().size(), 4U);
    EXPECT_EQ(all.terms()[0].attribute(), "a");
    EXPECT_EQ(all.terms()[3].attribute(), "d");
    EXPECT_EQ(all.conjuncts().size(), 4U);
    EXPECT_EQ(exists("a").conjuncts().size(), 1U);
    EXPECT_EQ((exists("a") || exists("b")).conjuncts().size(), 1U);
    EXPECT_TRUE(condition().conjuncts().empty());
}

TEST(condition, disjunctions_are_flat_and_always_swallows_them) {
    EXPECT_TRUE((exists("a") || condition()).is_always());
    EXPECT_EQ(((exists("a") || exists("b")) || (exists("c") || exists("d"))).terms().size(), 4U);
    EXPECT_EQ(condition::any_of({exists("a")}).type(), kind::exists);
    EXPECT_EQ(thrown([] { return condition::any_of({}); }), errc::invalid_argument);
}

TEST(condition, a_double_negation_is_the_term) {
    EXPECT_EQ((!exists("a")).type(), kind::not_of);
    EXPECT_EQ((!!exists("a")).type(), kind::exists);
    EXPECT_EQ(thrown([] { return !condition(); }), errc::invalid_argument);
}

TEST(condition, knows_when_nothing_can_match) {
    condition const nothing(kind::in, "a");
    EXPECT_TRUE(nothing.is_never());
    EXPECT_TRUE((nothing && exists("b")).is_never());
    EXPECT_FALSE((nothing || exists("b")).is_never());
    EXPECT_TRUE((nothing || condition(kind::in, "b")).is_never());
    EXPECT_FALSE((!nothing).is_never());
    EXPECT_FALSE(condition().is_never());
}

TEST(condition_matches, compares_values_of_one_type) {
    EXPECT_TRUE(matches_a(is(kind::equal, s("x")), s("x")));
    EXPECT_FALSE(matches_a(is(kind::equal, s("x")), s("y")));
    EXPECT_TRUE(matches_a(is(kind::equal, n("1")), n("1.0")));
    EXPECT_TRUE(matches_a(is(kind::less, n("10")), n("9")));
    EXPECT_FALSE(matches_a(is(kind::less, s("10")), s("9")));
    EXPECT_FALSE(matches_a(is(kind::less, n("9")), n("9.0")));
    EXPECT_TRUE(matches_a(is(kind::less_equal, n("9")), n("9.0")));
    EXPECT_TRUE(matches_a(is(kind::greater, n("-1")), n("0")));
    EXPECT_FALSE(matches_a(is(kind::greater, n("0")), n("-0")));
    EXPECT_TRUE(matches_a(is(kind::greater_equal, n("0")), n("-0")));
    EXPECT_TRUE(matches_a(is(kind::equal, R"({"BOOL":true})"), R"({ "BOOL" : true })"));
    EXPECT_FALSE(matches_a(is(kind::equal, R"({"BOOL":true})"), R"({"BOOL":false})"));
    EXPECT_TRUE(matches_a(is(kind::equal, R"({"NULL":true})"), R"({"NULL":true})"));
    EXPECT_TRUE(matches_a(is(kind::equal, R"({"SS":["a","b"]})"), R"({"SS":["b","a"]})"));
    EXPECT_TRUE(matches_a(is(kind::equal, R"({"M":{"x":{"N":"1"}}})"), R"({"M":{"x":{"N":"1.0"}}})"));
    EXPECT_TRUE(matches_a(is(kind::equal, s("\\u0041")), s("A")));
}

TEST(condition_matches, orders_strings_and_binaries_by_unsigned_bytes) {
    EXPECT_TRUE(matches_a(is(kind::greater, s("z")), s("\xc3\xa9")));
    // U+FF5E sorts below U+1F600 in UTF-8, and above it in UTF-16.
    EXPECT_TRUE(matches_a(is(kind::less, s("\xf0\x9f\x98\x80")), s("\xef\xbd\x9e")));
    EXPECT_TRUE(matches_a(is(kind::less, s("ab")), s("a")));
    // 0x7f and 0x80; as base64 text "fw==" sorts above "gA==".
    EXPECT_TRUE(matches_a(is(kind::greater, R"({"B":"fw=="})"), R"({"B":"gA=="})"));
    // 0x00 and 0xff; as base64 text "AA==" sorts above "/w==".
    EXPECT_TRUE(matches_a(is(kind::less, R"({"B":"/w=="})"), R"({"B":"AA=="})"));
}

TEST(condition_matches, different_types_and_absent_attributes_are_only_unequal) {
    for (std::string const& wire : {s("1"), std::string(R"({"BOOL":true})"), std::string(R"({"NULL":true})"),
                                    std::string(R"({"NS":["1"]})"), std::string()}) {
        for (kind k : {kind::equal, kind::less, kind::less_equal, kind::greater, kind::greater_equal})
            EXPECT_FALSE(matches_a(is(k, n("1")), wire)) << wire;
        EXPECT_TRUE(matches_a(is(kind::not_equal, n("1")), wire)) << wire;
        EXPECT_FALSE(matches_a(condition(kind::between, "a", {n("0"), n("2")}), wire)) << wire;
        EXPECT_FALSE(matches_a(condition(kind::in, "a", {n("1")}), wire)) << wire;
    }
    // Types without an order have none with themselves either.
    EXPECT_FALSE(matches_a(is(kind::less_equal, R"({"BOOL":true})"), R"({"BOOL":true})"));
    EXPECT_FALSE(matches_a(is(kind::not_equal, n("1")), n("1.0")));
}

TEST(condition_matches, between_includes_both_ends) {
    condition const c(kind::between, "a", {n("1"), n("3")});
    EXPECT_TRUE(matches_a(c, n("1")));
    EXPECT_TRUE(matches_a(c, n("2.5")));
    EXPECT_TRUE(matches_a(c, n("3.0")));
    EXPECT_FALSE(matches_a(c, n("0.9")));
    EXPECT_FALSE(matches_a(c, n("3.1")));
    EXPECT_FALSE(matches_a(condition(kind::between, "a", {n("3"), n("1")}), n("2")));
}

TEST(condition_matches, in_finds_any_of_its_operands) {
    condition const c(kind::in, "a", {s("x"), n("1")});
    EXPECT_TRUE(matches_a(c, s("x")));
    EXPECT_TRUE(matches_a(c, n("1.0")));
    EXPECT_FALSE(matches_a(c, s("1")));
    EXPECT_FALSE(matches_a(condition(kind::in, "a"), s("x")));
}

TEST(condition_matches, begins_with_looks_at_strings_and_binaries) {
    EXPECT_TRUE(matches_a(is(kind::begins_with, s("ab")), s("abc")));
    EXPECT_TRUE(matches_a(is(kind::begins_with, s("")), s("abc")));
    EXPECT_FALSE(matches_a(is(kind::begins_with, s("abc")), s("ab")));
    EXPECT_TRUE(matches_a(is(kind::begins_with, R"({"B":"AQ=="})"), R"({"B":"AQI="})"));
    EXPECT_FALSE(matches_a(is(kind::begins_with, R"({"B":"Ag=="})"), R"({"B":"AQI="})"));
    EXPECT_FALSE(matches_a(is(kind::begins_with, n("1")), n("12")));
    EXPECT_FALSE(matches_a(is(kind::begins_with, s("")), ""));
}

TEST(condition_matches, contains_looks_for_text_members_and_elements) {
    EXPECT_TRUE(matches_a(is(kind::contains, s("bc")), s("abcd")));
    EXPECT_FALSE(matches_a(is(kind::contains, s("bd")), s("abcd")));
    EXPECT_TRUE(matches_a(is(kind::contains, R"({"B":"Ag=="})"), R"({"B":"AQID"})"));
    EXPECT_FALSE(matches_a(is(kind::contains, R"({"B":"BA=="})"), R"({"B":"AQID"})"));
    EXPECT_TRUE(matches_a(is(kind::contains, s("b")), R"({"SS":["a","b"]})"));
    EXPECT_FALSE(matches_a(is(kind::contains, s("b")), R"({"SS":["a","bb"]})"));
    EXPECT_TRUE(matches_a(is(kind::contains, n("1.0")), R"({"NS":["1","2"]})"));
    EXPECT_FALSE(matches_a(is(kind::contains, s("1")), R"({"NS":["1","2"]})"));
    EXPECT_TRUE(matches_a(is(kind::contains, R"({"B":"AQ=="})"), R"({"BS":["AQ=="]})"));
    EXPECT_TRUE(matches_a(is(kind::contains, n("1")), R"({"L":[{"S":"1"},{"N":"1.0"}]})"));
    EXPECT_FALSE(matches_a(is(kind::contains, n("2")), R"({"L":[{"S":"2"},{"N":"1.0"}]})"));
    EXPECT_FALSE(matches_a(is(kind::contains, s("x")), R"({"M":{"x":{"S":"x"}}})"));
    EXPECT_FALSE(matches_a(is(kind::contains, s("x")), ""));
}

TEST(condition_matches, existence_and_null_are_different_things) {
    condition const absent_or_null(kind::absent_or_null, "a");
    EXPECT_TRUE(matches_a(exists("a"), R"({"NULL":true})"));
    EXPECT_FALSE(matches_a(exists("a"), ""));
    EXPECT_TRUE(matches_a(condition(kind::not_exists, "a"), ""));
    EXPECT_FALSE(matches_a(condition(kind::not_exists, "a"), R"({"NULL":true})"));
    EXPECT_TRUE(matches_a(absent_or_null, ""));
    EXPECT_TRUE(matches_a(absent_or_null, R"({"NULL":true})"));
    EXPECT_FALSE(matches_a(absent_or_null, s("")));
}

document_path in_a(document_path::step step) { return document_path("a").at(std::move(step)); }
condition size_is(kind k, std::string operand) {
    return condition::size_of(k, document_path("a"), {std::move(operand)});
}

TEST(condition_matches, compares_the_size_that_the_service_counts) {
    auto const has = [](char const* count, std::string const& wire) {
        return matches_a(size_is(kind::equal, n(count)), wire);
    };
    EXPECT_TRUE(has("0", s("")));
    EXPECT_TRUE(has("3", s("abc")));
    EXPECT_TRUE(has("2", s("b\u00e4"))) << "two bytes of UTF-8, one unit of UTF-16";
    EXPECT_TRUE(has("1", s("\u20ac"))) << "three bytes of UTF-8, one unit of UTF-16";
    EXPECT_TRUE(has("2", s("\U0001D11E"))) << "four bytes of UTF-8, two units of UTF-16";
    EXPECT_TRUE(has("3", R"({"B":"AQID"})"));
    EXPECT_TRUE(has("2", R"({"L":[{"S":"x"},{"NULL":true}]})"));
    EXPECT_TRUE(has("1", R"({"M":{"x":{"S":"x"}}})"));
    EXPECT_TRUE(has("2", R"({"SS":["x","y"]})"));
    EXPECT_TRUE(has("1", R"({"NS":["1"]})"));
    EXPECT_TRUE(has("1", R"({"BS":["AQ=="]})"));
    EXPECT_TRUE(matches_a(size_is(kind::less, n("10")), s("123456789"))) << "by value, not by text";
    EXPECT_TRUE(matches_a(condition::size_of(kind::between, document_path("a"), {n("2"), n("3")}), s("abc")));
    EXPECT_FALSE(matches_a(size_is(kind::equal, s("3")), s("abc"))) << "a size is a number";
}

TEST(condition_matches, takes_a_value_without_a_size_for_an_absent_one) {
    for (std::string const wire : {"", R"({"N":"3"})", R"({"BOOL":true})", R"({"NULL":true})"}) {
        EXPECT_FALSE(matches_a(size_is(kind::equal, n("1")), wire)) << wire;
        EXPECT_FALSE(matches_a(size_is(kind::greater_equal, n("0")), wire)) << wire;
        EXPECT_TRUE(matches_a(size_is(kind::not_equal, n("1")), wire)) << wire;
    }
}

TEST(condition, of_a_size_is_a_comparison) {
    for (kind k : {kind::begins_with, kind::contains, kind::exists, kind::has_type, kind::always})
        EXPECT_EQ(thrown([&] { return condition::size_of(k, document_path("a"), {n("1")}); }), errc::invalid_argument);
    EXPECT_EQ(thrown([&] { return condition::size_of(kind::equal, document_path("a"), {}); }), errc::invalid_argument);
}

TEST(condition_matches, looks_inside_of_lists_and_maps) {
    std::string const list = R"({"L":[{"S":"x"},{"M":{"y":{"N":"1"}}}]})";
    EXPECT_TRUE(matches_a(condition(kind::equal, in_a(std::size_t{0}), {s("x")}), list));
    EXPECT_TRUE(matches_a(condition(kind::equal, in_a(std::size_t{1}).at("y"), {n("1.0")}), list));
    EXPECT_TRUE(matches_a(condition::size_of(kind::equal, in_a(std::size_t{1}), {n("1")}), list));
    std::string const map = R"({"M":{"x":{"S":"y"},"0":{"S":"z"},"n":{"NULL":true}}})";
    EXPECT_TRUE(matches_a(condition(kind::equal, in_a("x"), {s("y")}), map));
    EXPECT_FALSE(matches_a(condition(kind::equal, in_a("x"), {s("x")}), map));
    EXPECT_TRUE(matches_a(condition(kind::absent_or_null, in_a("n")), map));
    EXPECT_TRUE(matches_a(condition(kind::exists, in_a("n")), map));
    EXPECT_FALSE(matches_a(condition(kind::exists, in_a(std::size_t{0})), map)) << "a map has no positions";
}

TEST(condition_matches, takes_what_no_path_leads_to_for_absent) {
    for (std::string const wire : {"", R"({"S":"x"})", R"({"L":[]})", R"({"M":{}})", R"({"SS":["x"]})"}) {
        EXPECT_TRUE(matches_a(condition(kind::not_exists, in_a("x")), wire)) << wire;
        EXPECT_TRUE(matches_a(condition(kind::not_exists, in_a(std::size_t{0})), wire)) << wire;
        EXPECT_TRUE(matches_a(condition(kind::absent_or_null, in_a("x").at("y")), wire)) << wire;
        EXPECT_TRUE(matches_a(condition(kind::not_equal, in_a("x"), {s("x")}), wire)) << wire;
        EXPECT_FALSE(matches_a(condition(kind::equal, in_a("x"), {s("x")}), wire)) << wire;
        EXPECT_FALSE(matches_a(condition(kind::exists, in_a(std::size_t{0})), wire)) << wire;
    }
}

TEST(condition_matches, has_type_knows_every_type) {
    std::string const of_each[]{
        s("x"),        n("1"),        R"({"B":"AQ=="})", R"({"BOOL":false})", R"({"NULL":true})",
        R"({"L":[]})", R"({"M":{}})", R"({"SS":["x"]})", R"({"NS":["1"]})",   R"({"BS":["AQ=="]})"};
    char const* const tags[]{"S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"};
    for (std::size_t i = 0; i != std::size(tags); ++i)
        for (std::size_t j = 0; j != std::size(tags); ++j)
            EXPECT_EQ(matches_a(is(kind::has_type, s(tags[i])), of_each[j]), i == j) << tags[i] << of_each[j];
    EXPECT_FALSE(matches_a(is(kind::has_type, s("NULL")), "")) << "an absent attribute has no type";
}

TEST(condition_matches, joins_terms) {
    auto const both = exists("a") && exists("b");
    auto const either = exists("a") || exists("b");
    EXPECT_TRUE(matches(condition(), {}));
    EXPECT_TRUE(matches(both, {{"a", s("x")}, {"b", s("x")}}));
    EXPECT_FALSE(matches(both, {{"a", s("x")}}));
    EXPECT_TRUE(matches(either, {{"b", s("x")}}));
    EXPECT_FALSE(matches(either, {}));
    EXPECT_TRUE(matches(!both, {{"a", s("x")}}));
    EXPECT_FALSE(matches(!either, {{"a", s("x")}}));
}

TEST(condition_matches, says_whose_wire_form_is_wrong) {
    EXPECT_EQ(thrown([] { return matches_a(is(kind::equal, "1"), n("1")); }), errc::invalid_argument);
    EXPECT_EQ(thrown([] { return matches_a(is(kind::equal, n("1")), "1"); }), errc::malformed_response);
}

TEST(expression_writer, writes_every_kind) {
    EXPECT_EQ(text(condition()), "");
    EXPECT_EQ(text(is(kind::equal, n("1"))), "#0 = :0");
    EXPECT_EQ(text(is(kind::not_equal, n("1"))), "#0 <> :0");
    EXPECT_EQ(text(is(kind::less, n("1"))), "#0 < :0");
    EXPECT_EQ(text(is(kind::less_equal, n("1"))), "#0 <= :0");
    EXPECT_EQ(text(is(kind::greater, n("1"))), "#0 > :0");
    EXPECT_EQ(text(is(kind::greater_equal, n("1"))), "#0 >= :0");
    EXPECT_EQ(text(condition(kind::between, "a", {n("1"), n("2")})), "#0 BETWEEN :0 AND :1");
    EXPECT_EQ(text(condition(kind::in, "a", {n("1"), n("2")})), "#0 IN (:0, :1)");
    EXPECT_EQ(text(is(kind::begins_with, s("x"))), "begins_with(#0, :0)");
    EXPECT_EQ(text(is(kind::contains, s("x"))), "contains(#0, :0)");
    EXPECT_EQ(text(exists("a")), "attribute_exists(#0)");
    EXPECT_EQ(text(condition(kind::not_exists, "a")), "attribute_not_exists(#0)");
    EXPECT_EQ(text(condition(kind::absent_or_null, "a")), "attribute_not_exists(#0) OR attribute_type(#0, :0)");
    EXPECT_EQ(text(!exists("a")), "NOT attribute_exists(#0)");
}

TEST(expression_writer, writes_sizes_types_and_paths) {
    EXPECT_EQ(text(size_is(kind::greater, n("3"))), "size(#0) > :0");
    EXPECT_EQ(text(condition::size_of(kind::between, in_a("b"), {n("1"), n("2")})), "size(#0.#1) BETWEEN :0 AND :1");
    EXPECT_EQ(text(condition::size_of(kind::in, document_path("a"), {n("1"), n("2")})), "size(#0) IN (:0, :1)");
    EXPECT_EQ(text(is(kind::has_type, s("SS"))), "attribute_type(#0, :0)");
    EXPECT_EQ(text(condition(kind::equal, in_a("b.c").at(std::size_t{10}).at("a"), {n("1")})), "#0.#1[10].#0 = :0");
    EXPECT_EQ(text(condition(kind::contains, in_a(std::size_t{0}), {s("x")})), "contains(#0[0], :0)");
    EXPECT_EQ(text(condition(kind::absent_or_null, in_a(std::size_t{0}))),
              "attribute_not_exists(#0[0]) OR attribute_type(#0[0], :0)");
    EXPECT_EQ(text(condition(kind::in, in_a("b"), {})), "attribute_exists(#0) AND attribute_not_exists(#0)");
}

TEST(expression_writer, writes_parentheses_only_where_the_meaning_needs_them) {
    auto const a = exists("a");
    auto const b = exists("b");
    auto const c = exists("c");
    std::string const x = "attribute_exists(#0)";
    std::string const y = "attribute_exists(#1)";
    std::string const z = "attribute_exists(#2)";
    EXPECT_EQ(text(a && b && c), x + " AND " + y + " AND " + z);
    EXPECT_EQ(text(a && (b && c)), x + " AND " + y + " AND " + z);
    EXPECT_EQ(text(a || (b || c)), x + " OR " + y + " OR " + z);
    EXPECT_EQ(text((a && b) || c), x + " AND " + y + " OR " + z);
    EXPECT_EQ(text((a || b) && c), "(" + x + " OR " + y + ") AND " + z);
    EXPECT_EQ(text(!(a && b)), "NOT (" + x + " AND " + y + ")");
    EXPECT_EQ(text(!(a || b) && c), "NOT (" + x + " OR " + y + ") AND " + z);
    EXPECT_EQ(text(!is(kind::equal, n("1"))), "NOT #0 = :0");
    condition const none(kind::absent_or_null, "n");
    EXPECT_EQ(text(none && a), "(attribute_not_exists(#0) OR attribute_type(#0, :0)) AND attribute_exists(#1)");
    EXPECT_EQ(text(none || a), "attribute_not_exists(#0) OR attribute_type(#0, :0) OR attribute_exists(#1)");
    EXPECT_EQ(text(!none), "NOT (attribute_not_exists(#0) OR attribute_type(#0, :0))");
}

TEST(expression_writer, shares_placeholders_and_declares_what_is_used) {
    expression_writer writer;
    EXPECT_EQ(writer.write(condition(kind::equal, "a.b \"c\"", {s("x")}) &&
                           condition(kind::not_equal, "size", {s("x")}) && condition(kind::equal, "size", {n("1")})),
              "#0 = :0 AND #1 <> :0 AND #1 = :1");
    EXPECT_EQ(writer.name("size"), "#1");
    EXPECT_EQ(writer.value(n("1")), ":1");
    EXPECT_EQ(writer.name("added"), "#2");
    std::string body = "{";
    writer.append_members(body);
    EXPECT_EQ(
        body,
        R"({,"ExpressionAttributeNames":{"#0":"a.b \"c\"","#1":"size","#2":"added"},"ExpressionAttributeValues":{":0":{"S":"x"},":1":{"N":"1"}})");
}

TEST(expression_writer, numbers_its_placeholders_in_order_beyond_ten) {
    expression_writer writer;
    for (int i = 0; i != 12; ++i) EXPECT_EQ(writer.name("n" + std::to_string(i)), "#" + std::to_string(i));
    std::string body;
    writer.append_members(body);
    EXPECT_TRUE(body.ends_with(R"("#9":"n9","#10":"n10","#11":"n11"})")) << body;
}

TEST(expression_writer, declares_nothing_when_nothing_is_used) {
    expression_writer writer;
    EXPECT_EQ(writer.write(condition()), "");
    std::string body = "{";
    writer.append_members(body);
    EXPECT_EQ(body, "{");
    EXPECT_EQ(writer.write(exists("a")), "attribute_exists(#0)");
    writer.append_members(body);
    EXPECT_EQ(body, R"({,"ExpressionAttributeNames":{"#0":"a"})");
}

TEST(expression_writer, splits_in_after_every_hundred_operands) {
    auto const count = [](std::string const& in, std::string_view what) {
        std::size_t found = 0;
        for (auto at = in.find(what); at != std::string::npos; at = in.find(what, at + 1)) ++found;
        return found;
    };
    auto const hundred = text(condition(kind::in, "a", numbers(100)));
    EXPECT_EQ(count(hundred, " IN ("), 1U);
    EXPECT_EQ(count(hundred, " OR "), 0U);
    auto const more = text(condition(kind::in, "a", numbers(101)));
    EXPECT_TRUE(more.ends_with(", :99) OR #0 IN (:100)")) << more;
    auto const many = text(condition(kind::in, "a", numbers(300)) && exists("b"));
    EXPECT_EQ(count(many, "#0 IN ("), 3U);
    EXPECT_EQ(count(many, ":"), 300U);
    EXPECT_TRUE(many.starts_with("(#0 IN (:0, ")) << many;
    EXPECT_TRUE(many.ends_with(":299)) AND attribute_exists(#1)")) << many;
}

TEST(expression_writer, names_an_operand_of_in_once) {
    EXPECT_EQ(text(condition(kind::in, "a", {n("1"), n("2"), n("1")})), "#0 IN (:0, :1)");
}

TEST(expression_writer, an_empty_in_is_a_condition_that_no_item_meets) {
    condition const none(kind::in, "a");
    EXPECT_EQ(text(none), "attribute_exists(#0) AND attribute_not_exists(#0)");
    EXPECT_EQ(text(!none), "NOT (attribute_exists(#0) AND attribute_not_exists(#0))");
    EXPECT_EQ(text(none && exists("b")), "attribute_exists(#0) AND attribute_not_exists(#0) AND attribute_exists(#1)");
}

TEST(expression_writer, refuses_more_text_than_the_service_reads) {
    EXPECT_LE(text(condition(kind::in, "a", numbers(600))).size(), 4096U);
    try {
        static_cast<void>(text(condition(kind::in, "a", numbers(1000))));
        FAIL() << "written";
    } catch (error const& e) {
        EXPECT_EQ(e.code(), errc::invalid_argument);
        EXPECT_NE(e.info().message.find("use fewer"), std::string::npos) << e.info().message;
    }
}

TEST(condition_text, is_for_people) {
    EXPECT_EQ(to_string(condition()), "always");
    EXPECT_EQ(to_string(condition(kind::equal, "status", {s("live")}) && condition(kind::greater, "score", {n("10")})),
              R"(status = "live" and score > 10)");
    EXPECT_EQ(to_string((exists("a") || condition(kind::not_exists, "b")) && !condition(kind::absent_or_null, "c")),
              "(a exists or b does not exist) and not (c is absent or null)");
    EXPECT_EQ(to_string(condition(kind::between, "a", {n("1"), n("2")})), "a between 1 and 2");
    EXPECT_EQ(to_string(condition(kind::in, "a", {s("x"), R"({"BOOL":true})", R"({"NULL":true})"})),
              R"(a in ("x", true, null))");
    EXPECT_EQ(to_string(condition(kind::in, "a")), "a in ()");
    EXPECT_EQ(to_string(is(kind::begins_with, s("x")) || is(kind::contains, s("y"))),
              R"(a begins with "x" or a contains "y")");
    EXPECT_EQ(to_string(is(kind::equal, R"({"B":"AAAA"})")), "a = binary of 3 bytes");
    EXPECT_EQ(to_string(is(kind::not_equal, R"({"SS":["x"]})")), R"(a <> {"SS":["x"]})");
    EXPECT_EQ(to_string(is(kind::less, "no wire form")), "a < no wire form");
    EXPECT_EQ(to_string(size_is(kind::less, n("3")) && is(kind::has_type, s("SS"))),
              R"(size(a) < 3 and a has type "SS")");
    EXPECT_EQ(to_string(condition(kind::exists, in_a("b").at(std::size_t{2}).at("c"))), "a.b[2].c exists");
}

} // namespace
} // namespace dynasio::dynamodb
