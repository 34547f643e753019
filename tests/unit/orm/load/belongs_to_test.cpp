// belongs_to: keys of many parents in a BatchGetItem.

#include <dynasio/orm/field.hpp>
#include <dynasio/orm/with.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <vector>

#include "load_fixture.hpp"

namespace {

using namespace load_test;
using dynasio::field;
using dynasio::with;
using shop::Comment;
using shop::Post;
using shop::User;

using graph_belongs_to = load_conversation;

TEST_F(graph_belongs_to, asks_for_each_distinct_key_once) {
    std::vector<Post> posts{a_post("p1", "u1"), a_post("p2", "u2"), a_post("p3", "u1")};
    posts[1].editor_id = "u1";
    start(posts, with<&Post::author>(), with<&Post::editor>());
    auto const r = next();
    EXPECT_EQ(keys_in(r), (key_set{"users u1", "users u2"}));
    EXPECT_FALSE(has_next());
    answer(r, batch_of({{"users", {user("u2", "Bo"), user("u1", "Ann")}}}));
    finish();
    EXPECT_EQ(posts[0].author->name, "Ann");
    EXPECT_EQ(posts[1].author->name, "Bo");
    EXPECT_EQ(posts[2].author->name, "Ann");
    EXPECT_EQ(posts[1].editor->name, "Ann");
    EXPECT_TRUE(posts[0].editor.loaded());
    EXPECT_FALSE(posts[0].editor.has_value());
    EXPECT_EQ(g().report().keys, 2U);
    EXPECT_EQ(g().report().batch_gets, 1U);
}

TEST_F(graph_belongs_to, with_an_empty_foreign_key_sends_nothing) {
    std::vector<Post> posts{a_post("p1", ""), a_post("p2", "")};
    posts[1].editor_id = "";
    start(posts, with<&Post::author>(), with<&Post::editor>());
    EXPECT_FALSE(has_next());
    finish();
    EXPECT_TRUE(posts[0].author.loaded());
    EXPECT_FALSE(posts[0].author.has_value());
    EXPECT_FALSE(posts[1].editor.has_value());
}

TEST_F(graph_belongs_to, that_leads_nowhere_is_nothing) {
    Post p = a_post("p1", "gone");
    start(p, with<&Post::author>(with<&User::posts>()));
    answer(next(), batch_of({{"users", {}}}));
    finish();
    EXPECT_TRUE(p.author.loaded());
    EXPECT_FALSE(p.author.has_value());
}

TEST_F(graph_belongs_to, is_loaded_again_when_its_foreign_key_has_changed) {
    Post p = a_post("p1", "u1");
    p.author.set(std::make_shared<User>(User{.id = "u1", .name = "Ann"}));
    start(p, with<&Post::author>());
    EXPECT_FALSE(has_next()) << "it holds the user that the foreign key names";
    finish();
    EXPECT_EQ(p.author->name, "Ann");

    restart();
    p.author_id = "u2";
    start(p, with<&Post::author>());
    answer(next(), batch_of({{"users", {user("u2", "Bo")}}}));
    finish();
    EXPECT_EQ(p.author->name, "Bo");

    restart();
    p.author_id = "";
    start(p, with<&Post::author>());
    EXPECT_FALSE(has_next());
    finish();
    EXPECT_TRUE(p.author.loaded());
    EXPECT_FALSE(p.author.has_value());

    restart();
    p.author_id = "u1";
    start(p, with<&Post::author>());
    answer(next(), batch_of({{"users", {user("u1", "Ann")}}}));
    finish();
    EXPECT_EQ(p.author->name, "Ann");
}

TEST_F(graph_belongs_to, keeps_an_entity_that_the_program_has_put_there_and_not_saved) {
    Post p = a_post("p1", "");
    p.author.set(std::make_shared<User>(User{.name = "new"}));
    start(p, with<&Post::author>());
    EXPECT_FALSE(has_next());
    finish();
    EXPECT_EQ(p.author->name, "new");
}

TEST_F(graph_belongs_to, takes_keys_of_several_tables_in_one_request) {
    Comment c;
    c.id = "c1";
    c.post_id = "p1";
    c.author_id = "u1";
    start(c, with<&Comment::post>(), with<&Comment::author>());
    auto const r = next();
    EXPECT_EQ(keys_in(r), (key_set{"posts p1", "users u1"}));
    answer(r, batch_of({{"posts", {post("p1", "u9")}}, {"users", {user("u1")}}}));
    finish();
    EXPECT_EQ(c.post->id, "p1");
    EXPECT_EQ(c.author->id, "u1");
}

TEST_F(graph_belongs_to, sends_100_keys_at_a_time) {
    std::vector<Post> posts;
    for (int i = 0; i < 250; ++i) posts.push_back(a_post("p" + std::to_string(i), "u" + std::to_string(i)));
    start(posts, with<&Post::author>());
    auto const requests = all();
    ASSERT_EQ(requests.size(), 3U);
    key_set keys;
    std::vector<std::size_t> sizes;
    for (auto const& r : requests) {
        auto const part = keys_in(r);
        sizes.push_back(part.size());
        keys.insert(part.begin(), part.end());
    }
    EXPECT_EQ(sizes, (std::vector<std::size_t>{100, 100, 50}));
    EXPECT_EQ(keys.size(), 250U);
    for (auto const& r : requests) {
        std::vector<json::object> users;
        for (auto const& key : keys_in(r)) users.push_back(user(key.substr(6)));
        answer(r, batch_of({{"users", users}}));
    }
    finish();
    for (auto const& p : posts) ASSERT_EQ(p.author->id, p.author_id);
}

TEST_F(graph_belongs_to, evaluates_conditions_here_for_each_place) {
    std::vector<Post> posts{a_post("p1", "u1"), a_post("p2", "u2")};
    posts[0].editor_id = "u1";
    start(posts, with<&Post::author>(field<&User::name> == "Ann"), with<&Post::editor>(field<&User::name> == "Bo"));
    answer(next(), batch_of({{"users", {user("u1", "Ann"), user("u2", "Bo")}}}));
    finish();
    EXPECT_TRUE(posts[0].author.has_value());
    EXPECT_FALSE(posts[1].author.has_value());
    EXPECT_FALSE(posts[0].editor.has_value()) << "the other place's condition";
}

TEST_F(graph_belongs_to, fills_each_place_with_its_own_relations) {
    Post p = a_post("p1", "u1");
    p.editor_id = "u1";
    start(p, with<&Post::author>(with<&User::profile>()), with<&Post::editor>());
    answer(next(), batch_of({{"users", {user("u1")}}}));
    answer(next(), page_of({profile("f1", "u1")}));
    finish();
    EXPECT_EQ(p.author->profile->id, "f1");
    EXPECT_FALSE(p.editor->profile.loaded()) << "not asked for there";
}

TEST_F(graph_belongs_to, reads_consistently_on_request) {
    options.consistent_read = true;
    Comment c;
    c.id = "c1";
    c.post_id = "p1";
    c.author_id = "u1";
    start(c, with<&Comment::post>(with<&Post::comments>()), with<&Comment::author>());
    auto const r = next();
    auto const tables = json::parse(r.body).at("RequestItems").as_object();
    EXPECT_TRUE(tables.at("posts").at("ConsistentRead").as_bool());
    EXPECT_TRUE(tables.at("users").at("ConsistentRead").as_bool());
    answer(r, batch_of({{"posts", {post("p1", "u9")}}, {"users", {}}}));
    EXPECT_EQ(text_of(next()), R"(comments index by_post: post_id = {"S":"p1"})") << "an index has no such reads";
}

} // namespace
