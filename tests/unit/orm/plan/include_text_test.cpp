#include <dynasio/orm/field.hpp>
#include <dynasio/orm/include_list.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "../model.hpp"
#include "support/error_of.hpp"

// Texts that name relations: what they mean, what they may name, and what is said about the others.
namespace atlas {

using namespace dynasio::dsl;

struct Town;
struct Country {
    std::string id{};
    std::string capitalId{};
    std::string capital_id{};
    dynasio::belongs_to<Town> capitalTown{};
    dynasio::has_many<Town> allTowns{};
    // The same name in snake_case as that of another one.
    dynasio::belongs_to<Town> capital_town{};
};
struct Town {
    std::string id{};
    std::string country_id{};
    dynasio::belongs_to<Country> country{};
};
constexpr auto dynasio_schema(dynasio::tag<Country>) {
    return entity<Country>(partition_key<&Country::id>, attribute<&Country::capitalId>{"capital"},
                           relate<&Country::capitalTown>(by<&Country::capitalId>),
                           relate<&Country::allTowns>(by<&Town::country_id>),
                           relate<&Country::capital_town>(by<&Country::capital_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Town>) {
    return entity<Town>(partition_key<&Town::id>, gsi<&Town::country_id>{"by_country"},
                        relate<&Town::country>(by<&Town::country_id>));
}

} // namespace atlas

namespace dynasio {
namespace {

using namespace dynasio::dsl;
using atlas::Country;
using dynasio::test::error_of;
using shop::Comment;
using shop::Post;
using shop::User;

/// "posts(comments(author)),roles"
std::string tree_of(std::vector<load_node> const& nodes) {
    std::string out;
    for (auto const& n : nodes) {
        out += (out.empty() ? "" : ",") + std::string(n.relation->name.member);
        if (!n.children.empty()) out += '(' + tree_of(n.children) + ')';
    }
    return out;
}
template <class T> std::vector<load_node> nodes_of(std::vector<relation_to_load<T>> const& relations) {
    std::vector<load_node> nodes;
    for (auto const& r : relations) r.append_to(nodes);
    return nodes;
}

include_list<User> const& includable() {
    static include_list<User> const made(
        with<&User::roles>(), with<&User::profile>(),
        with<&User::posts>(field<&Post::status> == "live", newest_first, limit(20), reload,
                           with<&Post::comments>(limit(3), with<&Comment::author>()), with<&Post::author>()));
    return made;
}
std::string read(std::string_view text) { return tree_of(nodes_of(includable().parse(text))); }
std::string complaint(std::string_view text) {
    auto const e = error_of([&] { (void)includable().parse(text); });
    EXPECT_EQ(e.code(), errc::invalid_argument);
    EXPECT_EQ(e.info().entity, "User");
    return e.info().message;
}

TEST(included_relations, are_paths_with_commas_between) {
    EXPECT_EQ(read("roles"), "roles");
    EXPECT_EQ(read("roles,profile"), "roles,profile");
    EXPECT_EQ(read("profile,posts.comments.author,roles"), "profile,posts(comments(author)),roles");
}

TEST(included_relations, of_no_text_are_none) {
    EXPECT_EQ(read(""), "");
    EXPECT_EQ(read("  \t "), "");
}

TEST(included_relations, may_have_spaces_around_their_names) {
    EXPECT_EQ(read("  roles ,\tposts . comments\t,profile "), "roles,posts(comments),profile");
}

TEST(included_relations, are_loaded_once_however_often_they_are_named) {
    EXPECT_EQ(read("posts,posts.comments,posts.author,posts.comments.author,posts"), "posts(comments(author),author)");
    EXPECT_EQ(read("roles,roles,roles"), "roles");
}

TEST(included_relations, have_the_constraints_of_the_list_and_no_others) {
    auto const nodes = nodes_of(includable().parse("posts.comments"));
    ASSERT_EQ(nodes.size(), 1U);
    auto const& posts = nodes[0];
    EXPECT_EQ(posts.select.limit, 20U);
    EXPECT_EQ(dynamodb::to_string(posts.select.where), "status = \"live\"");
    ASSERT_TRUE(posts.select.order.has_value());
    EXPECT_TRUE(posts.select.order->descending);
    EXPECT_TRUE(posts.reload);
    ASSERT_EQ(posts.children.size(), 1U);
    EXPECT_EQ(posts.children[0].select.limit, 3U);
    EXPECT_TRUE(posts.children[0].children.empty()) << "author is allowed below, and was not asked for";
}

TEST(included_relations, come_with_the_counts_of_the_list_which_no_text_names) {
    include_list<User> const list(with_count<&User::roles>(), with<&User::posts>(with_count<&Post::comments>()));
    auto const none = nodes_of(list.parse(""));
    ASSERT_EQ(none.size(), 1U);
    EXPECT_TRUE(none[0].counts);
    auto const posts = nodes_of(list.parse("posts"));
    ASSERT_EQ(posts.size(), 2U);
    ASSERT_EQ(posts[1].children.size(), 1U);
    EXPECT_TRUE(posts[1].children[0].counts);
    EXPECT_THROW(static_cast<void>(list.parse("posts.comments")), error);
    EXPECT_THROW(static_cast<void>(list.parse("roles")), error);
}

TEST(included_relations, that_are_not_allowed_are_refused_with_what_there_is) {
    EXPECT_EQ(complaint("received"), "relations to include: \"received\" cannot be included in User, where there can "
                                     "be: roles, profile, posts, at character 1")
        << "a relation that exists is told like one that does not";
    EXPECT_EQ(complaint("roles, posts.editor"), "relations to include: \"editor\" cannot be included in User.posts, "
                                                "where there can be: comments, author, at character 14");
    EXPECT_EQ(complaint("posts.author.posts"), "relations to include: \"posts\" cannot be included in "
                                               "User.posts.author, where nothing can, at character 14");
    EXPECT_NE(complaint("Roles").find("\"Roles\" cannot be included"), std::string::npos);
    EXPECT_NE(complaint("id").find("\"id\" cannot be included"), std::string::npos);
}

TEST(included_relations, of_malformed_texts_are_refused_with_the_place) {
    EXPECT_EQ(complaint(","), "relations to include: a name is missing, at character 1");
    EXPECT_EQ(complaint("roles,"), "relations to include: a name is missing, at character 7");
    EXPECT_EQ(complaint("roles,,profile"), "relations to include: a name is missing, at character 7");
    EXPECT_EQ(complaint(".roles"), "relations to include: a name is missing, at character 1");
    EXPECT_EQ(complaint("posts."), "relations to include: a name is missing, at character 7");
    EXPECT_EQ(complaint("posts..comments"), "relations to include: a name is missing, at character 7");
    EXPECT_EQ(complaint("roles profile"),
              "relations to include: there is neither a comma nor a dot behind \"roles\", at character 7");
}

TEST(included_relations, do_not_carry_a_strangers_text_into_the_message) {
    auto const message = complaint(std::string("a\n\x1b[2J\"\xff\0b", 10) + std::string(500, 'x'));
    EXPECT_TRUE(message.starts_with("relations to include: \"a??[2J??"
                                    "?bxxx"))
        << message;
    EXPECT_LT(message.size(), 220U);
    for (char const c : message.substr(0, 80)) EXPECT_TRUE(c >= ' ' && c <= '~') << message;
}

TEST(included_relations, are_bounded_in_number_depth_and_text) {
    auto const list = include_list<User>(with<&User::roles>(), with<&User::profile>(),
                                         with<&User::posts>(with<&Post::comments>(with<&Comment::author>())),
                                         max_depth(2), max_relations(3), max_text_size(40));
    auto const refused = [&](std::string_view text) {
        return error_of([&] { (void)list.parse(text); }).info().message;
    };
    EXPECT_EQ(tree_of(nodes_of(list.parse("roles,posts.comments,posts,roles"))), "roles,posts(comments)");
    EXPECT_EQ(refused("posts.comments.author"), "relations to include: a path has at most 2 names, at character 16");
    EXPECT_EQ(refused("roles,posts.comments,profile"),
              "relations to include: the text names more than 3 relations, at character 22");
    EXPECT_EQ(refused(std::string(41, ' ')), "relations to include: the text has 41 bytes, and may have 40");
    auto const none = include_list<User>(with<&User::roles>(), max_text_size(0));
    EXPECT_TRUE(none.parse("").empty());
}

TEST(included_relations, go_in_circles_only_as_far_as_the_list_allows) {
    include_list<User> const all(everything_allowed);
    std::string path = "posts";
    for (int names = 2; names <= 16; ++names) path += names % 2 == 0 ? ".author" : ".posts";
    EXPECT_EQ(nodes_of(all.parse(path)).size(), 1U) << path;
    EXPECT_NE(error_of([&] { (void)all.parse(path + ".posts"); }).info().message.find("at most 16 names"),
              std::string::npos);
}

TEST(included_relations, can_be_all_there_are_for_texts_of_the_program) {
    EXPECT_EQ(tree_of(nodes_of(paths<User>("posts.comments.post.editor,received", everything_allowed))),
              "posts(comments(post(editor))),received");
    auto const e = error_of([] { (void)paths<User>("posts.tags", everything_allowed); });
    EXPECT_EQ(e.info().message, "relations to include: \"tags\" cannot be included in User.posts, where there can be: "
                                "author, editor, comments, at character 7");
    // Constraints can be put on some of them.
    auto const limited = nodes_of(paths<User>("posts.author,roles", everything_allowed, with<&User::posts>(limit(2))));
    EXPECT_EQ(tree_of(limited), "posts(author),roles");
    EXPECT_EQ(limited[0].select.limit, 2U);
}

TEST(included_relations, have_the_names_of_their_members_and_those_in_json) {
    auto const read_country = [](std::string_view text) {
        return tree_of(nodes_of(paths<Country>(text, everything_allowed)));
    };
    EXPECT_EQ(read_country("allTowns.country.all_towns"), "allTowns(country(allTowns))");
    EXPECT_EQ(read_country("all_towns,allTowns"), "allTowns");
    EXPECT_EQ(read_country("capital_town"), "capital_town") << "a member's own name comes first";
    EXPECT_EQ(read_country("capitalTown"), "capitalTown");
    EXPECT_EQ(tree_of(nodes_of(paths<Country>("capital_town", everything_allowed, with<&Country::capitalTown>()))),
              "capital_town");
    EXPECT_EQ(error_of([&] { (void)read_country("alltowns"); }).code(), errc::invalid_argument);
    EXPECT_EQ(error_of([&] { (void)read_country("all_town"); }).code(), errc::invalid_argument);
    EXPECT_EQ(error_of([&] { (void)read_country("all_towns_"); }).code(), errc::invalid_argument);
}

TEST(include_list, joins_what_is_allowed_in_parts) {
    std::vector<relation_to_load<User>> more{with<&User::posts>(with<&Post::author>()), with<&User::profile>()};
    include_list<User> const list(with<&User::posts>(with<&Post::comments>()), more);
    EXPECT_EQ(tree_of(nodes_of(list.parse("posts.comments,posts.author,profile"))), "posts(comments,author),profile");
}

TEST(include_list, that_contradicts_itself_is_refused) {
    EXPECT_EQ(
        error_of([] { include_list<User>(with<&User::posts>(limit(1)), with<&User::posts>()); }).info().relation_path,
        "User.posts");
    EXPECT_EQ(error_of([] { include_list<User>(everything_allowed, max_depth(0)); }).code(), errc::invalid_argument);
    EXPECT_EQ(error_of([] { include_list<User>(everything_allowed, max_depth(17)); }).code(), errc::invalid_argument);
    EXPECT_EQ(error_of([] { include_list<User>(everything_allowed, max_relations(0)); }).code(),
              errc::invalid_argument);
}

TEST(include_list, without_relations_allows_none) {
    include_list<User> const none;
    EXPECT_TRUE(none.parse("").empty());
    EXPECT_EQ(error_of([&] { (void)none.parse("posts"); }).info().message,
              "relations to include: \"posts\" cannot be included in User, where nothing can, at character 1");
}

TEST(include_list, takes_time_in_proportion_to_the_text) {
    constexpr auto unbounded = std::numeric_limits<std::size_t>::max();
    include_list<User> const list(everything_allowed, max_text_size(unbounded));
    std::string text = "posts.comments.author.roles";
    while (text.size() < 1'000'000) text += ",posts.comments.author.roles";
    EXPECT_EQ(tree_of(nodes_of(list.parse(text))), "posts(comments(author(roles)))");
}

} // namespace
} // namespace dynasio
