#include <dynasio/dynamodb/detail/condition_text.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace dynasio::dynamodb {
namespace {

using detail::condition_judge;
using detail::condition_values;

std::string const five = R"({"N":"5"})";
std::string const nine = R"({"N":"9"})";
std::string const word = R"({"S":"x"})";

/// The condition as text for people, or what is wrong with it.
std::string read_as(std::string_view text, condition_values values = {}, condition_judge const& judge = {}) {
    try {
        return to_string(detail::parse_condition(text, values, judge));
    } catch (error const& e) {
        EXPECT_EQ(e.code(), errc::invalid_argument);
        return e.info().message;
    }
}
condition_values given(std::vector<std::string> positional) { return {std::move(positional), {}}; }

/// "at character N: why"
std::string mistake(std::string_view text, condition_values values = {}, condition_judge const& judge = {}) {
    auto const message = read_as(text, std::move(values), judge);
    auto const begin = "the condition \"" + std::string(text) + "\" is wrong ";
    EXPECT_TRUE(message.starts_with(begin)) << message;
    return message.substr(std::min(begin.size(), message.size()));
}

TEST(condition_text, reads_comparisons) {
    EXPECT_EQ(read_as("a = ?", given({five})), "a = 5");
    EXPECT_EQ(read_as("a <> ?", given({five})), "a <> 5");
    EXPECT_EQ(read_as("a<?", given({five})), "a < 5");
    EXPECT_EQ(read_as("a <= ?", given({five})), "a <= 5");
    EXPECT_EQ(read_as("a > ?", given({five})), "a > 5");
    EXPECT_EQ(read_as("a >= ?", given({five})), "a >= 5");
    EXPECT_EQ(read_as("a BETWEEN ? AND ?", given({five, nine})), "a between 5 and 9");
    EXPECT_EQ(read_as("a IN (?, ?)", given({five, nine})), "a in (5, 9)");
}

TEST(condition_text, turns_a_comparison_that_begins_with_the_value) {
    EXPECT_EQ(read_as("? < a", given({five})), "a > 5");
    EXPECT_EQ(read_as("? >= a", given({five})), "a <= 5");
    EXPECT_EQ(read_as("? = size(a)", given({five})), read_as("size(a) = ?", given({five})));
}

TEST(condition_text, reads_functions) {
    condition const typed(condition::kind::has_type, "a", {R"({"S":"NS"})"});
    EXPECT_EQ(read_as("attribute_exists(a)"), "a exists");
    EXPECT_EQ(read_as("attribute_not_exists(a)"), to_string(condition(condition::kind::not_exists, "a")));
    EXPECT_EQ(read_as("attribute_type(a, ?)", given({R"({"S":"NS"})"})), to_string(typed));
    EXPECT_EQ(read_as("begins_with(a, ?)", given({word})),
              to_string(condition(condition::kind::begins_with, "a", {word})));
    EXPECT_EQ(read_as("contains(a, ?)", given({word})), to_string(condition(condition::kind::contains, "a", {word})));
    EXPECT_EQ(read_as("size(a) > ?", given({five})),
              to_string(condition::size_of(condition::kind::greater, document_path("a"), {five})));
    EXPECT_EQ(read_as("size(a) BETWEEN ? AND ?", given({five, nine})),
              to_string(condition::size_of(condition::kind::between, document_path("a"), {five, nine})));
}

TEST(condition_text, a_function_is_one_only_before_a_parenthesis) {
    EXPECT_EQ(read_as("size = ? AND contains = ?", given({five, five})), "size = 5 and contains = 5");
}

TEST(condition_text, and_binds_closer_than_or_and_not_closer_than_both) {
    condition const a(condition::kind::exists, "a"), b(condition::kind::exists, "b"), c(condition::kind::exists, "c");
    std::string const all = "attribute_exists(a) OR attribute_exists(b) AND NOT attribute_exists(c)";
    EXPECT_EQ(read_as(all), to_string(a || (b && !c)));
    EXPECT_EQ(read_as("(attribute_exists(a) or attribute_exists(b)) and attribute_exists(c)"),
              to_string((a || b) && c));
    EXPECT_EQ(read_as("not (attribute_exists(a) And attribute_exists(b))"), to_string(!(a && b)));
    EXPECT_EQ(read_as("NOT NOT attribute_exists(a)"), to_string(a));
    EXPECT_EQ(read_as("a BETWEEN ? AND ? AND attribute_exists(b)", given({five, nine})),
              "a between 5 and 9 and b exists");
}

TEST(condition_text, reads_paths_and_quoted_names) {
    EXPECT_EQ(read_as("a.b[2].c = ?", given({five})), "a.b[2].c = 5");
    auto const c = detail::parse_condition(R"("and"."x.y" = ? AND "sa""id" = ?)", given({five, nine}), {});
    EXPECT_EQ(c.terms()[0].attribute(), "and");
    EXPECT_EQ(c.terms()[0].path().steps().front(), document_path::step(std::string("x.y")));
    EXPECT_EQ(c.terms()[1].attribute(), "sa\"id");
    EXPECT_EQ(read_as("_a1.B2 = ?", given({five})), "_a1.B2 = 5");
}

TEST(condition_text, a_value_with_a_name_stands_in_several_places) {
    condition_values values{{nine}, {{"low", five}, {"word", word}}};
    EXPECT_EQ(read_as("a > :low AND b > :low AND c < ? AND d = :word", values),
              "a > 5 and b > 5 and c < 9 and d = \"x\"");
}

TEST(condition_text, values_are_as_many_as_there_are_places) {
    EXPECT_EQ(mistake("a = ? AND b = ?", given({five})),
              "at character 15: there is no value for this placeholder; 1 are given");
    EXPECT_EQ(mistake("a = ?", given({five, nine})),
              "at character 6: the text has 1 placeholders ?, and 2 values are given");
    EXPECT_EQ(mistake("a = :other", {{}, {{"one", five}}}), "at character 5: there is no value with the name :other");
    EXPECT_EQ(mistake("a = :one", {{}, {{"one", five}, {"two", five}}}),
              "at character 9: the value :two is given and not used");
}

TEST(condition_text, a_mistake_has_a_place) {
    EXPECT_EQ(mistake(""), "at character 1: there is no condition");
    EXPECT_EQ(mistake("a"), "at character 2: a comparison is expected here: = <> < <= > >= BETWEEN or IN");
    EXPECT_EQ(mistake("a = 5"),
              "at character 5: a value is expected here: write ? or :name and give the value behind the text");
    EXPECT_EQ(mistake("a = b"),
              "at character 5: a value is expected here, as ? or :name; attributes are not compared with each other");
    EXPECT_EQ(mistake("a = 'x'"),
              "at character 5: values do not stand in the text; write ? or :name and give the value behind it");
    EXPECT_EQ(mistake("#a = ?", given({five})),
              "at character 1: names of attributes are written as they are, without #");
    EXPECT_EQ(mistake("a != ?", given({five})), "at character 3: \"not equal\" is written <>");
    EXPECT_EQ(mistake("? = ?", given({five, five})),
              "at character 5: an attribute is expected here: two values are not compared with each other");
    EXPECT_EQ(mistake("in = ?", given({five})),
              "at character 1: the keyword in stands in double quotes where it is a name");
    EXPECT_EQ(mistake("(a = ?", given({five})), "at character 7: a closing parenthesis is expected here");
    EXPECT_EQ(mistake("a = ?)", given({five})), "at character 6: AND, OR or the end is expected here");
    EXPECT_EQ(mistake("a[x] = ?", given({five})),
              "at character 3: a position in a list, counted from 0, is expected here");
    EXPECT_EQ(mistake("a[99999999999999999999] = ?", given({five})),
              "at character 3: a position in a list, counted from 0, is expected here");
    EXPECT_EQ(mistake("a. = ?", given({five})), "at character 4: the name of an element is expected behind the dot");
    EXPECT_EQ(mistake("\"a = ?"), "at character 1: the double quote that ends the name is missing");
    EXPECT_EQ(mistake("\"\" = ?"), "at character 1: a name is not empty");
    EXPECT_EQ(mistake("a = :"), "at character 5: the name of a value stands behind the colon");
    EXPECT_EQ(mistake("begin(a, ?)", given({five})).substr(0, 42), "at character 1: there is no function begin");
    EXPECT_NE(mistake("SIZE(a) > ?", given({five})), "") << "names of functions have one spelling";
    EXPECT_NE(mistake("? < SIZE(a)", given({five})), "");
    EXPECT_EQ(mistake("contains(a)"), "at character 11: a comma and a value are expected here");
    EXPECT_EQ(mistake("contains(?, ?)", given({five, five})),
              "at character 10: the name of an attribute is expected here, and no value");
    EXPECT_EQ(mistake("? IN (?)", given({five, five})),
              "at character 1: an attribute is expected before IN, and no value");
    EXPECT_EQ(mistake("a IN ()"),
              "at character 7: a value is expected here, as ? or :name; attributes are not compared "
              "with each other");
    EXPECT_EQ(mistake("a BETWEEN ? , ?", given({five, five})),
              "at character 13: AND and the upper bound are expected here");
    EXPECT_EQ(mistake("\"\xC3\xB6\" = 1"),
              "at character 7: a value is expected here: write ? or :name and give the value behind the text")
        << "characters are counted, not bytes";
}

TEST(condition_text, refuses_values_that_the_service_does_not_take) {
    std::string const yes = R"({"BOOL":true})";
    EXPECT_EQ(mistake("a < ?", given({yes})),
              "at character 5: only texts, numbers and bytes have an order, and this value is of type BOOL");
    EXPECT_EQ(mistake("? < a", given({yes})),
              "at character 1: only texts, numbers and bytes have an order, and this value is of type BOOL");
    EXPECT_EQ(read_as("a = ?", given({yes})), to_string(condition(condition::kind::equal, "a", {yes})));
    EXPECT_EQ(mistake("begins_with(a, ?)", given({five})),
              "at character 16: begins_with takes a text or bytes, and this value is of type N");
    EXPECT_EQ(mistake("attribute_type(a, ?)", given({word})),
              "at character 19: attribute_type takes the text of a type: S, N, B, BOOL, NULL, L, M, SS, NS or BS");
    EXPECT_EQ(mistake("size(a) = ?", given({word})), "at character 6: a size is compared with numbers");
}

TEST(condition_text, who_knows_the_attributes_judges_each_comparison) {
    auto const judge = [](condition const& one, bool quoted) {
        return one.attribute() == "b" && !quoted ? std::string("no b") : std::string();
    };
    EXPECT_EQ(mistake("a = ? AND b.c = ?", given({five, five}), judge), "at character 11: no b");
    EXPECT_EQ(read_as("a = ? AND \"b\" = ?", given({five, five}), judge), "a = 5 and b = 5");
}

TEST(condition_text, nesting_has_a_limit) {
    std::string const fits = std::string(64, '(') + "a = ?" + std::string(64, ')');
    EXPECT_EQ(read_as(fits, given({five})), "a = 5");
    EXPECT_EQ(mistake("(" + fits + ")", given({five})),
              "at character 65: parentheses and NOT are nested more than 64 deep");
    std::string many;
    for (int i = 0; i < 10'000; ++i) many += "NOT ";
    EXPECT_EQ(mistake(many + "a = ?", given({five})),
              "at character 257: parentheses and NOT are nested more than 64 deep");
}

} // namespace
} // namespace dynasio::dynamodb
