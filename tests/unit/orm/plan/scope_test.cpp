#include <dynasio/orm/field.hpp>
#include <dynasio/orm/schema.hpp>

#include <gtest/gtest.h>

#include <orm/plan/access_plan.hpp>
#include <orm/plan/scope.hpp>
#include <string>

#include "../model.hpp"

namespace {

using namespace dynasio;
using dynamodb::condition;
using kind = condition::kind;
using shop::Post;

std::string simplified(condition c) {
    auto const left = detail::simplified(entity_type_of<Post>(), std::move(c));
    return left.is_never() ? "never" : dynamodb::to_string(left);
}
template <class Clause> std::string simplified(Clause const& clause) { return simplified(clause.condition()); }

// Post: the table's key is id, indexes have author_id, editor_id and score; title is an ordinary attribute.

TEST(simplified_condition, decides_comparisons_of_keys_with_empty_operands) {
    EXPECT_EQ(simplified(field<&Post::id> == ""), "never");
    EXPECT_EQ(simplified(field<&Post::author_id> == ""), "never");
    EXPECT_EQ(simplified(field<&Post::author_id> < ""), "never");
    EXPECT_EQ(simplified(field<&Post::author_id> <= ""), "never");
    EXPECT_EQ(simplified(field<&Post::author_id> > ""), "author_id exists");
    EXPECT_EQ(simplified(field<&Post::author_id> >= ""), "author_id exists");
    EXPECT_EQ(simplified(field<&Post::author_id>.begins_with("")), "author_id exists");
    EXPECT_EQ(simplified(field<&Post::author_id> != ""), "always");
    EXPECT_EQ(simplified(field<&Post::author_id>.between("", "m")), R"(author_id <= "m")");
    EXPECT_EQ(simplified(field<&Post::author_id>.between("a", "")), "never");
    EXPECT_EQ(simplified(field<&Post::author_id>.between("", "")), "never");
    EXPECT_EQ(simplified(field<&Post::author_id>.in("", "a")), R"(author_id in ("a"))");
    EXPECT_EQ(simplified(condition(kind::equal, "id", {R"({"B":""})"})), "never");
}

TEST(simplified_condition, keeps_empty_operands_of_other_attributes) {
    EXPECT_EQ(simplified(field<&Post::title> == ""), R"(title = "")");
    EXPECT_EQ(simplified(field<&Post::title>.begins_with("")), R"(title begins with "")");
    EXPECT_EQ(simplified(field<&Post::title>.between("", "m")), R"(title between "" and "m")");
}

TEST(simplified_condition, finds_nothing_between_reversed_bounds) {
    EXPECT_EQ(simplified(field<&Post::title>.between("b", "a")), "never");
    EXPECT_EQ(simplified(field<&Post::score>.between(10, 9)), "never");
    EXPECT_EQ(simplified(field<&Post::score>.between(9, 10)), "score between 9 and 10") << "by value, not by text";
    EXPECT_EQ(simplified(field<&Post::score>.between(9, 9)), "score between 9 and 9");
}

TEST(simplified_condition, goes_through_and_or_and_not) {
    auto const impossible = field<&Post::author_id> == "";
    auto const possible = field<&Post::title> == "t";
    EXPECT_EQ(simplified(impossible && possible), "never");
    EXPECT_EQ(simplified(impossible || possible), R"(title = "t")");
    EXPECT_EQ(simplified(impossible || impossible), "never");
    EXPECT_EQ(simplified(!impossible), "always");
    EXPECT_EQ(simplified(!(field<&Post::author_id> != "")), "never");
    EXPECT_EQ(simplified(!(impossible || possible)), R"(not (title = "t"))");
    EXPECT_EQ(simplified(possible && field<&Post::author_id> != ""), R"(title = "t")");
    EXPECT_EQ(simplified(condition()), "always");
}

TEST(scope, drops_what_every_item_of_the_path_satisfies) {
    auto const& type = entity_type_of<Post>();
    selection select;
    select.where = detail::simplified(
        type, (field<&Post::author_id> == "u" && field<&Post::author_id>.begins_with("")).condition());
    auto const plan = detail::plan_query(type, select);
    EXPECT_TRUE(plan.scope.is_whole()) << "the service can apply the limit";
}

TEST(identity_of_conditions, differs_wherever_the_conditions_do) {
    auto const identity = [](condition const& c) {
        std::string text;
        detail::append_identity(text, c);
        return text;
    };
    EXPECT_NE(identity(condition(kind::equal, "a", {R"({"B":"YQ=="})"})),
              identity(condition(kind::equal, "a", {R"({"B":"Yg=="})"})));
    EXPECT_NE(identity(field<&Post::title>.exists().condition()),
              identity((!field<&Post::title>.exists()).condition()));
    EXPECT_EQ(identity((field<&Post::title> == "a").condition()), identity((field<&Post::title> == "a").condition()));
}

} // namespace
