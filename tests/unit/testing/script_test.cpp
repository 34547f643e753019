#include <dynasio/testing/detail/script.hpp>

#include <gtest/gtest.h>

#include <algorithm>

namespace {

using dynasio::testing::match;
using dynasio::testing::recorded_request;
using dynasio::testing::detail::rule;
using dynasio::testing::detail::script;

recorded_request request(char const* operation) {
    recorded_request r;
    r.operation = operation;
    return r;
}

std::shared_ptr<rule> add(script& to, match requests, std::size_t skip = 0, std::size_t limit = rule::unlimited) {
    auto r = std::make_shared<rule>();
    r->requests = std::move(requests);
    r->skip = skip;
    r->limit = limit;
    to.add(r);
    return r;
}

TEST(script, answers_null_when_nothing_matches) {
    script s;
    EXPECT_EQ(s.pick(request("GetItem")), nullptr);
    auto const r = add(s, match("Query"));
    EXPECT_EQ(s.pick(request("GetItem")), nullptr);
    EXPECT_EQ(r->used, 0U);
}

TEST(script, the_first_matching_rule_wins) {
    script s;
    auto const first = add(s, match("Query"));
    auto const second = add(s, match());
    EXPECT_EQ(s.pick(request("Query")), first);
    EXPECT_EQ(s.pick(request("GetItem")), second);
    EXPECT_EQ(first->used, 1U);
    EXPECT_EQ(second->used, 1U);
}

TEST(script, a_rule_applies_within_its_window_and_leaves_the_others_to_those_behind) {
    script s;
    auto const window = add(s, match("Query"), 1, 2);
    auto const behind = add(s, match());
    std::vector<std::shared_ptr<rule>> picked;
    for (int i = 0; i < 5; ++i) picked.push_back(s.pick(request("Query")));
    EXPECT_EQ(picked, (std::vector{behind, window, window, behind, behind}));
    EXPECT_EQ(window->used, 2U);
}

TEST(script, a_rule_counts_only_what_no_earlier_rule_took) {
    script s;
    auto const first = add(s, match("Query"), 0, 2);
    auto const second = add(s, match("Query"), 1, 1);
    EXPECT_EQ(s.pick(request("Query")), first);
    EXPECT_EQ(s.pick(request("Query")), first);
    EXPECT_EQ(s.pick(request("Query")), nullptr);
    EXPECT_EQ(s.pick(request("Query")), second);
}

TEST(script, removed_rules_match_nothing) {
    script s;
    auto const r = add(s, match());
    r->removed = true;
    EXPECT_EQ(s.pick(request("Query")), nullptr);
    auto const other = add(s, match());
    s.clear();
    EXPECT_EQ(s.pick(request("Query")), nullptr);
}

TEST(script, names_expectations_that_were_not_used_often_enough) {
    script s;
    auto const twice = add(s, match("Query").table("posts"), 0, 2);
    twice->expected = true;
    auto const any = add(s, match("Scan"));
    any->expected = true;
    add(s, match("GetItem"));
    EXPECT_EQ(s.unmet(), (std::vector<std::string>{R"(expected Query on "posts": came 0 of 2 times)",
                                                   "expected Scan: came 0 of 1 times"}));
    auto query = request("Query");
    query.tables = {"posts"};
    (void)s.pick(query);
    (void)s.pick(request("Scan"));
    EXPECT_EQ(s.unmet(), std::vector<std::string>{R"(expected Query on "posts": came 1 of 2 times)"});
    (void)s.pick(query);
    EXPECT_TRUE(s.unmet().empty());
}

TEST(script, a_predicate_may_add_rules) {
    script s;
    add(s, match().where([&](recorded_request const&) {
        add(s, match("Scan"));
        return false;
    }));
    EXPECT_EQ(s.pick(request("Scan")), nullptr);
    EXPECT_NE(s.pick(request("Scan")), nullptr);
}

std::string hits(std::uint64_t seed, double rate, std::size_t requests, std::size_t rules_before = 0) {
    script s(seed);
    for (std::size_t i = 0; i < rules_before; ++i) (void)add(s, match("Scan"));
    auto const r = add(s, match("Query"));
    r->rate = rate;
    std::string picked;
    for (std::size_t i = 0; i < requests; ++i) picked += s.pick(request("Query")) ? 'x' : '.';
    return picked;
}

TEST(script, a_rate_hits_as_many_requests_as_it_says) {
    auto const all = hits(1, 0.05, 100'000);
    auto const n = std::ranges::count(all, 'x');
    // Five standard deviations; the seed is fixed, so that this holds always or never.
    EXPECT_NEAR(static_cast<double>(n), 5000.0, 345.0);
    EXPECT_EQ(hits(1, 0, 100), std::string(100, '.'));
    EXPECT_EQ(hits(1, 1, 100), std::string(100, 'x'));
}

TEST(script, a_seed_makes_the_same_requests_meet_the_same_faults) {
    EXPECT_EQ(hits(7, 0.3, 200), hits(7, 0.3, 200));
    EXPECT_NE(hits(7, 0.3, 200), hits(8, 0.3, 200));
    EXPECT_NE(hits(7, 0.3, 200), hits(7, 0.3, 200, 1)) << "rules at other places are hit at other requests";
}

TEST(script, requests_that_chance_spares_go_to_the_rules_behind) {
    script s(3);
    auto const sometimes = add(s, match());
    sometimes->rate = 0.5;
    auto const otherwise = add(s, match());
    for (int i = 0; i < 100; ++i) ASSERT_NE(s.pick(request("Query")), nullptr);
    EXPECT_EQ(sometimes->used + otherwise->used, 100U);
    EXPECT_GT(sometimes->used, 25U);
    EXPECT_GT(otherwise->used, 25U);
}

TEST(script, a_limit_counts_what_chance_hit) {
    script s(3);
    auto const r = add(s, match(), 5, 4);
    r->rate = 0.2;
    std::vector<int> at;
    for (int i = 0; i < 200; ++i)
        if (s.pick(request("Query"))) at.push_back(i);
    ASSERT_EQ(at.size(), 4U);
    EXPECT_GE(at.front(), 5);
    EXPECT_GT(at.back(), 8);
}

TEST(script, starts_its_chances_again_when_cleared) {
    script s(3);
    auto const run = [&] {
        auto const r = add(s, match());
        r->rate = 0.5;
        std::string picked;
        for (int i = 0; i < 64; ++i) picked += s.pick(request("Query")) ? 'x' : '.';
        s.clear();
        return picked;
    };
    auto const first = run();
    EXPECT_EQ(run(), first);
}

TEST(script, rules_of_connections_are_asked_for_connections_only) {
    script s;
    auto const r = std::make_shared<rule>();
    r->limit = 1;
    s.add_connection(r);
    EXPECT_EQ(s.pick(request("Query")), nullptr);
    EXPECT_EQ(s.pick_connection(), r);
    EXPECT_EQ(s.pick_connection(), nullptr);
}

} // namespace
