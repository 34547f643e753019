#include <dynasio/orm/with.hpp>

#include <dynasio/dynamodb/expression.hpp>

#include <gtest/gtest.h>

#include <string>

#include "model.hpp"

namespace {

using namespace dynasio;
using shop::Comment;
using shop::Post;
using shop::User;

TEST(with, names_the_relation) {
    auto const posts = with<&User::posts>();
    static_assert(std::is_same_v<decltype(posts), include<User> const>);
    EXPECT_EQ(posts.node().relation, entity_type_of<User>().find_relation("posts"));
    EXPECT_TRUE(posts.node().select.where.is_always());
    EXPECT_FALSE(posts.node().select.order.has_value());
    EXPECT_FALSE(posts.node().select.limit.has_value());
    EXPECT_FALSE(posts.node().select.client_side);
    EXPECT_FALSE(posts.node().reload);
    EXPECT_TRUE(posts.node().children.empty());
}

TEST(with, keeps_every_constraint) {
    auto const node = with<&User::posts>(field<&Post::status> == "live", descending<&Post::score>, limit(5), reload,
                                         client_side, field<&Post::title>.begins_with("x"))
                          .node();
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

TEST(with, takes_the_order_of_the_path) {
    auto const newest = with<&User::posts>(newest_first).node();
    ASSERT_TRUE(newest.select.order.has_value());
    EXPECT_FALSE(newest.select.order->by.has_value());
    EXPECT_TRUE(newest.select.order->descending);
    EXPECT_FALSE(with<&User::posts>(oldest_first).node().select.order->descending);
    EXPECT_FALSE(with<&User::posts>(ascending<&Post::title>).node().select.order->descending);
}

TEST(with, nests) {
    auto const node =
        with<&User::posts>(limit(2), with<&Post::comments>(limit(3), with<&Comment::author>()), with<&Post::author>())
            .node();
    ASSERT_EQ(node.children.size(), 2U);
    EXPECT_EQ(node.children[0].relation->path(), "Post.comments");
    EXPECT_EQ(node.children[0].select.limit, 3U);
    ASSERT_EQ(node.children[0].children.size(), 1U);
    EXPECT_EQ(node.children[0].children[0].relation->path(), "Comment.author");
    EXPECT_FALSE(node.children[0].children[0].select.limit.has_value());
    EXPECT_EQ(node.children[1].relation->path(), "Post.author");
}

TEST(with, stays_as_it_is_when_it_is_copied_into_another) {
    auto const comments = with<&Post::comments>(limit(3));
    auto const a = with<&User::posts>(comments);
    auto const b = with<&User::posts>(comments);
    EXPECT_EQ(a.node().children.size(), 1U);
    EXPECT_EQ(b.node().children.size(), 1U);
    EXPECT_EQ(comments.node().select.limit, 3U);
}

} // namespace
