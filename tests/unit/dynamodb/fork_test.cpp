// A client after fork(): the child has connections and credentials of its own.
#include <dynasio/dynamodb/requests.hpp>

#include <boost/asio/executor_work_guard.hpp>

#include <functional>
#include <memory>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "engine_fixture.hpp"
#include "support/forked_child.hpp"

namespace {

using namespace dynasio;
using namespace dynasio::test;
using namespace dynasio::dynamodb;

/// A service on a thread of its own, so that it stays in the parent. It answers with the key that was asked for.
class threaded_service {
public:
    threaded_service() {
        service_.answer = [](std::string const& body) {
            auto const at = body.find("\"Key\":") + 6;
            return canned("{\"Item\":" + body.substr(at, body.find("}}", at) + 2 - at) + "}");
        };
        thread_ = std::thread([this] { ctx_.run(); });
    }
    ~threaded_service() {
        ctx_.stop();
        thread_.join();
    }
    threaded_service(threaded_service const&) = delete;
    threaded_service& operator=(threaded_service const&) = delete;

    [[nodiscard]] std::string url() const { return service_.server.url(); }

private:
    asio::io_context ctx_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_{ctx_.get_executor()};
    fake_service service_{ctx_};
    std::thread thread_{};
};

struct fork_test : testing::TestWithParam<bool> {
    threaded_service service{};
    asio::io_context ctx{1};
    int fetches = 0;

    client_options options() {
        client_options o;
        o.region = "us-east-1";
        o.endpoint = service.url();
        o.credentials = [this] { return give(); };
        return o;
    }
    asio::awaitable<aws::credentials> give() {
        ++fetches;
        co_return aws::credentials("key", "secret");
    }
    bool gets(client& db, std::string const& id) {
        item key;
        key.emplace("id", id);
        auto const r = run(ctx, as_result(db.get_item(get_item_request("users", key))));
        return r.has_value() && r->item && r->item->at("id").as_string() == id;
    }
    bool gets_many(client& db, std::string const& who) {
        bool right = true;
        for (int i = 0; i < 100; ++i) right = gets(db, who + std::to_string(i)) && right;
        return right;
    }
    bool notified() const { return GetParam(); }
    pid_t fork_with(client& db, std::function<bool()> const& child) {
        return fork_running(ctx, notified(), child, [&] { return gets(db, "first"); });
    }
};

TEST_P(fork_test, parent_and_child_get_their_own_answers) {
    client db(ctx, options());
    ASSERT_TRUE(gets(db, "before"));
    std::vector<pid_t> children;
    for (int i = 0; i < 3; ++i) {
        children.push_back(fork_with(db, [&] {
            bool const right = gets_many(db, "child" + std::to_string(i) + '-');
            // One connection of its own beside the one that it inherited, and credentials of its own.
            return right && db.connections().connects == 2 && db.connections().open == 1 && fetches == 2;
        }));
        ASSERT_GT(children.back(), 0);
    }
    EXPECT_TRUE(gets_many(db, "parent"));
    for (pid_t const child : children) expect_right(child);
    EXPECT_TRUE(gets(db, "after"));
    EXPECT_EQ(db.connections().connects, 1U);
    EXPECT_EQ(fetches, 1);
}

TEST_P(fork_test, a_child_of_a_child_has_its_own_as_well) {
    client db(ctx, options());
    ASSERT_TRUE(gets(db, "before"));
    pid_t const child = fork_with(db, [&] {
        if (!gets(db, "child")) return false;
        pid_t const grandchild = fork_with(db, [&] { return gets_many(db, "grandchild") && fetches == 3; });
        bool const right = gets_many(db, "child");
        int status = -1;
        return ::waitpid(grandchild, &status, 0) == grandchild && status == 0 && right;
    });
    ASSERT_GT(child, 0);
    EXPECT_TRUE(gets_many(db, "parent"));
    expect_right(child);
}

TEST_P(fork_test, a_child_may_close_its_client_and_its_context) {
    auto own = std::make_unique<asio::io_context>(1);
    auto db = std::make_unique<client>(*own, options());
    item key;
    key.emplace("id", "1");
    auto const get = [&] { return run(*own, as_result(db->get_item(get_item_request("users", key)))).has_value(); };
    ASSERT_TRUE(get());
    pid_t const child = fork_running(ctx, notified(), [&] {
        bool const closed = run(*own, as_result(db->close())).has_value();
        db.reset();
        own.reset();
        return closed;
    });
    ASSERT_GT(child, 0);
    expect_right(child);
    EXPECT_TRUE(get());
    EXPECT_EQ(db->connections().connects, 1U);
}

INSTANTIATE_TEST_SUITE_P(each, fork_test, testing::Values(true, false),
                         [](auto const& row) { return row.param ? "notified" : "unnoticed"; });

} // namespace
