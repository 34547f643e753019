#include <dynasio/testing/detail/script.hpp>

#include <gtest/gtest.h>

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

} // namespace
