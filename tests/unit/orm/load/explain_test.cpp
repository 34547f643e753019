// What a load tells about itself: the plan before it runs, and what it cost.

#include <dynasio/orm/field.hpp>
#include <dynasio/orm/with.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "load_fixture.hpp"

namespace {

using namespace load_test;
using dynasio::field;
using dynasio::limit;
using dynasio::newest_first;
using dynasio::with;
using shop::Post;
using shop::User;

using graph_report = load_conversation;

TEST_F(graph_report, counts_what_it_took) {
    User u = a_user("u1");
    start(u, with<&User::posts>(with<&Post::author>()));
    auto const r = next();
    auto body = json::parse(page_of({post("p1", "u1"), post("p2", "u1")})).as_object();
    body["ConsumedCapacity"] = json::object{{"TableName", "posts"}, {"CapacityUnits", 1.5}};
    answer(r, json::serialize(body));
    auto batch = json::parse(batch_of({{"users", {user("u1")}}})).as_object();
    batch["ConsumedCapacity"] = json::array{json::object{{"TableName", "users"}, {"CapacityUnits", 0.5}}};
    answer(next(), json::serialize(batch));
    finish();
    auto const report = g().report();
    EXPECT_EQ(report.queries, 1U);
    EXPECT_EQ(report.batch_gets, 1U);
    EXPECT_EQ(report.requests(), 2U);
    EXPECT_EQ(report.keys, 1U);
    EXPECT_EQ(report.items, 3U);
    EXPECT_EQ(report.read_units, 2.0);
    EXPECT_EQ(report.max_in_flight, 1U);
    EXPECT_EQ(report.unprocessed, 0U);
    EXPECT_NE(report.plan.find("[1 request, 2 items, 1.5 read units]"), std::string::npos) << report.plan;
}

TEST_F(graph_report, explains_the_plan_before_it_runs) {
    std::vector<User> none;
    start(none, with<&User::profile>(),
          with<&User::posts>(field<&Post::status> == "live", newest_first, limit(5),
                             with<&Post::author>(field<&User::name> == "Ann")),
          with<&User::roles>(limit(2)), with<&User::received>(limit(3)));
    EXPECT_EQ(
        g().explain(false),
        "User: given\n"
        "  profile: Query profiles index by_user, limit 1, one for each parent\n"
        "  posts: Query posts index by_author, filter status = \"live\", newest first, limit 5, one for each parent\n"
        "    author: BatchGetItem users, up to 100 keys a request, shared with all other keys, here name = \"Ann\"\n"
        "  roles: Query pivots, links, one for each parent, as many as it takes for the limit\n"
        "    then: BatchGetItem roles, up to 100 keys a request, shared with all other keys, limit 2 (here)\n"
        "  received: Query posts index by_author, one for each parent\n"
        "    then: Query comments index by_post, limit 3, one for each parent, limit 3 (here)\n");
}

} // namespace
