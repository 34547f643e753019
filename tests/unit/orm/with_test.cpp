#include <dynasio/orm/with.hpp>

#include <dynasio/dynamodb/expression.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "model.hpp"

namespace {

using namespace dynasio;
using dynasio::detail::access;
using shop::Comment;
using shop::Post;
using shop::User;

TEST(with, names_the_relation) {
    auto const relation = with<&User::posts>();
    static_assert(std::is_same_v<decltype(relation), relation_to_load<User> const>);
    load_node const& posts = access::node(relation);
    EXPECT_EQ(posts.relation, entity_type_of<User>().find_relation("posts"));
    EXPECT_TRUE(posts.select.where.is_always());
    EXPECT_FALSE(posts.select.order.has_value());
    EXPECT_FALSE(posts.select.limit.has_value());
    EXPECT_FALSE(posts.select.client_side);
    EXPECT_FALSE(posts.reload);
    EXPECT_TRUE(posts.children.empty());
}

TEST(with, keeps_every_constraint) {
    auto const relation = with<&User::posts>(field<&Post::status> == "live", descending<&Post::score>, limit(5), reload,
                                             client_side, field<&Post::title>.begins_with("x"));
    load_node const& node = access::node(relation);
    EXPECT_EQ(
        dynamodb::to_string(node.select.where),
        dynamodb::to_string((field<&Post::status> == "live" && field<&Post::title>.begins_with("x")).condition()));
    ASSERT_TRUE(node.select.order.has_value());
    EXPECT_EQ(node.select.order->by, entity_type_of<Post>().find_attribute("score"));
    EXPECT_TRUE(node.select.order->descending);
    EXPECT_EQ(node.select.limit, 5U);
    EXPECT_TRUE(node.select.client_side);
    EXPECT_TRUE(node.reload);
}

TEST(with, takes_an_offset) {
    load_node const node = access::node(with<&User::posts>(offset(10), limit(5)));
    EXPECT_EQ(node.select.offset, 10U);
    EXPECT_EQ(node.select.limit, 5U);
    EXPECT_EQ(node.select.reach(), 15U);
    EXPECT_FALSE(access::node(with<&User::posts>(offset(10))).select.reach().has_value());
}

TEST(with, takes_an_offset_behind_an_order_that_is_made_here) {
    // Without a limit everything is read anyway, so there is nothing to permit.
    EXPECT_EQ(access::node(with<&User::posts>(descending<&Post::title>, offset(1))).select.offset, 1U);
}

TEST(with_count, names_the_relation_and_its_conditions) {
    auto const relation = with_count<&User::posts>(field<&Post::status> == "live", field<&Post::score> > 3);
    static_assert(std::is_same_v<decltype(relation), relation_to_load<User> const>);
    load_node const& node = access::node(relation);
    EXPECT_EQ(node.relation, entity_type_of<User>().find_relation("posts"));
    EXPECT_TRUE(node.counts);
    EXPECT_EQ(dynamodb::to_string(node.select.where),
              dynamodb::to_string((field<&Post::status> == "live" && field<&Post::score> > 3).condition()));
}

TEST(with_count, nests_below_a_relation) {
    auto const relation = with<&User::posts>(with_count<&Post::comments>(), with<&Post::comments>(limit(1)));
    load_node const& node = access::node(relation);
    EXPECT_FALSE(node.counts);
    ASSERT_EQ(node.children.size(), 2U);
    EXPECT_TRUE(node.children[0].counts);
    EXPECT_FALSE(node.children[1].counts);
}

TEST(with, takes_the_order_of_the_path) {
    load_node const newest = access::node(with<&User::posts>(newest_first));
    ASSERT_TRUE(newest.select.order.has_value());
    EXPECT_FALSE(newest.select.order->by.has_value());
    EXPECT_TRUE(newest.select.order->descending);
    EXPECT_FALSE(access::node(with<&User::posts>(oldest_first)).select.order->descending);
    EXPECT_FALSE(access::node(with<&User::posts>(ascending<&Post::title>)).select.order->descending);
}

TEST(with, nests) {
    auto const relation =
        with<&User::posts>(limit(2), with<&Post::comments>(limit(3), with<&Comment::author>()), with<&Post::author>());
    load_node const& node = access::node(relation);
    ASSERT_EQ(node.children.size(), 2U);
    EXPECT_EQ(node.children[0].relation->path(), "Post.comments");
    EXPECT_EQ(node.children[0].select.limit, 3U);
    ASSERT_EQ(node.children[0].children.size(), 1U);
    EXPECT_EQ(node.children[0].children[0].relation->path(), "Comment.author");
    EXPECT_FALSE(node.children[0].children[0].select.limit.has_value());
    EXPECT_EQ(node.children[1].relation->path(), "Post.author");
}

TEST(with, takes_relations_in_a_vector) {
    std::vector<relation_to_load<Post>> below{with<&Post::comments>(limit(3))};
    below.push_back(with<&Post::author>());
    auto const relation = with<&User::posts>(limit(2), below, with<&Post::editor>());
    load_node const& node = access::node(relation);
    EXPECT_EQ(node.select.limit, 2U);
    ASSERT_EQ(node.children.size(), 3U);
    EXPECT_EQ(node.children[0].relation->path(), "Post.comments");
    EXPECT_EQ(node.children[0].select.limit, 3U);
    EXPECT_EQ(node.children[1].relation->path(), "Post.author");
    EXPECT_EQ(node.children[2].relation->path(), "Post.editor");
    EXPECT_EQ(below.size(), 2U);
}

TEST(with, stays_as_it_is_when_it_is_copied_into_another) {
    auto const comments = with<&Post::comments>(limit(3));
    auto const a = with<&User::posts>(comments);
    auto const b = with<&User::posts>(comments);
    EXPECT_EQ(access::node(a).children.size(), 1U);
    EXPECT_EQ(access::node(b).children.size(), 1U);
    EXPECT_EQ(access::node(comments).select.limit, 3U);
}

} // namespace
