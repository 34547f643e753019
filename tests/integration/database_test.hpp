#ifndef DYNASIO_TESTS_INTEGRATION_DATABASE_TEST_HPP
#define DYNASIO_TESTS_INTEGRATION_DATABASE_TEST_HPP

#include <dynasio/testing/fault_endpoint.hpp>

#include <dynasio/orm/model.hpp>
#include <dynasio/orm/repository.hpp>

#include <dynasio/dynamodb/client.hpp>
#include <dynasio/dynamodb/operations/get_item.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/result.hpp>
#include <dynasio/core/ulid.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/coroutine.hpp"

namespace dynasio::test {

/// The endpoint that a variable names. A test without its server fails: skipping would look like passing.
inline std::string endpoint_in(char const* variable) {
    char const* const value = std::getenv(variable);
    if (value == nullptr || *value == '\0')
        throw std::runtime_error(std::string(variable) + " is not set; ./scripts/test starts the servers and sets it");
    return value;
}

/// A prefix of table names that no other test has, so that tests share a server.
inline std::string own_prefix() {
    static ulid_generator generator;
    return "t" + generator.next() + ".";
}

/// Options for a client of one test: small delays between attempts, because no test waits for the sake of waiting.
inline client_options options_for(std::string endpoint, std::string prefix) {
    client_options o;
    o.endpoint = std::move(endpoint);
    o.table_prefix = std::move(prefix);
    o.timeout = std::chrono::seconds(20);
    o.retry.base_delay = std::chrono::milliseconds(1);
    o.retry.throttling_delay = std::chrono::milliseconds(1);
    o.retry.max_delay = std::chrono::milliseconds(2);
    o.retry.quota = 1'000'000; // tests fail more often than production may
    return o;
}

/// A real server, the fault endpoint in front of it, and a client on each: `db` is seen by the endpoint, `direct` is
/// not.
class database_test : public ::testing::Test {
protected:
    database_test() : database_test("DYNAMODB_ENDPOINT") {}
    explicit database_test(char const* variable)
        : server(endpoint_in(variable)), prefix(own_prefix()), endpoint(server),
          db(ctx, options_for(endpoint.url(), prefix)), direct(ctx, options_for(server, prefix)) {}

    void TearDown() override {
        endpoint.clear_rules();
        for (auto& drop : drops_) drop();
    }

    /// Creates the tables; they are dropped at the end of the test.
    template <class... Entities> void create_tables() {
        drops_.emplace_back([this] { run(dynasio::drop_tables<Entities...>(direct)); });
        run(dynasio::create_tables<Entities...>(direct));
    }

    template <class T> T run(boost::asio::awaitable<T> op) { return test::run(ctx, std::move(op)); }
    template <class T> task<T> start(boost::asio::awaitable<T> op) { return test::start(ctx, std::move(op)); }
    template <class T> T finish(task<T>& t) { return test::finish(ctx, t); }

    /// Runs an operation that has to fail, and says how it did.
    template <class T> failure failure_of(boost::asio::awaitable<T> op) {
        auto outcome = run(as_result(std::move(op)));
        if (outcome) {
            ADD_FAILURE() << "the operation succeeded";
            return failure(error_code(), diagnostics());
        }
        return outcome.error();
    }
    /// The same for what fails at the call already, before anything is awaited.
    template <class Call> static failure failure_of_call(Call call) {
        try {
            call();
        } catch (error const& e) {
            return e.as_failure();
        }
        ADD_FAILURE() << "the call succeeded";
        return failure(error_code(), diagnostics());
    }
    /// Runs until `condition` holds, which may depend on what other threads do.
    template <class Condition> void run_until(Condition condition) {
        auto const end = std::chrono::steady_clock::now() + patience;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > end)
                throw std::runtime_error("the condition did not come true in time");
            if (ctx.stopped()) ctx.restart();
            ctx.run_for(std::chrono::milliseconds(1));
        }
    }
    /// Whether nothing of the client is under way: every connection is idle or closed, nobody waits for one.
    static ::testing::AssertionResult is_quiet(client const& c) {
        auto const s = c.connections();
        if (s.open == s.idle && s.waiting == 0) return ::testing::AssertionSuccess();
        return ::testing::AssertionFailure() << s.open << " connections are open, " << s.idle << " of them idle, and "
                                             << s.waiting << " operations wait";
    }
    /// Stores entities, all at once.
    template <class T> void save_all(std::vector<T>& entities) {
        repository<T> const all(direct);
        std::vector<task<void>> tasks;
        tasks.reserve(entities.size());
        for (auto& e : entities) tasks.push_back(start(all.save(e)));
        for (auto& t : tasks) finish(t);
    }
    template <class T> void save(T& entity) { run(repository<T>(direct).save(entity)); }

    /// The item with this id; an empty one when there is none.
    dynamodb::item stored(std::string const& table, std::string const& id) {
        dynamodb::item key;
        key.emplace("id", id);
        auto answer = run(direct.get_item(dynamodb::get_item_request(prefix + table, key)));
        return answer.item ? *answer.item : dynamodb::item();
    }
    /// The ids of entities, in their order.
    static std::string ids(auto const& entities) {
        std::string out;
        for (auto const& e : entities) out += (out.empty() ? "" : " ") + e.id;
        return out;
    }

    boost::asio::io_context ctx;
    std::string const server;
    std::string const prefix;
    testing::fault_endpoint endpoint;
    client db;
    client direct;

private:
    std::vector<std::function<void()>> drops_;
};

/// "ulid-like" keys whose order is that of `i`.
inline std::string numbered(std::string const& name, std::size_t i) {
    std::string const digits = std::to_string(i);
    return name + std::string(digits.size() < 4 ? 4 - digits.size() : 0, '0') + digits;
}

} // namespace dynasio::test

#endif
