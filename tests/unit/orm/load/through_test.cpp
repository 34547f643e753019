// has_many_through: the children of children.

#include <dynasio/orm/field.hpp>
#include <dynasio/orm/with.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "load_fixture.hpp"

namespace {

using namespace load_test;
using dynasio::ascending;
using dynasio::client_side;
using dynasio::field;
using dynasio::limit;
using dynasio::newest_first;
using dynasio::with;
using shop::Comment;
using shop::Post;
using shop::User;

using graph_through = load_conversation;

TEST_F(graph_through, starts_the_second_step_of_a_parent_with_its_first_page) {
    std::vector<User> users{a_user("u1"), a_user("u2")};
    start(users, with<&User::received>());
    auto const posts = all();
    ASSERT_EQ(posts.size(), 2U);
    EXPECT_EQ(text_of(posts[0]), R"(posts index by_author: author_id = {"S":"u1"})");
    answer(posts[0], page_of({post("p1", "u1")}, json::object{{"id", s("p1")}}));
    auto const more = all();
    ASSERT_EQ(more.size(), 2U) << "the next page, and the comments of the first";
    std::vector<std::string> const wanted = texts(more);
    EXPECT_NE(std::find(wanted.begin(), wanted.end(), R"(comments index by_post: post_id = {"S":"p1"})"), wanted.end());
    for (auto const& r : more)
        answer(r, text_of(r).starts_with("posts") ? page_of({post("p2", "u1")})
                                                  : page_of({comment("c2", "p1"), comment("c3", "p1")}));
    auto const last = next();
    EXPECT_EQ(text_of(last), R"(comments index by_post: post_id = {"S":"p2"})");
    answer(last, page_of({comment("c1", "p2")}));
    answer(posts[1], page_of({}));
    finish();
    EXPECT_EQ(ids(users[0].received), "c2 c3 c1");
    EXPECT_TRUE(users[1].received.loaded());
    EXPECT_TRUE(users[1].received.empty());
    EXPECT_FALSE(users[0].posts.loaded()) << "a step, not asked for";
}

TEST_F(graph_through, shares_its_first_step_with_the_relation_itself) {
    User u = a_user("u1");
    start(u, with<&User::received>(), with<&User::posts>(with<&Post::comments>()));
    answer(next(), page_of({post("p1", "u1")}));
    EXPECT_TRUE(has_next());
    EXPECT_FALSE(has_next()) << "comments of p1 once";
}

TEST_F(graph_through, gives_full_entities_to_both_when_shared) {
    User u = a_user("u1");
    start(u, with<&User::received>(), with<&User::posts>(with<&Post::comments>()));
    answer(next(), page_of({post("p1", "u1")}));
    answer(next(), page_of({comment("c1", "p1"), comment("c2", "p1")}));
    finish();
    EXPECT_EQ(ids(u.received), "c1 c2");
    EXPECT_EQ(ids(u.posts), "p1");
    EXPECT_EQ(ids(u.posts[0].comments), "c1 c2");
}

TEST_F(graph_through, filters_there_and_cuts_the_whole) {
    User u = a_user("u1");
    start(u, with<&User::received>(field<&Comment::text> == "x", limit(3)));
    answer(next(), page_of({post("p1", "u1"), post("p2", "u1")}));
    auto const parts = all();
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(text_of(parts[0]), R"(comments index by_post: post_id = {"S":"p1"} filter text = {"S":"x"})");
    answer(parts[0], page_of({comment("c1", "p1"), comment("c2", "p1")}));
    answer(parts[1], page_of({comment("c3", "p2"), comment("c4", "p2")}));
    finish();
    EXPECT_EQ(ids(u.received), "c1 c2 c3");
}

TEST_F(graph_through, limits_each_part_by_the_service) {
    User u = a_user("u1");
    start(u, with<&User::received>(limit(3)));
    auto const posts = next();
    EXPECT_FALSE(json::parse(posts.body).as_object().contains("Limit"));
    answer(posts, page_of({post("p1", "u1")}));
    EXPECT_EQ(text_of(next()), R"(comments index by_post: post_id = {"S":"p1"} limit 3)");
}

TEST_F(graph_through, orders_the_whole) {
    User u = a_user("u1");
    start(u, with<&User::received>(newest_first, limit(3), client_side));
    answer(next(), page_of({post("p1", "u1"), post("p2", "u1")}));
    auto const parts = all();
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(text_of(parts[0]), R"(comments index by_post: post_id = {"S":"p1"} backward limit 3)");
    answer(parts[0], page_of({comment("c5", "p1"), comment("c1", "p1")}));
    answer(parts[1], page_of({comment("c6", "p2"), comment("c2", "p2")}));
    finish();
    EXPECT_EQ(ids(u.received), "c6 c5 c2");
}

TEST_F(graph_through, orders_by_an_attribute) {
    User u = a_user("u1");
    start(u, with<&User::received>(ascending<&Comment::author_id>));
    answer(next(), page_of({post("p1", "u1"), post("p2", "u1")}));
    auto const parts = all();
    answer(parts[0], page_of({comment("c1", "p1", "b"), comment("c2", "p1", "d")}));
    answer(parts[1], page_of({comment("c3", "p2", "a"), comment("c4", "p2", "b")}));
    finish();
    EXPECT_EQ(ids(u.received), "c3 c1 c4 c2");
}

TEST_F(graph_through, lists_an_entity_once_that_two_steps_show) {
    std::vector<User> users{a_user("u1"), a_user("u2")};
    start(users, with<&User::received>());
    auto const posts = all();
    // An index that lags can show a post below its old and its new author, and a comment below two posts.
    answer(posts[0], page_of({post("p1", "u1"), post("p2", "u1")}));
    answer(posts[1], page_of({post("p1", "u2")}));
    auto const parts = all();
    ASSERT_EQ(parts.size(), 2U);
    answer(parts[0], page_of({comment("c1", "p1")}));
    answer(parts[1], page_of({comment("c1", "p2"), comment("c2", "p2")}));
    finish();
    EXPECT_EQ(ids(users[0].received), "c1 c2");
    EXPECT_EQ(ids(users[1].received), "c1");
}

} // namespace
