// A load stops when it would cost more than its budget.

#include <dynasio/orm/load_budget.hpp>
#include <dynasio/orm/with.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "load_fixture.hpp"

namespace dynasio::budget_tests {

using namespace load_test;
using shop::Comment;
using shop::Post;
using shop::User;

class load_budgets : public load_conversation {
protected:
    void allow(load_budget const& budget) {
        auto whole = std::make_shared<detail::load_settings>();
        whole->budget = budget;
        options.whole = std::move(whole);
    }
    static std::string costing(double units, std::string const& answer) {
        auto body = json::parse(answer).as_object();
        body["ConsumedCapacity"] = json::object{{"TableName", "posts"}, {"CapacityUnits", units}};
        return json::serialize(body);
    }
    static std::vector<User> users(int count) {
        std::vector<User> made;
        for (int i = 0; i < count; ++i) made.push_back(a_user("u" + std::to_string(i)));
        return made;
    }
};

TEST_F(load_budgets, stop_a_load_before_its_first_request_when_it_is_known_to_need_more) {
    allow(load_budget().requests(3));
    auto four = users(4);
    start(four, with<&User::posts>());
    auto const e = error_of([&] { g().check_budget(); });
    EXPECT_EQ(e.code(), errc::load_budget_exceeded);
    EXPECT_EQ(e.info().relation_path, "User.posts");
    EXPECT_EQ(e.info().table, "posts");
    EXPECT_EQ(e.info().index, "by_author");
    EXPECT_NE(std::string(e.what()).find("it has sent 0 requests and consumed 0 read units, and needs at least 4 "
                                         "requests more, next for User.posts; the budget is 3 requests"),
              std::string::npos)
        << e.what();
    EXPECT_FALSE(four[0].posts.loaded());
}

TEST_F(load_budgets, allow_exactly_what_they_say) {
    allow(load_budget().requests(5));
    auto four = users(4);
    start(four, with<&User::posts>(with<&Post::author>()));
    g().check_budget();
    for (auto const& r : all()) answer(r, page_of({post("p" + std::to_string(r.id), "u9")}));
    answer(next(), batch_of({{"users", {user("u9")}}}));
    finish();
    EXPECT_EQ(four[3].posts.size(), 1U);
}

TEST_F(load_budgets, stop_a_load_when_an_answer_shows_that_more_is_needed) {
    allow(load_budget().requests(3));
    User u = a_user("u1");
    start(u, with<&User::posts>(with<&Post::comments>()));
    g().check_budget();
    auto const r = next();
    auto const e =
        error_of([&] { answer(r, costing(0.5, page_of({post("p1", "u1"), post("p2", "u1"), post("p3", "u1")}))); });
    EXPECT_EQ(e.code(), errc::load_budget_exceeded);
    EXPECT_EQ(e.info().relation_path, "User.posts.comments");
    EXPECT_NE(e.info().message.find("it has sent 1 request and consumed 0.5 read units, and needs at least 3 requests "
                                    "more, next for User.posts.comments"),
              std::string::npos)
        << e.what();
    EXPECT_FALSE(u.posts.loaded()) << "nothing is half-filled";
    EXPECT_EQ(g().report().requests(), 1U);
}

TEST_F(load_budgets, in_read_units_stop_a_load_that_needs_more_after_they_are_spent) {
    allow(load_budget().read_units(2));
    User u = a_user("u1");
    start(u, with<&User::posts>(with<&Post::author>()));
    auto const first = next();
    answer(first, costing(1.5, page_of({post("p1", "u1")}, post("p1", "u1"))));
    auto const second = next();
    auto const e = error_of([&] { answer(second, costing(0.5, page_of({post("p2", "u2")}))); });
    EXPECT_EQ(e.code(), errc::load_budget_exceeded);
    EXPECT_EQ(e.info().relation_path, "User.posts.author");
    EXPECT_NE(e.info().message.find("consumed 2 read units"), std::string::npos) << e.what();
    EXPECT_NE(e.info().message.find("the budget is 2 read units"), std::string::npos) << e.what();
}

TEST_F(load_budgets, let_a_load_complete_whatever_its_last_answer_costs) {
    allow(load_budget().requests(1).read_units(1));
    User u = a_user("u1");
    start(u, with<&User::posts>());
    answer(next(), costing(128, page_of({post("p1", "u1")})));
    finish();
    EXPECT_EQ(u.posts.size(), 1U);
}

TEST_F(load_budgets, count_keys_that_came_back_unprocessed) {
    allow(load_budget().requests(1));
    Comment c;
    c.id = "c1";
    c.post_id = "p1";
    c.author_id = "u1";
    start(c, with<&Comment::author>(), with<&Comment::post>());
    g().check_budget();
    auto const r = next();
    auto const e =
        error_of([&] { answer(r, batch_of({{"users", {user("u1")}}}, {{"posts", {json::object{{"id", s("p1")}}}}})); });
    EXPECT_EQ(e.code(), errc::load_budget_exceeded);
    EXPECT_EQ(e.info().relation_path, "Comment.post");
}

TEST_F(load_budgets, include_what_the_operation_has_done_before) {
    allow(load_budget().requests(2).read_units(10));
    options.before.requests = 1;
    options.before.read_units = 9.5;
    User u = a_user("u1");
    start(u, with<&User::posts>());
    EXPECT_NO_THROW(g().check_budget());
    restart();
    options.before.requests = 2;
    start(u, with<&User::posts>());
    EXPECT_EQ(error_of([&] { g().check_budget(); }).code(), errc::load_budget_exceeded);
    restart();
    options.before.requests = 1;
    options.before.read_units = 10;
    start(u, with<&User::posts>());
    EXPECT_EQ(error_of([&] { g().check_budget(); }).code(), errc::load_budget_exceeded);
}

TEST_F(load_budgets, that_are_spent_let_nothing_further_be_sent) {
    // Several pauses can end before the answer that would end the load.
    allow(load_budget().requests(2));
    options.before.requests = 2;
    User u = a_user("u1");
    start(u, with<&User::posts>());
    EXPECT_FALSE(g().ready(now));
    EXPECT_FALSE(g().next(now));
    EXPECT_FALSE(g().wake_at());
    options.before.requests = 1;
    restart();
    start(u, with<&User::posts>());
    EXPECT_TRUE(g().ready(now));
}

TEST_F(load_budgets, are_no_matter_to_a_load_that_sends_nothing) {
    allow(load_budget().requests(1));
    std::vector<User> none;
    start(none, with<&User::posts>());
    EXPECT_NO_THROW(g().check_budget());
    EXPECT_TRUE(g().sends_nothing());
}

TEST_F(load_budgets, are_for_counts_too) {
    allow(load_budget().requests(1));
    auto two = users(2);
    start(two, with_count<&User::posts>());
    auto const e = error_of([&] { g().check_budget(); });
    EXPECT_EQ(e.code(), errc::load_budget_exceeded);
    EXPECT_EQ(e.info().relation_path, "User.posts");
}

} // namespace dynasio::budget_tests
