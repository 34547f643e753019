#include <dynasio/http/connection_pool.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "pool_fixture.hpp"
#include "support/certificates.hpp"

namespace {

using namespace dynasio::test;
namespace http = dynasio::http;
using dynasio::errc;
using dynasio::transport_errc;
using http::close_reason;
using http::traffic;

struct recorder final : http::pool_listener {
    void on_opened(http::connection_opened const& e) noexcept override {
        opened.push_back(e);
        addresses.emplace_back(e.address);
    }
    void on_failed(http::connection_failed const& e) noexcept override {
        failed.push_back(e.code);
        messages.emplace_back(e.message);
    }
    void on_closed(http::connection_closed const& e) noexcept override { closed.push_back(e); }
    void on_queue_wait(http::queue_wait_ended const& e) noexcept override { waits.push_back(e); }

    std::vector<http::connection_opened> opened{};
    std::vector<std::string> addresses{};
    std::vector<dynasio::error_code> failed{};
    std::vector<std::string> messages{};
    std::vector<http::connection_closed> closed{};
    std::vector<http::queue_wait_ended> waits{};
};

struct pool_events_test : pool_fixture {
    std::shared_ptr<recorder> events = std::make_shared<recorder>();

    pool_options listening() const {
        pool_options options;
        options.listener = events;
        return options;
    }
    static asio::awaitable<void> echo(server_connection& c) {
        for (;;) {
            std::string const request = co_await c.request();
            co_await c.answer(request.substr(request.find("\r\n\r\n") + 4));
        }
    }
    void expect_closed(close_reason why, std::uint64_t exchanges) const {
        ASSERT_EQ(events->closed.size(), 1U);
        EXPECT_EQ(to_string(events->closed[0].reason), to_string(why));
        EXPECT_EQ(events->closed[0].exchanges, exchanges);
        EXPECT_EQ(events->closed[0].number, 1U);
        EXPECT_GE(events->closed[0].age.count(), 0);
    }
};

TEST_F(pool_events_test, tells_of_connections_that_open_and_of_nothing_while_they_are_used) {
    scripted_server server(ctx, echo);
    use(server.url(), listening());
    auto const first = send("a");
    EXPECT_FALSE(first.reused);
    auto const second = send("b");
    EXPECT_TRUE(second.reused);
    ASSERT_EQ(events->opened.size(), 1U);
    EXPECT_EQ(events->opened[0].number, 1U);
    EXPECT_EQ(events->addresses[0], "127.0.0.1:" + std::to_string(server.port()));
    EXPECT_GT(events->opened[0].took.count(), 0);
    EXPECT_FALSE(events->opened[0].tls);
    EXPECT_FALSE(events->opened[0].session_reused);
    EXPECT_TRUE(events->closed.empty() && events->failed.empty() && events->waits.empty());
}

TEST_F(pool_events_test, closing_the_pool_closes_idle_connections_and_those_in_use) {
    scripted_server server(ctx, [](server_connection& c) -> asio::awaitable<void> {
        for (;;) {
            std::string const request = co_await c.request();
            if (request.ends_with("idle")) co_await c.answer("x");
        }
    });
    use(server.url(), listening());
    auto busy = start(ctx, exchange("busy"));
    auto idle = start(ctx, exchange("idle"));
    finish(ctx, idle);
    pool->close();
    EXPECT_EQ(finish(ctx, busy).code, errc::client_closed);
    ASSERT_EQ(events->closed.size(), 2U);
    for (auto const& e : events->closed) EXPECT_EQ(e.reason, close_reason::shutdown);
}

TEST_F(pool_events_test, a_connection_unused_for_too_long_is_closed_as_idle) {
    scripted_server server(ctx, echo);
    auto options = listening();
    options.idle_lifetime = 0ms;
    use(server.url(), options);
    EXPECT_FALSE(send("x").code);
    expect_closed(close_reason::idle, 1);
}

TEST_F(pool_events_test, an_old_connection_is_closed_between_two_exchanges) {
    scripted_server server(ctx, echo);
    auto options = listening();
    options.max_age = 0ms;
    use(server.url(), options);
    EXPECT_FALSE(send("x").code); // was made although it is too old at once: never in the middle of an exchange
    expect_closed(close_reason::age, 1);
    EXPECT_FALSE(send("x").code);
    EXPECT_EQ(server.accepted(), 2U);
    expect_consistent();
}

TEST_F(pool_events_test, those_who_wait_for_an_old_connection_may_open_another) {
    scripted_server server(ctx, echo);
    auto options = listening();
    options.max_age = 0ms;
    options.max_connections = 1;
    use(server.url(), options);
    std::vector<task<exchange_result>> tasks;
    for (int i = 0; i < 5; ++i) tasks.push_back(start(ctx, exchange("x")));
    for (auto& t : tasks) EXPECT_FALSE(finish(ctx, t).code);
    EXPECT_EQ(server.accepted(), 5U);
    EXPECT_EQ(events->waits.size(), 4U);
    expect_consistent();
}

TEST_F(pool_events_test, a_connection_that_the_server_ends_is_closed_by_the_peer) {
    scripted_server server(ctx, [](server_connection& c) -> asio::awaitable<void> {
        std::string const request = co_await c.request();
        co_await c.answer("x", "Connection: close\r\n");
    });
    use(server.url(), listening());
    EXPECT_FALSE(send("x").code);
    expect_closed(close_reason::peer, 1);
}

TEST_F(pool_events_test, a_connection_with_nonsense_on_it_is_closed_for_an_error) {
    scripted_server server(ctx, [](server_connection& c) -> asio::awaitable<void> {
        std::string const request = co_await c.request();
        co_await c.send("SSH-2.0-x\r\n");
        co_await c.until_closed();
    });
    use(server.url(), listening());
    EXPECT_EQ(send("x").code, transport_errc::malformed_http);
    expect_closed(close_reason::error, 1);
}

TEST_F(pool_events_test, a_deadline_in_the_middle_interrupts) {
    scripted_server server(ctx, [](server_connection& c) -> asio::awaitable<void> { co_await c.until_closed(); });
    use(server.url(), listening());
    EXPECT_EQ(send("x", 20ms).code, errc::deadline_exceeded);
    expect_closed(close_reason::interrupted, 1);
}

TEST_F(pool_events_test, a_listener_may_close_the_pool_when_a_connection_ends) {
    struct closing final : http::pool_listener {
        void on_closed(http::connection_closed const&) noexcept override {
            ++closed;
            if (auto const p = pool.lock()) p->close();
        }
        std::weak_ptr<connection_pool> pool{};
        int closed = 0;
    };
    scripted_server server(ctx, [](server_connection& c) -> asio::awaitable<void> { co_await c.until_closed(); });
    for (bool const in_the_middle : {true, false}) {
        auto const listener = std::make_shared<closing>();
        pool_options options;
        options.listener = listener;
        options.idle_lifetime = 0ms;
        use(server.url(), options);
        listener->pool = pool;
        if (in_the_middle) {
            EXPECT_EQ(send("x", 20ms).code, errc::deadline_exceeded);
        } else {
            deadline until(deadlines, deadline::clock::now() + 1h);
            EXPECT_FALSE(run(ctx, pool->warm_up(until)).code);
            EXPECT_EQ(send("x").code, errc::client_closed); // the one that is idle for too long is closed first
        }
        EXPECT_EQ(listener->closed, 1);
        EXPECT_EQ(pool->statistics().open, 0U);
    }
}

TEST_F(pool_events_test, tells_why_a_connection_could_not_be_made) {
    std::string endpoint;
    {
        scripted_server gone(ctx, echo);
        endpoint = gone.url();
    }
    use(endpoint, listening());
    auto const result = send("x");
    EXPECT_EQ(events->failed, std::vector<dynasio::error_code>{transport_errc::connect_failed});
    ASSERT_EQ(events->messages.size(), 1U);
    EXPECT_EQ(events->messages[0], result.message);
    EXPECT_TRUE(events->opened.empty() && events->closed.empty());
}

TEST_F(pool_events_test, tells_how_waiting_for_a_connection_ended) {
    std::function<void()> act;
    scripted_server server(ctx, [&](server_connection& c) -> asio::awaitable<void> {
        for (;;) {
            std::string const request = co_await c.request();
            if (act) std::exchange(act, nullptr)();
            co_await c.answer("x");
        }
    });
    auto options = listening();
    options.max_connections = 1;
    use(server.url(), options);
    request_view fan_out;
    fan_out.kind = traffic::fan_out;
    auto a = start(ctx, exchange("a"));
    auto b = start(ctx, exchange_as(fan_out, "b"));
    auto c = start(ctx, exchange("c"));
    act = [&] { c.cancel(); };
    EXPECT_FALSE(finish(ctx, a).code);
    EXPECT_FALSE(finish(ctx, b).code);
    EXPECT_EQ(finish(ctx, c).code, asio::error::operation_aborted);
    ASSERT_EQ(events->waits.size(), 2U);
    std::sort(events->waits.begin(), events->waits.end(), [](auto const& l, auto const& r) { return l.kind < r.kind; });
    EXPECT_EQ(events->waits[0].kind, traffic::single);
    EXPECT_FALSE(events->waits[0].served);
    EXPECT_EQ(events->waits[1].kind, traffic::fan_out);
    EXPECT_TRUE(events->waits[1].served);
    EXPECT_GT(events->waits[1].waited.count(), 0);
}

// --- Two classes of traffic

TEST_F(pool_events_test, a_single_request_overtakes_a_fan_out_of_hundreds) {
    constexpr int many = 500;
    constexpr std::size_t connections = 4;
    std::vector<std::string> arrived;
    task<exchange_result> single;
    std::size_t arrived_when_it_came = 0;
    scripted_server server(ctx, [&](server_connection& c) -> asio::awaitable<void> {
        for (;;) {
            std::string const request = co_await c.request();
            arrived.push_back(request.substr(request.find("\r\n\r\n") + 4));
            if (arrived.size() == 100) {
                single = start(ctx, exchange("single"));
                // Not before it waits.
                auto const waiting = pool->statistics().waiting;
                while (pool->statistics().waiting == waiting)
                    co_await asio::post(c.socket().get_executor(), asio::use_awaitable);
                arrived_when_it_came = arrived.size();
            }
            co_await c.answer("ok");
        }
    });
    pool_options options;
    options.max_connections = connections;
    use(server.url(), options);
    request_view fan_out;
    fan_out.kind = traffic::fan_out;
    std::vector<task<exchange_result>> tasks;
    for (int i = 0; i < many; ++i) tasks.push_back(start(ctx, exchange_as(fan_out, "f")));
    for (auto& t : tasks) EXPECT_FALSE(finish(ctx, t).code);
    EXPECT_FALSE(finish(ctx, single).code);
    auto const at = static_cast<std::size_t>(std::find(arrived.begin(), arrived.end(), "single") - arrived.begin());
    // Nothing but what was on its way already arrives before it.
    EXPECT_LE(at, arrived_when_it_came + connections);
    EXPECT_EQ(arrived.size(), many + 1U);
}

// --- Time-out of an attempt

TEST_F(pool_events_test, an_attempt_that_takes_too_long_ends_with_a_code_of_its_own) {
    scripted_server server(ctx, [](server_connection& c) -> asio::awaitable<void> { co_await c.until_closed(); });
    use(server.url(), listening());
    request_view request;
    request.timeout = 10ms;
    auto const result = run(ctx, exchange_as(request, "x"));
    EXPECT_EQ(result.code, transport_errc::attempt_timeout);
    EXPECT_TRUE(result.sent);
    EXPECT_NE(result.message.find("time-out of an attempt"), std::string::npos) << result.message;
    expect_closed(close_reason::interrupted, 1);
    expect_consistent();
}

TEST_F(pool_events_test, the_deadline_counts_when_it_is_the_earlier_one) {
    scripted_server server(ctx, [](server_connection& c) -> asio::awaitable<void> { co_await c.until_closed(); });
    use(server.url());
    request_view request;
    request.timeout = 1h;
    EXPECT_EQ(run(ctx, exchange_as(pool, deadlines, request, "x", 10ms)).code, errc::deadline_exceeded);
}

TEST_F(pool_events_test, the_time_out_of_an_attempt_covers_the_tls_handshake) {
    scripted_server silent(ctx, [](server_connection& c) -> asio::awaitable<void> { co_await c.until_closed(); });
    use("https://127.0.0.1:" + std::to_string(silent.port()));
    request_view request;
    request.timeout = 10ms;
    auto const result = run(ctx, exchange_as(request, "x"));
    EXPECT_EQ(result.code, transport_errc::attempt_timeout);
    EXPECT_FALSE(result.sent);
    expect_consistent();
}

TEST_F(pool_events_test, waiting_for_the_turn_is_not_the_attempt) {
    scripted_server server(ctx, [](server_connection& c) -> asio::awaitable<void> { co_await c.until_closed(); });
    pool_options options;
    options.max_connections = 1;
    use(server.url(), options);
    auto busy = start(ctx, exchange("a"));
    request_view request;
    request.timeout = 1ms;
    EXPECT_EQ(run(ctx, exchange_as(pool, deadlines, request, "b", 30ms)).code, errc::deadline_exceeded);
    busy.cancel();
    finish(ctx, busy);
}

} // namespace
