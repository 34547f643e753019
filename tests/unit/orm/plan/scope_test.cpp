#include <dynasio/orm/field.hpp>
#include <dynasio/orm/schema.hpp>

#include <gtest/gtest.h>

#include <iterator>
#include <orm/plan/access_plan.hpp>
#include <orm/plan/scope.hpp>
#include <set>
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

TEST(simplified_condition, leaves_size_and_type_of_a_key_alone) {
    EXPECT_EQ(simplified(field<&Post::author_id>.size() >= 0), "size(author_id) >= 0");
    EXPECT_EQ(simplified(field<&Post::author_id>.has_type(dynamodb::attribute_type::string)),
              R"(author_id has type "S")");
    EXPECT_EQ(simplified(field<&Post::author_id>.size().between(2, 1)), "never");
}

TEST(scope, leaves_size_and_type_of_a_key_to_the_client) {
    auto const& type = entity_type_of<Post>();
    selection select;
    select.where =
        (field<&Post::author_id> == "u" && field<&Post::author_id>.size() == 1 && field<&Post::title>.size() > 2)
            .condition();
    auto const plan = detail::plan_query(type, select);
    EXPECT_EQ(dynamodb::to_string(plan.partition), R"(author_id = "u")");
    EXPECT_EQ(dynamodb::to_string(plan.scope.residue), "size(author_id) = 1");
    EXPECT_EQ(dynamodb::to_string(plan.scope.filter), "size(title) > 2");
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
    using dynamodb::document_path;
    document_path const a("a");
    std::string const one = R"({"N":"1"})";
    std::string const different[]{identity(condition(kind::equal, a, {one})),
                                  identity(condition::size_of(kind::equal, a, {one})),
                                  identity(condition(kind::equal, a.at("size"), {one})),
                                  identity(condition(kind::equal, a.at(std::size_t{1}), {one})),
                                  identity(condition(kind::equal, a.at("1"), {one})),
                                  identity(condition(kind::equal, a.at("1\t1"), {one})),
                                  identity(condition(kind::equal, a.at("1").at("1"), {one}))};
    EXPECT_EQ(std::set<std::string>(std::begin(different), std::end(different)).size(), std::size(different));
    EXPECT_EQ(identity((field<&Post::title> == "a").condition()), identity((field<&Post::title> == "a").condition()));
}

} // namespace
