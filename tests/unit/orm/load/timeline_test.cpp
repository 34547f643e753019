// What is recorded of a load, and how it is drawn.

#include <dynasio/orm/load_timeline.hpp>
#include <dynasio/orm/with.hpp>

#include <boost/asio/error.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "load_fixture.hpp"

namespace dynasio::timeline_tests {

using namespace load_test;
using namespace std::chrono_literals;
using shop::Comment;
using shop::Post;
using shop::User;
using numbers = std::vector<std::size_t>;

class load_timelines : public load_conversation {
protected:
    void record(std::size_t at_most = 100) {
        auto whole = std::make_shared<detail::load_settings>();
        whole->timeline = &timeline;
        whole->max_recorded = at_most;
        options.whole = std::move(whole);
        options.clock = &clock;
    }
    void after(std::chrono::nanoseconds t) {
        now += t;
        clock_shows = now;
    }
    static inline load_time clock_shows{};
    static load_time clock() { return clock_shows; }

    load_timeline timeline{};
};

TEST_F(load_timelines, say_what_each_request_waited_for_and_what_shared_it) {
    record();
    std::vector<User> two{a_user("u1"), a_user("u2")};
    start(two, with<&User::posts>(with<&Post::author>(), with<&Post::editor>()));
    auto const queries = all();
    ASSERT_EQ(queries.size(), 2U);
    after(3ms);
    answer(queries[0], page_of({post("p1", "u8", 0, "u9")}));
    after(2ms);
    answer(queries[1], page_of({post("p2", "u7")}));
    auto const batch = next();
    after(4ms);
    answer(batch, batch_of({{"users", {user("u7"), user("u8"), user("u9")}}}));
    finish();

    ASSERT_EQ(timeline.requests.size(), 3U);
    auto const& first = timeline.requests[0];
    EXPECT_EQ(first.number, 1U);
    EXPECT_EQ(first.operation, "Query");
    EXPECT_EQ(first.target, "posts index by_author");
    ASSERT_EQ(first.shares.size(), 1U);
    EXPECT_EQ(first.shares[0].relation, "User.posts");
    EXPECT_TRUE(first.waited_for.empty());
    EXPECT_EQ(first.sent, 0ms);
    EXPECT_EQ(first.ended, 3ms);
    EXPECT_EQ(first.items, 1U);
    EXPECT_FALSE(first.under_way);
    EXPECT_FALSE(first.was_repeated());

    auto const& last = timeline.requests[2];
    EXPECT_EQ(last.operation, "BatchGetItem");
    EXPECT_EQ(last.target, "users");
    ASSERT_EQ(last.shares.size(), 2U);
    EXPECT_EQ(last.shares[0].relation, "User.posts.author");
    EXPECT_EQ(last.shares[0].keys + last.shares[1].keys, 3U);
    EXPECT_EQ(last.waited_for, (numbers{1, 2}));
    EXPECT_EQ(last.known, 3ms) << "since the first answer";
    EXPECT_EQ(last.sent, 5ms);
    EXPECT_EQ(last.ended, 9ms);
}

TEST_F(load_timelines, number_the_pages_of_a_query) {
    record();
    User u = a_user("u1");
    start(u, with<&User::posts>());
    answer(next(), page_of({post("p1", "u1")}, post("p1", "u1")));
    after(1ms);
    answer(next(), page_of({post("p2", "u1")}));
    finish();
    ASSERT_EQ(timeline.requests.size(), 2U);
    EXPECT_EQ(timeline.requests[0].page, 1U);
    EXPECT_EQ(timeline.requests[1].page, 2U);
    EXPECT_EQ(timeline.requests[1].waited_for, numbers{1});
}

TEST_F(load_timelines, tell_a_request_that_failed_and_was_sent_again) {
    record();
    User u = a_user("u1");
    start(u, with<&User::posts>());
    answer(next(), page_of({post("p1", "u1")}, post("p1", "u1")));
    after(1ms);
    auto const second = next();
    after(2ms);
    ASSERT_TRUE(g().takes_failure(second.id, error(transport_errc::connection_lost, diagnostics())));
    now = *g().wake_at();
    answer(next(), page_of({post("p2", "u1")}));
    finish();
    ASSERT_EQ(timeline.requests.size(), 3U);
    EXPECT_FALSE(timeline.requests[1].error.empty());
    auto const& again = timeline.requests[2];
    EXPECT_EQ(again.page, 2U);
    EXPECT_EQ(again.asked_again, 1U);
    EXPECT_TRUE(again.was_repeated());
    EXPECT_EQ(again.waited_for, numbers{2});
    EXPECT_EQ(again.known, timeline.requests[1].ended);
    EXPECT_NE(to_text(timeline).find(", asked for again"), std::string::npos) << to_text(timeline);
}

TEST_F(load_timelines, tell_keys_that_are_asked_for_again) {
    record();
    Comment c;
    c.id = "c1";
    c.post_id = "p1";
    c.author_id = "u1";
    start(c, with<&Comment::author>(), with<&Comment::post>());
    auto const r = next();
    after(2ms);
    answer(r, batch_of({{"users", {user("u1")}}}, {{"posts", {json::object{{"id", s("p1")}}}}}));
    answer(next(), batch_of({{"posts", {post("p1", "u1")}}}));
    finish();
    ASSERT_EQ(timeline.requests.size(), 2U);
    EXPECT_EQ(timeline.requests[0].unprocessed, 1U);
    EXPECT_FALSE(timeline.requests[0].was_repeated());
    EXPECT_EQ(timeline.requests[1].asked_again, 1U);
    EXPECT_TRUE(timeline.requests[1].was_repeated());
    EXPECT_EQ(timeline.requests[1].waited_for, numbers{1});
}

TEST_F(load_timelines, have_the_times_of_attempts_that_were_repeated) {
    record();
    User u = a_user("u1");
    start(u, with<&User::posts>());
    auto const r = next();
    ASSERT_NE(r.retries, nullptr) << "the client writes there";
    r.retries->push_back(now + 2ms);
    r.retries->push_back(now + 5ms);
    after(9ms);
    answer(r, page_of({}));
    ASSERT_EQ(timeline.requests[0].retries.size(), 2U);
    EXPECT_EQ(timeline.requests[0].retries[0], 2ms);
    EXPECT_EQ(timeline.requests[0].retries[1], 5ms);
    EXPECT_TRUE(timeline.requests[0].was_repeated());
}

TEST_F(load_timelines, hold_what_happened_up_to_a_failure) {
    record();
    std::vector<User> three{a_user("u1"), a_user("u2"), a_user("u3")};
    start(three, with<&User::posts>());
    auto const sent = all();
    after(4ms);
    g().on_failure(sent[0].id, error(errc::deadline_exceeded, diagnostics()));
    g().on_failure(sent[1].id, error(boost::asio::error::operation_aborted, diagnostics()));
    EXPECT_EQ(timeline.requests[0].error, make_error_code(errc::deadline_exceeded).message());
    EXPECT_EQ(timeline.requests[0].ended, 4ms) << "by the load's own clock";
    EXPECT_EQ(timeline.requests[1].error, "cancelled");
    EXPECT_TRUE(timeline.requests[2].under_way);
}

TEST_F(load_timelines, hold_an_answer_that_could_not_be_read) {
    record();
    User u = a_user("u1");
    start(u, with<&User::posts>());
    auto const r = next();
    after(1ms);
    auto const e = error_of([&] { answer(r, "{}]"); });
    g().on_failure(r.id, e);
    EXPECT_EQ(timeline.requests[0].ended, 1ms);
    EXPECT_EQ(timeline.requests[0].error, e.code().message());
}

TEST_F(load_timelines, hold_no_more_than_they_may) {
    record(2);
    std::vector<User> three{a_user("u1"), a_user("u2"), a_user("u3")};
    start(three, with<&User::posts>(with<&Post::author>()));
    for (auto const& r : all()) answer(r, page_of({post("p" + std::to_string(r.id), "u7")}));
    answer(next(), batch_of({{"users", {user("u7")}}}));
    finish();
    EXPECT_EQ(timeline.requests.size(), 2U);
    EXPECT_EQ(timeline.left_out, 2U);
    EXPECT_NE(to_text(timeline).find("2 more are not recorded"), std::string::npos);
}

TEST_F(load_timelines, join_the_loads_of_one_operation) {
    record();
    User u = a_user("u1");
    start(u, with<&User::posts>());
    answer(next(), page_of({}));
    after(10ms);
    auto const before = g().so_far();
    EXPECT_EQ(before.requests, 1U);
    restart();
    options.before = before;
    start(u, with<&User::profile>());
    auto const r = next();
    after(5ms);
    answer(r, page_of({}));
    ASSERT_EQ(timeline.requests.size(), 2U);
    EXPECT_EQ(timeline.requests[1].number, 2U);
    EXPECT_EQ(timeline.requests[1].waited_for, numbers{1});
    EXPECT_EQ(timeline.requests[1].sent, 10ms) << "since the first load began";
    EXPECT_EQ(timeline.requests[1].ended, 15ms);
}

TEST_F(load_timelines, cost_nothing_when_they_are_not_asked_for) {
    User u = a_user("u1");
    start(u, with<&User::posts>());
    EXPECT_EQ(next().retries, nullptr);
}

// ---- drawings

load_timeline::request made(std::size_t number, std::string operation, std::string target,
                            std::vector<load_timeline::share> shares, load_timeline::duration sent,
                            load_timeline::duration ended, numbers waited_for = {}) {
    load_timeline::request r;
    r.number = number;
    r.operation = std::move(operation);
    r.target = std::move(target);
    r.shares = std::move(shares);
    r.known = r.sent = sent;
    r.ended = ended;
    r.waited_for = std::move(waited_for);
    return r;
}

load_timeline small_timeline() {
    load_timeline t;
    t.requests.push_back(made(1, "Query", "users index by_status", {{"User", 0}}, 0ms, 4ms));
    t.requests.back().items = 2;
    t.requests.back().read_units = 0.5;
    t.requests.push_back(made(2, "Query", "posts index by_author", {{"User.posts", 0}}, 4ms, 8ms, {1}));
    t.requests.back().items = 3;
    t.requests.back().read_units = 1;
    t.requests.push_back(made(3, "Query", "posts index by_author", {{"User.posts", 0}}, 4ms, 14ms, {1}));
    t.requests.back().retries.push_back(9ms);
    t.requests.push_back(
        made(4, "BatchGetItem", "users, roles", {{"User.posts.author", 2}, {"User.roles", 1}}, 10ms, 20ms, {2, 3}));
    t.requests.back().known = 8ms;
    t.requests.back().error = "the call's deadline passed";
    return t;
}

TEST(load_drawings, are_lines_of_text) {
    EXPECT_EQ(to_text(small_timeline()),
              "4 requests in 20.0 ms, at most 2 at the same time, 5 items, 1.5 read units\n"
              "1      0.0 ms +    4.0 ms |=========                               | Query users index by_status: "
              "User, 2 items, 0.5 read units\n"
              "2      4.0 ms +    4.0 ms |        =========                       | Query posts index by_author: "
              "User.posts, 3 items, 1 read unit, waited for 1\n"
              "3      4.0 ms +   10.0 ms |        !!!!!!!!!!!==========           | Query posts index by_author: "
              "User.posts, 0 items, waited for 1, 1 retry\n"
              "4     10.0 ms +   10.0 ms |                ....===================x| BatchGetItem users, roles: "
              "User.posts.author (2 keys) + User.roles (1 key), 0 items, waited for 2, 3, failed: the call's deadline "
              "passed\n");
}

TEST(load_drawings, are_gantt_charts_in_microseconds) {
    EXPECT_EQ(to_mermaid(small_timeline()),
              "gantt\n"
              "    title 4 requests in 20.0 ms, at most 2 at the same time, 5 items, 1.5 read units\n"
              "    dateFormat x\n"
              "    axisFormat %Q µs\n"
              "    section User\n"
              "    1 Query users index by_status :r1, 0, 4000ms\n"
              "    section User.posts\n"
              "    2 Query posts index by_author :r2, 4000, 4000ms\n"
              "    3 Query posts index by_author, repeated :crit, r3, 4000, 10000ms\n"
              "    section keys\n"
              "    4 BatchGetItem users, roles, failed :crit, active, r4, 10000, 10000ms\n");
}

std::size_t count_of(std::string const& text, std::string_view what) {
    std::size_t n = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
    return n;
}

TEST(load_drawings, are_svg_files) {
    std::string const svg = to_svg(small_timeline());
    auto const chart = svg.substr(svg.find("</style>\n") + 9);
    EXPECT_EQ(svg.substr(0, svg.find('\n')),
              "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"dynasio-timeline\" width=\"1060\" height=\"140\" "
              "viewBox=\"0 0 1060 140\">");
    EXPECT_EQ(
        chart.substr(chart.find("<g>")),
        R"svg(<g><title>1 Query users index by_status: User, 2 items, 0.5 read units; sent at 0.0 ms, took 4.0 ms</title>
<text x="10" y="68">1 Query users index by_status</text>
<rect class="query" x="380" y="58" width="124" height="12"/>
</g>
<g><title>2 Query posts index by_author: User.posts, 3 items, 1 read unit, waited for 1; sent at 4.0 ms, took 4.0 ms</title>
<text x="10" y="86">2 Query posts index by_author</text>
<rect class="query" x="504" y="76" width="124" height="12"/>
</g>
<g><title>3 Query posts index by_author: User.posts, 0 items, waited for 1, 1 retry; sent at 4.0 ms, took 10.0 ms</title>
<text x="10" y="104">3 Query posts index by_author</text>
<rect class="query" x="504" y="94" width="310" height="12"/>
<rect class="again" x="504" y="94" width="155" height="12"/>
</g>
<g><title>4 BatchGetItem users, roles: User.posts.author (2 keys) + User.roles (1 key), 0 items, waited for 2, 3, failed: the call's deadline passed; sent at 10.0 ms, took 10.0 ms</title>
<text x="10" y="122">4 BatchGetItem users, roles</text>
<line class="wait" x1="628" y1="118" x2="690" y2="118"/>
<rect class="batch" x="690" y="112" width="310" height="12"/>
<rect class="failed" x="997" y="112" width="3" height="12"/>
</g>
</svg>
)svg");
    EXPECT_EQ(count_of(svg, "class=\"behind\""), 3U) << "rows 2, 3 and 4 waited for another one";
    EXPECT_EQ(count_of(svg, "http"), 1U) << "nothing but the namespace: the file needs no other";
    EXPECT_EQ(count_of(svg, "<script"), 0U);
}

TEST(load_drawings, are_drawn_of_nothing_too) {
    EXPECT_EQ(to_text(load_timeline()), "0 requests in 0.0 ms, at most 0 at the same time, 0 items\n");
    EXPECT_TRUE(to_mermaid(load_timeline()).starts_with("gantt\n"));
    EXPECT_TRUE(to_svg(load_timeline()).ends_with("</svg>\n"));
}

// A page may hold several SVG elements, and a rule of one applies to all.
TEST(load_drawings, style_nothing_else_in_a_page_that_holds_them) {
    std::string const svg = to_svg(small_timeline());
    auto const begin = svg.find("<style>\n") + 7; // with the line end
    std::string const style = svg.substr(begin, svg.find("</style>") - begin);
    EXPECT_GT(count_of(style, "{"), 10U);
    EXPECT_EQ(count_of(style, "{"), count_of(style, "\n.dynasio-timeline") + count_of(style, "\n@media")) << style;
}

TEST(load_drawings, have_an_axis_whose_last_label_is_inside) {
    auto const svg = to_svg(small_timeline());
    EXPECT_NE(svg.find("<text x=\"1002\" y=\"50\" class=\"axis\">20 ms</text>"), std::string::npos) << svg;
    EXPECT_EQ(count_of(svg, " ms</text>"), 11U);
    auto const empty = to_svg(load_timeline());
    EXPECT_EQ(count_of(empty, " ms</text>"), 1U) << "what has no length has no scale\n" << empty;
    EXPECT_NE(empty.find(">0 ms</text>"), std::string::npos) << empty;
}

TEST(load_drawings, count_requests_of_no_length_among_those_at_the_same_time) {
    load_timeline t;
    t.requests.push_back(made(1, "Query", "users", {{"User", 0}}, 1ms, 2ms));
    t.requests.push_back(made(2, "Query", "posts", {{"User.posts", 0}}, 2ms, 2ms));
    EXPECT_EQ(to_text(t).substr(0, to_text(t).find(", 0 items")), "2 requests in 2.0 ms, at most 1 at the same time");
    t.requests.push_back(made(3, "Query", "posts", {{"User.posts", 0}}, 2ms, 2ms));
    EXPECT_NE(to_text(t).find("at most 2 at the same time"), std::string::npos) << to_text(t);
}

// The members of a timeline are public, so a program can make one or leave requests out.
TEST(load_drawings, are_drawn_of_timelines_that_were_edited) {
    auto t = small_timeline();
    t.requests.erase(t.requests.begin(), t.requests.begin() + 2);
    EXPECT_EQ(to_text(t),
              "2 requests in 20.0 ms, at most 2 at the same time, 0 items\n"
              "3      4.0 ms +   10.0 ms |        !!!!!!!!!!!==========           | Query posts index by_author: "
              "User.posts, 0 items, waited for 1, 1 retry\n"
              "4     10.0 ms +   10.0 ms |                ....===================x| BatchGetItem users, roles: "
              "User.posts.author (2 keys) + User.roles (1 key), 0 items, waited for 2, 3, failed: the call's "
              "deadline passed\n");
    EXPECT_EQ(count_of(to_svg(t), "class=\"behind\""), 1U) << "1 and 2 are not there any more";

    // Numbers in another order, twice, and of requests that there never were.
    t = small_timeline();
    std::reverse(t.requests.begin(), t.requests.end());
    EXPECT_EQ(to_text(t), to_text(small_timeline()));
    EXPECT_EQ(count_of(to_svg(t), "class=\"behind\""), 3U);
    for (auto& r : t.requests) r.number = 0;
    t.requests[0].waited_for = {0, 7, static_cast<std::size_t>(-1)};
    EXPECT_EQ(count_of(to_text(t), "\n"), 5U);
    EXPECT_EQ(count_of(to_svg(t, 2), "<g>"), 3U);
}

TEST(load_drawings, keep_to_their_width_whatever_the_times) {
    using d = load_timeline::duration;
    load_timeline t;
    t.requests.push_back(made(1, "Query", "users", {{"User", 0}}, -5ms, -9ms));
    t.requests.push_back(made(2, "Query", "posts", {{"User.posts", 0}}, 8ms, 4ms, {1}));
    t.requests.back().known = 9ms;
    t.requests.back().retries = {d::min(), -1ms, d::max()};
    t.requests.back().error = "cancelled";
    EXPECT_EQ(to_text(t),
              "2 requests in 8.0 ms, at most 1 at the same time, 0 items\n"
              "1      0.0 ms +    0.0 ms |=                                       | Query users: User, 0 items\n"
              "2      8.0 ms +    0.0 ms |                                       x| Query posts: User.posts, 0 "
              "items, waited for 1, 3 retries, failed: cancelled\n");
    EXPECT_EQ(count_of(to_svg(t), "<g>"), 2U);
    t.requests.front().sent = d::min();
    t.requests.back().ended = d::max();
    EXPECT_EQ(count_of(to_text(t), "\n"), 3U);
    EXPECT_NE(to_mermaid(t).find("r1, 0, 1ms"), std::string::npos) << to_mermaid(t);
    EXPECT_EQ(count_of(to_svg(t), "<g>"), 2U);
}

TEST(load_drawings, let_no_text_break_them) {
    load_timeline t;
    t.requests.push_back(made(1, "Query", "a<b>&\"c\n:;#%d", {{"User", 0}}, 0ms, 1ms));
    t.requests.back().error = "<script>";
    auto const svg = to_svg(t);
    EXPECT_EQ(svg.find("<b>"), std::string::npos) << svg;
    EXPECT_NE(svg.find("a&lt;b&gt;&amp;&quot;c :;#%d"), std::string::npos) << svg;
    EXPECT_EQ(svg.find("<script>"), std::string::npos);
    EXPECT_NE(to_mermaid(t).find("    1 Query a<b>&\"c     d, failed :crit, r1, 0, 1000ms\n"), std::string::npos)
        << to_mermaid(t);
    EXPECT_EQ(count_of(to_text(t), "\n"), 2U) << "a line for the head and one for the request";
}

load_timeline large_timeline(std::size_t posts) {
    load_timeline t;
    t.requests.push_back(made(1, "Query", "users", {{"User", 0}}, 0ms, 1ms));
    for (std::size_t i = 0; i < posts; ++i) {
        auto const sent = std::chrono::microseconds(1000 + 10 * i);
        t.requests.push_back(made(i + 2, "Query", "posts index by_author", {{"User.posts", 0}}, sent, sent + 5ms, {1}));
        t.requests.back().items = 1;
        if (i % 10 == 0) t.requests.back().retries.push_back(sent + 1ms);
    }
    for (std::size_t i = 0; i < posts / 10; ++i) {
        auto const sent = std::chrono::microseconds(7000 + 100 * i);
        t.requests.push_back(made(posts + i + 2, "BatchGetItem", i % 2 == 0 ? "users" : "roles",
                                  {{"User.posts.author", 100}}, sent, sent + 2ms, {posts + 1}));
    }
    return t;
}

TEST(load_drawings, of_thousands_of_requests_join_neighbours_of_one_relation) {
    auto const t = large_timeline(5000);
    auto const text = to_text(t, 20);
    EXPECT_LE(count_of(text, "\n"), 21U) << text;
    EXPECT_NE(text.find("Query posts index by_author: User.posts, "), std::string::npos) << text;
    EXPECT_NE(text.find("BatchGetItem: User.posts.author ("), std::string::npos)
        << "batches of different tables are joined too\n"
        << text;
    EXPECT_NE(text.find("5501 requests in"), std::string::npos);
    EXPECT_LE(count_of(to_mermaid(t, 20), ":r") + count_of(to_mermaid(t, 20), ":crit"), 20U);
    EXPECT_LT(to_svg(t).size(), 150'000U);
    EXPECT_LE(count_of(to_svg(t), "<g>"), 150U);
    EXPECT_EQ(count_of(to_text(large_timeline(10), 20), "\n"), 13U) << "few requests have a row each";
}

TEST(load_drawings, have_a_row_for_each_relation_however_few_are_wanted) {
    EXPECT_EQ(count_of(to_text(large_timeline(100), 1), "\n"), 4U);
}

} // namespace dynasio::timeline_tests
