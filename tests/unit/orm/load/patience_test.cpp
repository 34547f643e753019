// What a load does when a request has used up its attempts.

#include <dynasio/orm/load_budget.hpp>
#include <dynasio/orm/with.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <orm/load/patience.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "load_fixture.hpp"

namespace dynasio::patience_tests {
namespace {

using namespace load_test;
using aws::retry_delay;
using aws::retry_policy;
using detail::load_patience;
using shop::Post;
using shop::User;
using namespace std::chrono_literals;

error failed_with(error_code code, unsigned status = 0, std::string_view service_code = {}) {
    diagnostics d;
    d.http_status = status;
    d.service_code = service_code;
    return error(code, std::move(d));
}
error const throttled = failed_with(service_errc::throttling, 400, "ThrottlingException");
error const broken = failed_with(service_errc::internal_server_error, 500, "InternalServerError");
error const lost = failed_with(transport_errc::connection_lost);

load_patience answered(bool is_limited = false, unsigned attempts = 4) {
    retry_policy policy;
    policy.max_attempts = attempts;
    load_patience made(policy, is_limited);
    made.note_answer();
    return made;
}

TEST(load_patience_of_a_load, ends_with_the_first_request_that_fails_before_any_answer) {
    load_patience patience(retry_policy(), false);
    EXPECT_FALSE(patience.after(lost, 0, 0.5));
    patience.note_answer();
    EXPECT_TRUE(patience.after(lost, 0, 0.5));
}

TEST(load_patience_of_a_load, waits_longer_after_each_throttle_until_any_default_deadline) {
    auto patience = answered();
    EXPECT_EQ(patience.after(throttled, 0, 1), retry_delay(1s));
    EXPECT_EQ(patience.after(throttled, 0, 0), retry_delay(500ms));
    EXPECT_EQ(patience.after(throttled, 1, 1), retry_delay(2s));
    EXPECT_EQ(patience.after(throttled, 3, 1), retry_delay(8s));
    EXPECT_EQ(patience.after(throttled, 15, 1), retry_delay(20s));
    EXPECT_FALSE(patience.after(throttled, 16, 1));
}

TEST(load_patience_of_a_load, goes_on_where_the_pauses_of_the_attempts_ended) {
    for (auto const* const passing : {&broken, &lost}) {
        auto patience = answered();
        EXPECT_EQ(patience.after(*passing, 0, 1), retry_delay(200ms)) << "after 25, 50 and 100 ms";
        EXPECT_EQ(patience.after(*passing, 1, 1), retry_delay(400ms));
        EXPECT_EQ(patience.after(*passing, 3, 1), retry_delay(1600ms));
        EXPECT_FALSE(patience.after(*passing, 4, 1));
    }
}

TEST(load_patience_of_a_load, has_none_with_what_does_not_pass_by_itself) {
    for (auto const& e :
         {failed_with(service_errc::access_denied, 400, "AccessDeniedException"),
          failed_with(service_errc::resource_not_found, 400, "ResourceNotFoundException"),
          failed_with(errc::deadline_exceeded), failed_with(errc::client_closed), failed_with(errc::malformed_response),
          failed_with(boost::asio::error::operation_aborted), failed_with(transport_errc::certificate_untrusted)})
        EXPECT_FALSE(answered().after(e, 0, 1)) << e.code().message();
    // A deadline that passes while a call retries leaves what the service had said.
    EXPECT_FALSE(answered().after(failed_with(errc::deadline_exceeded, 400, "ThrottlingException"), 0, 1));
}

TEST(load_patience_of_a_load, ends_with_the_attempts_that_the_caller_has_set) {
    EXPECT_FALSE(answered(true).after(throttled, 0, 1));
    EXPECT_FALSE(answered(false, 1).after(throttled, 0, 1)) << "retries are off";
    EXPECT_EQ(answered(true).for_unprocessed().max_attempts, 4u);
    EXPECT_EQ(answered(false, 1).for_unprocessed().max_attempts, 1u);
    EXPECT_EQ(answered().for_unprocessed().max_attempts, 16u);
}

TEST(load_patience_of_a_load, does_not_ask_again_more_often_than_it_is_answered) {
    auto patience = answered();
    unsigned again = 0;
    while (patience.after(throttled, 0, 1)) ASSERT_LT(++again, 1000u);
    EXPECT_EQ(again, 257u);
    patience.note_answer();
    EXPECT_TRUE(patience.after(throttled, 0, 1));
    EXPECT_FALSE(patience.after(throttled, 0, 1));
}

/// A load that is driven by hand.
class graph_failures : public load_conversation {
protected:
    graph_failures() {
        options.clock = &clock;
        time = &now;
    }
    ~graph_failures() override { time = nullptr; }
    static std::chrono::steady_clock::time_point clock() { return *time; }
    bool takes(detail::loader::request const& r, error const& e) { return g().takes_failure(r.id, e); }

    inline static std::chrono::steady_clock::time_point const* time = nullptr;
};

TEST_F(graph_failures, of_a_query_are_asked_for_again_when_their_pause_is_over) {
    std::vector<User> users{a_user("u1"), a_user("u2")};
    start(users, with<&User::posts>());
    auto const both = all();
    ASSERT_EQ(both.size(), 2U);
    EXPECT_FALSE(takes(both[1], throttled)) << "nothing was answered yet";
    answer(both[0], page_of({post("p1", "u1")}));
    ASSERT_TRUE(takes(both[1], throttled));
    EXPECT_FALSE(g().done());
    EXPECT_FALSE(g().sequential());
    EXPECT_FALSE(g().ready(now));
    EXPECT_FALSE(has_next());
    ASSERT_EQ(g().wake_at(), now + 1s);
    now += 1s;
    ASSERT_TRUE(g().ready(now));
    auto const again = next();
    EXPECT_EQ(again.body, both[1].body);
    answer(again, page_of({post("p2", "u2")}));
    finish();
    EXPECT_EQ(users[0].posts[0].id, "p1");
    EXPECT_EQ(users[1].posts[0].id, "p2");
}

TEST_F(graph_failures, of_a_later_page_keep_the_pages_before) {
    std::vector<User> users{a_user("u1")};
    start(users, with<&User::posts>());
    answer(next(), page_of({post("p1", "u1")}, post("p1", "u1")));
    auto const second = next();
    ASSERT_TRUE(takes(second, lost));
    now = *g().wake_at();
    auto const again = next();
    EXPECT_EQ(again.body, second.body);
    answer(again, page_of({post("p2", "u1")}));
    finish();
    EXPECT_EQ(users[0].posts.size(), 2u);
}

TEST_F(graph_failures, of_a_batch_give_its_keys_back_one_by_one) {
    std::vector<User> users{a_user("u1"), a_user("u2")};
    start(users, with<&User::posts>(with<&Post::editor>()));
    auto const queries = all();
    answer(queries[0], page_of({post("p1", "u1", 0, "e1")}));
    answer(queries[1], page_of({post("p2", "u2", 0, "e2")}));
    auto const batch = next();
    ASSERT_TRUE(takes(batch, broken));
    EXPECT_FALSE(has_next());
    now = *g().wake_at();
    auto const again = next();
    EXPECT_EQ(keys_in(again), keys_in(batch));
    for (unsigned times = 1; times < 4; ++times) {
        auto const failing = times == 1 ? again : next();
        ASSERT_TRUE(takes(failing, broken)) << times;
        now = *g().wake_at();
    }
    EXPECT_FALSE(takes(next(), broken)) << "as many times as a request has attempts";
}

TEST_F(graph_failures, that_could_be_asked_for_again_only_after_the_deadline_end_the_load) {
    options.until = now + 1500ms;
    std::vector<User> users{a_user("u1"), a_user("u2")};
    start(users, with<&User::posts>());
    auto const both = all();
    answer(both[0], page_of({post("p1", "u1")}));
    ASSERT_TRUE(takes(both[1], throttled)) << "in a second";
    now += 1s;
    EXPECT_FALSE(takes(next(), throttled)) << "in three seconds";
}

TEST_F(graph_failures, of_keys_that_stay_unprocessed_until_the_deadline_name_them) {
    options.until = now + 40ms;
    std::vector<Post> posts{a_post("p1", "u1")};
    start(posts, with<&Post::author>());
    std::string const nothing = batch_of({}, {{"users", {json::object{{"id", s("u1")}}}}});
    answer(next(), nothing, 1); // a pause of 25 ms
    now += 25ms;
    auto const last = next();
    auto const failed = error_of([&] { answer(last, nothing, 1); });
    EXPECT_EQ(failed.code(), errc::deadline_exceeded);
    EXPECT_EQ(failed.info().missing_keys, std::vector<std::string>{R"({"id":{"S":"u1"}})"});
    EXPECT_NE(std::string(failed.what()).find("the deadline passes before"), std::string::npos) << failed.what();
}

TEST_F(graph_failures, count_once_in_figures_and_budgets) {
    auto whole = std::make_shared<detail::load_settings>();
    whole->budget = load_budget().requests(3);
    options.whole = std::move(whole);
    std::vector<User> users{a_user("u1"), a_user("u2")};
    start(users, with<&User::posts>(with<&Post::editor>()));
    g().check_budget();
    auto const queries = all();
    answer(queries[0], page_of({post("p1", "u1")}));
    ASSERT_TRUE(takes(queries[1], lost));
    now = *g().wake_at();
    answer(next(), page_of({post("p2", "u2", 0, "e1")}));
    ASSERT_TRUE(takes(next(), lost));
    now = *g().wake_at();
    answer(next(), batch_of({{"users", {user("e1")}}}));
    finish();
    auto const report = g().report();
    EXPECT_EQ(report.queries, 2u);
    EXPECT_EQ(report.batch_gets, 1u);
    EXPECT_EQ(report.keys, 1u);
    for (auto const& read : report.reads) EXPECT_LE(read.requests, 2u) << read.relation;
    EXPECT_EQ(users[1].posts[0].editor->id, "e1");
}

TEST_F(graph_failures, say_how_often_the_load_had_asked) {
    std::vector<User> users{a_user("u1"), a_user("u2")};
    start(users, with<&User::posts>());
    auto const both = all();
    answer(both[0], page_of({}));
    diagnostics d;
    g().describe(both[1].id, d);
    EXPECT_EQ(d.message, "");
    ASSERT_TRUE(takes(both[1], lost));
    now = *g().wake_at();
    g().describe(next().id, d);
    EXPECT_NE(d.message.find("sent the request again after 1 failure of all its attempts"), std::string::npos)
        << d.message;
}

TEST_F(graph_failures, begin_anew_after_an_answer) {
    std::vector<User> users{a_user("u1")};
    start(users, with<&User::posts>());
    auto page = post("p1", "u1");
    answer(next(), page_of({page}, page));
    for (int i = 0; i < 4; ++i) {
        ASSERT_TRUE(takes(next(), lost));
        now = *g().wake_at();
    }
    answer(next(), page_of({post("p2", "u1")}, post("p2", "u1")));
    EXPECT_TRUE(takes(next(), lost)) << "of the third page, which has not failed yet";
}

} // namespace
} // namespace dynasio::patience_tests
