// When requests leave: batches that wait for more keys, keys that stayed unprocessed, one request after the other.

#include <dynasio/orm/with.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "load_fixture.hpp"

namespace {

using namespace load_test;
using dynasio::with;
using shop::Category;
using shop::Post;
using shop::Reading;
using shop::User;

// ---- when batches leave

using graph_batching = load_conversation;

TEST_F(graph_batching, waits_with_a_part_while_more_keys_can_come) {
    std::vector<User> users{a_user("u1"), a_user("u2")};
    start(users, with<&User::posts>(with<&Post::editor>()));
    auto const posts = all();
    ASSERT_EQ(posts.size(), 2U);
    answer(posts[0], page_of({post("p1", "u1", 0, "e1")}));
    EXPECT_FALSE(g().ready(now));
    EXPECT_FALSE(has_next());
    EXPECT_EQ(g().wake_at(), now + options.linger);
    answer(posts[1], page_of({post("p2", "u2", 0, "e2")}));
    EXPECT_TRUE(g().ready(now));
    EXPECT_EQ(keys_in(next()), (key_set{"users e1", "users e2"}));
    EXPECT_FALSE(g().wake_at().has_value());
}

TEST_F(graph_batching, sends_a_part_when_no_key_came_for_a_while) {
    std::vector<User> users{a_user("u1"), a_user("u2"), a_user("u3")};
    start(users, with<&User::posts>(with<&Post::editor>()));
    auto const posts = all();
    answer(posts[0], page_of({post("p1", "u1", 0, "e1")}));
    now += options.linger / 2;
    answer(posts[1], page_of({post("p2", "u2", 0, "e2")}));
    now += options.linger / 2;
    EXPECT_FALSE(has_next()) << "counted from the last key";
    now += options.linger / 2;
    EXPECT_TRUE(g().ready(now));
    EXPECT_EQ(keys_in(next()), (key_set{"users e1", "users e2"}));
    answer(posts[2], page_of({post("p3", "u3", 0, "e3"), post("p4", "u3", 0, "e1")}));
    EXPECT_EQ(keys_in(next()), key_set{"users e3"}) << "e1 is under way";
}

TEST_F(graph_batching, does_not_wait_for_requests_that_bring_no_keys) {
    User u = a_user("u1");
    Post p = a_post("p1", "u1");
    start(p, with<&Post::author>(), with<&Post::comments>());
    auto const requests = all();
    EXPECT_EQ(requests.size(), 2U);
}

TEST_F(graph_batching, sends_a_full_batch_at_once) {
    std::vector<User> users{a_user("u1"), a_user("u2")};
    start(users, with<&User::posts>(with<&Post::editor>()));
    auto const posts = all();
    std::string body = R"({"Items":[)";
    for (int i = 0; i < 120; ++i)
        body += (i ? "," : "") + json::serialize(post("p" + std::to_string(i), "u1", 0, "e" + std::to_string(i)));
    answer(posts[0], body + "]}");
    EXPECT_TRUE(g().ready(now));
    EXPECT_EQ(keys_in(next()).size(), 100U);
    EXPECT_FALSE(has_next()) << "20 wait for u2's";
    answer(posts[1], page_of({}));
    EXPECT_EQ(keys_in(next()).size(), 20U);
}

TEST_F(graph_batching, waits_for_a_batch_whose_entities_ask_for_keys) {
    std::vector<Category> categories(2);
    categories[0].id = "a";
    categories[0].parent_id = "x";
    categories[1].id = "b";
    categories[1].parent_id = "y";
    start(categories, with<&Category::parent>(with<&Category::parent>()));
    auto const first = next();
    EXPECT_EQ(keys_in(first), (key_set{"categories x", "categories y"}));
    answer(first, batch_of({{"categories",
                             {{{"id", s("x")}, {"parent_id", s("z")}}, {{"id", s("y")}, {"parent_id", s("z")}}}}}));
    auto const second = next();
    EXPECT_EQ(keys_in(second), key_set{"categories z"});
    answer(second, batch_of({{"categories", {{{"id", s("z")}}}}}));
    finish();
    EXPECT_EQ(categories[1].parent->parent->id, "z");
}

TEST_F(graph_batching, knows_when_one_request_follows_another) {
    User u = a_user("u1");
    start(u, with<&User::posts>(with<&Post::author>()));
    EXPECT_TRUE(g().sequential());
    auto const r = next();
    EXPECT_FALSE(g().sequential());
    answer(r, page_of({post("p1", "u1")}));
    EXPECT_TRUE(g().sequential());
    answer(next(), batch_of({{"users", {user("u1")}}}));
    EXPECT_FALSE(g().sequential());
    EXPECT_TRUE(g().done());

    restart();
    start(u, with<&User::posts>(), with<&User::profile>());
    EXPECT_FALSE(g().sequential()) << "two can go at once";
}

// ---- unprocessed keys

class graph_unprocessed : public load_conversation {
protected:
    graph_unprocessed() {
        options.retry.max_attempts = 3;
        options.retry.base_delay = std::chrono::milliseconds(10);
        options.limits_attempts = true;
        posts = {a_post("p1", "u1"), a_post("p2", "u2"), a_post("p3", "u3")};
    }
    static json::object key(std::string_view id) { return {{"id", s(id)}}; }
    std::vector<Post> posts;
};

TEST_F(graph_unprocessed, keys_leave_at_once_after_progress) {
    start(posts, with<&Post::author>());
    answer(next(), batch_of({{"users", {user("u1")}}}, {{"users", {key("u2"), key("u3")}}}));
    EXPECT_FALSE(g().done());
    auto const second = next();
    EXPECT_EQ(keys_in(second), (key_set{"users u2", "users u3"}));
    answer(second, batch_of({{"users", {user("u3")}}}, {{"users", {key("u2")}}}));
    auto const third = next();
    answer(third, batch_of({{"users", {user("u2")}}}));
    finish();
    for (auto const& p : posts) EXPECT_EQ(p.author->id, p.author_id);
    EXPECT_EQ(g().report().unprocessed, 3U);
}

TEST_F(graph_unprocessed, keys_wait_after_an_answer_without_progress) {
    start(posts, with<&Post::author>());
    answer(next(), batch_of({}, {{"users", {key("u1"), key("u2"), key("u3")}}}), 0.5);
    EXPECT_FALSE(g().done());
    EXPECT_FALSE(has_next());
    ASSERT_EQ(g().wake_at(), now + std::chrono::milliseconds(5));
    now = *g().wake_at();
    EXPECT_TRUE(g().ready(now));
    auto const second = next();
    EXPECT_EQ(keys_in(second).size(), 3U);
    answer(second, batch_of({{"users", {user("u1"), user("u2"), user("u3")}}}));
    finish();
}

TEST_F(graph_unprocessed, answers_without_progress_count_from_the_start_after_progress) {
    start(posts, with<&Post::author>());
    auto const fruitless = [&](std::vector<json::object> const& keys) {
        answer(next(), batch_of({}, {{"users", keys}}), 1);
        now += std::chrono::seconds(1);
    };
    std::vector<json::object> const all_keys{key("u1"), key("u2"), key("u3")};
    std::vector<json::object> const rest{key("u2"), key("u3")};
    fruitless(all_keys);
    fruitless(all_keys);
    answer(next(), batch_of({{"users", {user("u1")}}}, {{"users", rest}}));
    fruitless(rest);
    fruitless(rest);
    answer(next(), batch_of({{"users", {user("u2"), user("u3")}}}));
    finish();
    EXPECT_EQ(posts[2].author->id, "u3");
}

TEST_F(graph_unprocessed, keys_that_never_come_are_an_error_that_names_them) {
    start(posts, with<&Post::author>());
    answer(next(), batch_of({{"users", {user("u1")}}}, {{"users", {key("u2"), key("u3")}}}));
    std::optional<error> failed;
    for (int i = 0; i < 3; ++i) {
        now += std::chrono::seconds(10);
        auto const r = next();
        if (i < 2)
            answer(r, batch_of({}, {{"users", {key("u2"), key("u3")}}}));
        else
            failed = error_of([&] { answer(r, batch_of({}, {{"users", {key("u2"), key("u3")}}})); });
    }
    EXPECT_EQ(failed->code(), errc::batch_incomplete);
    EXPECT_EQ(failed->info().missing_keys, (std::vector<std::string>{R"({"id":{"S":"u2"}})", R"({"id":{"S":"u3"}})"}));
    EXPECT_EQ(failed->info().relation_path, "Post.author");
    EXPECT_EQ(failed->info().table, "users");
    for (auto const& p : posts) EXPECT_FALSE(p.author.loaded());
}

TEST_F(graph_unprocessed, keys_join_what_else_is_to_be_asked) {
    std::vector<Category> categories(2);
    categories[0].id = "a";
    categories[0].parent_id = "x";
    categories[1].id = "b";
    categories[1].parent_id = "y";
    start(categories, with<&Category::parent>(with<&Category::parent>()));
    answer(next(), batch_of({{"categories", {{{"id", s("x")}, {"parent_id", s("z")}}}}}, {{"categories", {key("y")}}}));
    EXPECT_EQ(keys_in(next()), (key_set{"categories y", "categories z"}));
}

TEST_F(graph_unprocessed, keys_have_parts_in_any_order) {
    std::vector<Reading> readings(1);
    readings[0].id = "r";
    readings[0].device_site = "s";
    readings[0].device_number = 3;
    start(readings, with<&Reading::device>());
    json::object const reversed{{"number", n(3)}, {"site", s("s")}};
    answer(next(), batch_of({}, {{"devices", {reversed}}}));
    now += std::chrono::seconds(1);
    auto const r = next();
    EXPECT_EQ(keys_in(r), key_set{"devices s 3"});
    answer(r, batch_of({{"devices", {reversed}}}));
    finish();
    EXPECT_EQ(readings[0].device->number, 3);
}

} // namespace
