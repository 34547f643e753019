// What loads cost: estimates beside what was taken, budgets, and timelines, on a server.

#include <dynasio/orm/explain_load.hpp>
#include <dynasio/orm/load_budget.hpp>
#include <dynasio/orm/load_report.hpp>
#include <dynasio/orm/load_timeline.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "integration/blog_test.hpp"

namespace dynasio::load_costs_tests {

using namespace blog;

using load_costs = test::blog_test;

TEST_F(load_costs, estimates_that_know_the_data_are_what_is_taken) {
    make_blog(4, 3, 2);
    auto const assumed =
        load_assumptions().children("User.posts", 3).children("Post.comments", 2).total("User", 4).item_size(200);
    auto const before =
        explain_load<User>(db, 4, with<&User::posts>(with<&Post::comments>(with<&Comment::author>())), assumed);
    EXPECT_EQ(endpoint.count(), 0u) << "explaining sends nothing";
    EXPECT_NE(before.find("together [estimated 17 requests, 40 items, "), std::string::npos) << before;

    load_report report;
    run(repository<User>(db).load(users, with<&User::posts>(with<&Post::comments>(with<&Comment::author>())), assumed,
                                  report_to(report)));
    ASSERT_EQ(report.reads.size(), 3u);
    EXPECT_EQ(report.items, 40u);
    for (auto const& read : report.reads) {
        ASSERT_TRUE(read.estimated.has_value());
        EXPECT_EQ(static_cast<double>(read.items), read.estimated->items) << read.relation;
    }
    EXPECT_EQ(static_cast<double>(report.reads[0].requests), report.reads[0].estimated->requests);
    EXPECT_EQ(static_cast<double>(report.reads[1].requests), report.reads[1].estimated->requests);
    EXPECT_EQ(report.requests(), endpoint.count());
    EXPECT_NE(report.plan.find("; took "), std::string::npos) << report.plan;
}

TEST_F(load_costs, capacity_is_told_by_table_and_index_and_adds_up) {
    make_blog(2, 2, 1);
    load_report report;
    auto const user =
        run(repository<User>(db).get(users[0].id, with<&User::posts>(with<&Post::comments>(with<&Comment::author>())),
                                     with<&User::profile>(), report_to(report)));
    EXPECT_EQ(user.posts.size(), 2u);
    EXPECT_GT(report.read_units, 0);
    EXPECT_DOUBLE_EQ(report.capacity.read_units(), report.read_units);
    double of_reads = 0;
    for (auto const& read : report.reads) of_reads += read.read_units;
    EXPECT_DOUBLE_EQ(of_reads, report.read_units);
    for (auto const& [table, index] : {std::pair("posts", "by_author"), std::pair("comments", "by_post"),
                                       std::pair("profiles", "by_user"), std::pair("users", "")}) {
        auto const* const usage = report.capacity.find(prefix + table, index);
        ASSERT_NE(usage, nullptr) << table;
        EXPECT_GT(usage->read_units, 0) << table;
    }
    EXPECT_EQ(report.reads.front().operation, "GetItem");
}

TEST_F(load_costs, a_budget_in_requests_stops_a_load_and_leaves_entities_as_they_were) {
    make_blog(2, 5, 1);
    repository<User> const repo(db);
    auto const e = failure_of(repo.load(users, with<&User::posts>(with<&Post::comments>()), load_budget().requests(6)));
    EXPECT_EQ(e.code, errc::load_budget_exceeded);
    EXPECT_EQ(e.info->relation_path, "User.posts.comments");
    EXPECT_NE(e.info->message.find("the budget is 6 requests"), std::string::npos) << e.to_string();
    EXPECT_LE(endpoint.count(), 2u) << "after the first answer it is clear that 6 do not suffice";
    for (auto const& each : users) EXPECT_FALSE(each.posts.loaded());

    run(repo.load(users, with<&User::posts>(with<&Post::comments>()), load_budget().requests(12)));
    EXPECT_EQ(users[1].posts[4].comments.size(), 1u);
}

TEST_F(load_costs, a_budget_counts_the_entity_that_a_find_begins_with) {
    make_blog(1, 1, 1);
    repository<User> const repo(db);
    auto const e = failure_of(repo.find(users[0].id, with<&User::posts>(), load_budget().requests(1)));
    EXPECT_EQ(e.code, errc::load_budget_exceeded);
    EXPECT_EQ(endpoint.count(), 1u);
    EXPECT_TRUE(run(repo.find(users[0].id, with<&User::posts>(), load_budget().requests(2))).has_value());
}

TEST_F(load_costs, a_budget_in_read_units_stops_a_query) {
    make_blog(2, 3, 2);
    load_report report;
    auto const e =
        failure_of(repository<User>(db)
                       .where(field<&User::email> == users[0].email, load_budget().read_units(0.5), report_to(report))
                       .with<&User::posts>()
                       .all());
    EXPECT_EQ(e.code, errc::load_budget_exceeded);
    EXPECT_EQ(e.info->relation_path, "User.posts");
    EXPECT_EQ(report.requests(), 1u) << "what was spent is told";
    auto const enough = repository<User>(db)
                            .where(field<&User::email> == users[0].email, load_budget().read_units(100))
                            .with<&User::posts>(with<&Post::comments>());
    EXPECT_EQ(run(enough.all()).size(), 1u);
}

TEST_F(load_costs, a_budget_of_nothing_and_assumptions_of_less_are_refused) {
    repository<User> const repo(db);
    EXPECT_EQ(failure_of(repo.find("u", load_budget().requests(0))).code, errc::invalid_argument);
    EXPECT_EQ(failure_of(repo.find("u", load_budget().read_units(0))).code, errc::invalid_argument);
    EXPECT_EQ(failure_of(repo.find("u", load_assumptions().children(-1))).code, errc::invalid_argument);
    EXPECT_EQ(endpoint.count(), 0u);
}

TEST_F(load_costs, a_timeline_has_every_request_with_its_retries) {
    make_blog(3, 2, 1);
    endpoint.on(query_on("posts")).times(1).throttle("ThrottlingException");
    load_timeline timeline;
    auto found = run(repository<User>(db).get(users[0].id, with<&User::posts>(with<&Post::comments>()),
                                              with<&User::profile>(), timeline_to(timeline)));
    EXPECT_EQ(found.posts.size(), 2u);
    ASSERT_EQ(timeline.requests.size(), 5u) << to_text(timeline);
    EXPECT_EQ(timeline.requests[0].operation, "GetItem");
    EXPECT_GT(timeline.requests[0].read_units, 0);
    std::size_t repeated = 0;
    for (auto const& r : timeline.requests) {
        EXPECT_FALSE(r.under_way);
        EXPECT_LE(r.known, r.sent);
        EXPECT_LT(r.sent, r.ended);
        EXPECT_TRUE(r.error.empty()) << r.error;
        if (r.number > 1) {
            EXPECT_EQ(r.waited_for.size(), 1u);
        }
        if (!r.was_repeated()) continue;
        ++repeated;
        EXPECT_EQ(r.shares.front().relation, "User.posts");
        EXPECT_EQ(r.retries.size(), 1u);
        EXPECT_GT(r.retries.front(), r.sent);
        EXPECT_LT(r.retries.front(), r.ended);
    }
    EXPECT_EQ(repeated, 1u);
    EXPECT_NE(to_svg(timeline).find("1 retry"), std::string::npos);
    EXPECT_NE(to_mermaid(timeline).find("crit, "), std::string::npos);
}

TEST_F(load_costs, a_timeline_has_what_happened_until_a_load_failed) {
    make_blog(1, 2, 1);
    endpoint.on(query_on("comments")).answer_error(400, "ValidationException", "refused");
    load_timeline timeline;
    auto const e = failure_of(
        repository<User>(db).load(users, with<&User::posts>(with<&Post::comments>()), timeline_to(timeline)));
    EXPECT_EQ(e.code, service_errc::validation);
    ASSERT_GE(timeline.requests.size(), 2u);
    EXPECT_TRUE(timeline.requests[0].error.empty());
    EXPECT_TRUE(std::any_of(timeline.requests.begin(), timeline.requests.end(), [](auto const& r) {
        return !r.error.empty() && r.error != "cancelled";
    })) << to_text(timeline);
}

TEST_F(load_costs, a_find_of_many_keys_is_in_a_timeline_too) {
    make_blog(3, 1, 1);
    load_timeline timeline;
    std::vector<std::string> const ids{users[0].id, users[1].id, users[0].id};
    auto const found = run(repository<User>(db).find_many(ids, timeline_to(timeline), load_budget().requests(1)));
    EXPECT_TRUE(found[2].has_value());
    ASSERT_EQ(timeline.requests.size(), 1u);
    EXPECT_EQ(timeline.requests[0].operation, "BatchGetItem");
    EXPECT_EQ(timeline.requests[0].shares.front().keys, 2u);
}

TEST_F(load_costs, one_entity_of_a_query_and_its_relations_are_one_load) {
    make_blog(1, 2, 1);
    load_timeline timeline;
    auto const query = repository<User>(db).where(field<&User::email> == users[0].email, timeline_to(timeline));
    static_cast<void>(run(query.with<&User::posts>().only()));
    ASSERT_EQ(timeline.requests.size(), 2u);
    EXPECT_EQ(timeline.requests[1].waited_for, std::vector<std::size_t>{1});
    auto const e = failure_of(repository<User>(db)
                                  .where(field<&User::email> == users[0].email, load_budget().requests(1))
                                  .with<&User::posts>()
                                  .only());
    EXPECT_EQ(e.code, errc::load_budget_exceeded);
}

} // namespace dynasio::load_costs_tests
