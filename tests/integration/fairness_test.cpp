#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "integration/blog_test.hpp"

// A load of hundreds of requests and single operations on one client.
namespace dynasio {
namespace {

using namespace std::chrono_literals;
using blog::User;

class fairness : public test::blog_test {};

TEST_F(fairness, a_find_waits_for_one_request_of_a_load_of_hundreds) {
    constexpr std::size_t connections = 4;
    make_blog(1, 2, 0);
    auto narrow = test::options_for(endpoint.url(), prefix);
    narrow.pool.max_connections = connections;
    client db_of_four(ctx, narrow);
    repository<User> const repo(db_of_four);
    std::vector<User> parents(400);
    for (std::size_t i = 0; i < parents.size(); ++i) parents[i].id = test::numbered("user-", i);
    endpoint.set_latency(1ms);
    endpoint.clear();

    auto loading = start(repo.load<&User::posts>(parents));
    for (std::size_t round = 1; round <= 5; ++round) {
        test::run_until(ctx, [&] { return endpoint.count("Query") >= 50 * round; });
        auto const asked_before = endpoint.count();
        auto finding = start(repo.find(users[0].id));
        EXPECT_TRUE(test::finish(ctx, finding));
        ASSERT_FALSE(loading.done());
        auto const asked = endpoint.requests();
        auto const last_get =
            std::find_if(asked.rbegin(), asked.rend(), [](auto const& r) { return r.operation == "GetItem"; });
        auto const place = static_cast<std::size_t>(std::distance(last_get, asked.rend()));
        // Those that had the connections, those that got them before the coroutine began, and it.
        EXPECT_LE(place, asked_before + 2 * connections + 1);
    }
    test::finish(ctx, loading);
    EXPECT_EQ(endpoint.count("Query"), parents.size());
    EXPECT_EQ(endpoint.count("GetItem"), 5U);
    EXPECT_LE(endpoint.max_in_flight(), connections);
    EXPECT_EQ(parents[0].posts.size(), 2U);
    EXPECT_TRUE(parents[399].posts.empty());
}

} // namespace
} // namespace dynasio
