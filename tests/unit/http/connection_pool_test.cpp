#include <dynasio/http/connection_pool.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "support/certificates.hpp"
#include "support/coroutine.hpp"
#include "support/scripted_server.hpp"

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using namespace dynasio::test;
using dynasio::errc;
using dynasio::transport_errc;
using dynasio::http::connection_pool;
using dynasio::http::deadline;
using dynasio::http::deadline_queue;
using dynasio::http::exchange_result;
using dynasio::http::pool_options;
using dynasio::http::request_view;
using dynasio::http::url;

std::string request_head(std::size_t body) {
    return "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body) + "\r\n\r\n";
}

/// One client's worth of things.
struct fixture : testing::Test {
    asio::io_context ctx{1};
    deadline_queue deadlines{ctx.get_executor()};
    std::shared_ptr<connection_pool> pool{};

    void use(std::string const& endpoint, pool_options options = {}) {
        pool = connection_pool::create(ctx.get_executor(), url::parse(endpoint), std::move(options));
    }

    asio::awaitable<exchange_result> exchange(std::string body, std::chrono::milliseconds limit = 1h,
                                              bool repeatable = true) {
        return exchange(pool, deadlines, std::move(body), limit, repeatable);
    }
    static asio::awaitable<exchange_result> exchange(std::weak_ptr<connection_pool> weak, deadline_queue& queue,
                                                     std::string body, std::chrono::milliseconds limit,
                                                     bool repeatable) {
        std::string const head = request_head(body.size());
        deadline until(queue, deadline::clock::now() + limit);
        request_view request;
        request.head = head;
        request.body = body;
        request.repeatable = repeatable;
        // The operation itself must keep alive what it needs, not the pool's handle.
        auto operation = weak.lock()->exchange(request, until);
        exchange_result result = co_await std::move(operation);
        co_return result;
    }
    exchange_result send(std::string body, std::chrono::milliseconds limit = 1h, bool repeatable = true) {
        return run(ctx, exchange(std::move(body), limit, repeatable));
    }

    void expect_consistent() const {
        auto const s = pool->statistics();
        EXPECT_EQ(s.open, s.idle);
        EXPECT_EQ(s.waiting, 0U);
    }
};

using connection_pool_test = fixture;

asio::awaitable<void> echo(server_connection& c) {
    for (;;) {
        std::string const request = co_await c.request();
        co_await c.answer(request.substr(request.find("\r\n\r\n") + 4));
    }
}

TEST_F(connection_pool_test, exchanges_on_one_connection_again_and_again) {
    scripted_server server(ctx, echo);
    use(server.url());
    EXPECT_EQ(server.accepted(), 0U);
    for (int i = 0; i < 5; ++i) {
        auto const result = send("request " + std::to_string(i));
        ASSERT_FALSE(result.code) << result.message;
        EXPECT_TRUE(result.message.empty());
        EXPECT_TRUE(result.sent);
        EXPECT_EQ(result.answer.status(), 200U);
        EXPECT_EQ(result.answer.body(), "request " + std::to_string(i));
        EXPECT_EQ(result.answer.head().content_type, "application/x-amz-json-1.0");
    }
    EXPECT_EQ(server.accepted(), 1U);
    auto const s = pool->statistics();
    EXPECT_EQ(s.connects, 1U);
    EXPECT_EQ(s.exchanges, 5U);
    EXPECT_EQ(s.resends, 0U);
    EXPECT_EQ(s.idle, 1U);
    EXPECT_EQ(s.bytes_sent, 5 * (request_head(9).size() + 9));
    EXPECT_GT(s.bytes_received, 5 * 9U);
    expect_consistent();
}

TEST_F(connection_pool_test, idle_connections_do_not_keep_the_context_running) {
    std::vector<asio::ip::tcp::socket> kept; // the server's ends, open but doing nothing
    {
        scripted_server server(ctx, [&](server_connection& c) -> asio::awaitable<void> {
            std::string const request = co_await c.request();
            co_await c.answer("x");
            kept.push_back(std::move(c.socket()));
        });
        use(server.url());
        auto a = start(ctx, exchange("a"));
        auto b = start(ctx, exchange("b"));
        ASSERT_FALSE(finish(ctx, a).code);
        ASSERT_FALSE(finish(ctx, b).code);
    }
    run_out(ctx);
    EXPECT_EQ(pool->statistics().idle, 2U);
    EXPECT_EQ(kept.size(), 2U);
}

TEST_F(connection_pool_test, moves_large_bodies_both_ways) {
    scripted_server server(ctx, echo);
    use(server.url());
    std::string const body(6'000'000, 'x');
    auto const result = send(body);
    ASSERT_FALSE(result.code) << result.message;
    EXPECT_TRUE(result.answer.body() == body);
    EXPECT_EQ(pool->statistics().bytes_sent, request_head(body.size()).size() + body.size());
    ASSERT_FALSE(send("small again").code);
    EXPECT_EQ(server.accepted(), 1U);
}

TEST_F(connection_pool_test, reads_answers_that_come_in_pieces) {
    scripted_server server(ctx, [](server_connection& c) -> asio::awaitable<void> {
        for (;;) {
            std::string const request = co_await c.request();
            std::string const text =
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
            for (char byte : text) co_await c.send(std::string(1, byte));
        }
    });
    use(server.url());
    for (int i = 0; i < 2; ++i) EXPECT_EQ(send("x").answer.body(), "abcde");
    EXPECT_EQ(server.accepted(), 1U);
}

TEST_F(connection_pool_test, takes_the_end_of_the_connection_as_the_end_of_an_answer_without_length) {
    scripted_server server(ctx, [](server_connection& c) -> asio::awaitable<void> {
        std::string const request = co_await c.request();
        co_await c.send("HTTP/1.1 200 OK\r\n\r\nto the end");
    });
    use(server.url());
    EXPECT_EQ(send("x").answer.body(), "to the end");
    EXPECT_EQ(pool->statistics().open, 0U);
}

TEST_F(connection_pool_test, does_not_use_a_connection_again_that_the_server_announced_to_close) {
    scripted_server server(ctx, [](server_connection& c) -> asio::awaitable<void> {
        std::string const request = co_await c.request();
        co_await c.answer(std::to_string(c.number()), "Connection: close\r\n");
        co_await c.until_closed();
    });
    use(server.url());
    EXPECT_EQ(send("x").answer.body(), "0");
    EXPECT_EQ(pool->statistics().open, 0U);
    EXPECT_EQ(send("x").answer.body(), "1");
    EXPECT_EQ(pool->statistics().resends, 0U);
}

TEST_F(connection_pool_test, does_not_use_a_connection_again_that_had_bytes_past_the_answer) {
    scripted_server server(ctx, [](server_connection& c) -> asio::awaitable<void> {
        std::string const request = co_await c.request();
        co_await c.send(
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged");
        co_await c.until_closed();
    });
    use(server.url());
    EXPECT_EQ(send("x").answer.body(), "x");
    EXPECT_EQ(send("x").answer.body(), "x");
    EXPECT_EQ(server.accepted(), 2U);
}

TEST_F(connection_pool_test, opens_no_more_connections_than_allowed_and_serves_in_order) {
    std::vector<std::string> arrived;
    std::size_t at_once = 0;
    std::size_t most = 0;
    scripted_server server(ctx, [&](server_connection& c) -> asio::awaitable<void> {
        for (;;) {
            std::string const request = co_await c.request();
            arrived.push_back(request.substr(request.find("\r\n\r\n") + 4));
            most = std::max(most, ++at_once);
            co_await asio::post(c.socket().get_executor(), asio::use_awaitable); // lets the others arrive too
            --at_once;
            co_await c.answer("ok");
        }
    });
    pool_options options;
    options.max_connections = 2;
    use(server.url(), options);
    std::vector<task<exchange_result>> tasks;
    std::vector<std::string> expected;
    for (int i = 10; i < 40; ++i) {
        expected.push_back(std::to_string(i));
        tasks.push_back(start(ctx, exchange(expected.back())));
    }
    run_until(ctx, [&] { return pool->statistics().waiting != 0; });
    EXPECT_EQ(pool->statistics().open, 2U);
    for (auto& t : tasks) EXPECT_FALSE(finish(ctx, t).code);
    // Two connections work side by side: neighbours may swap, nobody is overtaken by more.
    ASSERT_EQ(arrived.size(), expected.size());
    for (std::size_t i = 0; i < arrived.size(); ++i)
        EXPECT_LE(std::abs(std::stoi(arrived[i]) - std::stoi(expected[i])), 1);
    EXPECT_EQ(server.accepted(), 2U);
    EXPECT_LE(most, 2U);
    expect_consistent();
}

TEST_F(connection_pool_test, a_newcomer_does_not_overtake_those_who_wait) {
    std::vector<std::string> arrived;
    scripted_server server(ctx, [&](server_connection& c) -> asio::awaitable<void> {
        for (;;) {
            std::string const request = co_await c.request();
            arrived.push_back(request.substr(request.find("\r\n\r\n") + 4));
            co_await c.answer("ok");
        }
    });
    pool_options options;
    options.max_connections = 1;
    use(server.url(), options);
    auto sequence = [this](std::string name) -> asio::awaitable<void> {
        for (int i = 0; i < 3; ++i) {
            auto operation = exchange(name + std::to_string(i));
            auto const result = co_await std::move(operation);
            EXPECT_FALSE(result.code);
        }
    };
    auto a = start(ctx, sequence("a"));
    auto b = start(ctx, sequence("b"));
    finish(ctx, a);
    finish(ctx, b);
    // Each asks again as soon as it is served, and goes to the end of the queue.
    EXPECT_EQ(arrived, (std::vector<std::string>{"a0", "b0", "a1", "b1", "a2", "b2"}));
}

TEST_F(connection_pool_test, refuses_more_waiters_than_allowed) {
    scripted_server server(ctx, [](server_connection& c) -> asio::awaitable<void> { co_await c.until_closed(); });
    pool_options options;
    options.max_connections = 1;
    options.max_waiting = 1;
    use(server.url(), options);
    auto busy = start(ctx, exchange("a"));
    auto waiting = start(ctx, exchange("b"));
    auto const refused = send("c");
    EXPECT_EQ(refused.code, errc::pool_exhausted);
    EXPECT_FALSE(refused.sent);
    EXPECT_NE(refused.message.find("max_waiting"), std::string::npos);
    EXPECT_FALSE(busy.done());
    EXPECT_FALSE(waiting.done());
    pool->close();
    EXPECT_EQ(finish(ctx, busy).code, errc::client_closed);
    EXPECT_EQ(finish(ctx, waiting).code, errc::client_closed);
}

TEST_F(connection_pool_test, a_waiter_may_open_a_connection_when_one_dies) {
    scripted_server server(ctx, [](server_connection& c) -> asio::awaitable<void> {
        std::string const request = co_await c.request();
        if (c.number() > 0) co_await c.answer("x"); // else closes without an answer
    });
    pool_options options;
    options.max_connections = 1;
    use(server.url(), options);
    auto first = start(ctx, exchange("a"));
    auto second = start(ctx, exchange("b"));
    EXPECT_EQ(finish(ctx, first).code, transport_errc::connection_lost);
    EXPECT_FALSE(finish(ctx, second).code);
    EXPECT_EQ(server.accepted(), 2U);
}

} // namespace
