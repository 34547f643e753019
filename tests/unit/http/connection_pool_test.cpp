#include <dynasio/http/connection_pool.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <sys/socket.h>
#include <vector>

#include "pool_fixture.hpp"

namespace {

using namespace dynasio::test;
using dynasio::errc;
using dynasio::transport_errc;

using connection_pool_test = pool_fixture;

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

// --- Connections that died while nobody used them

/// Answers one request on each connection, then closes it.
asio::awaitable<void> answer_once(server_connection& c) {
    std::string const request = co_await c.request();
    co_await c.answer(std::to_string(c.number()));
}

TEST_F(connection_pool_test, sends_a_repeatable_request_again_when_the_reused_connection_is_gone) {
    scripted_server server(ctx, answer_once);
    use(server.url());
    for (int i = 0; i < 4; ++i) {
        auto const result = send("x");
        ASSERT_FALSE(result.code) << result.message;
        EXPECT_EQ(result.answer.body(), std::to_string(i));
        EXPECT_TRUE(result.sent);
    }
    EXPECT_EQ(pool->statistics().resends, 3U);
    EXPECT_EQ(pool->statistics().connects, 4U);
    EXPECT_EQ(pool->statistics().exchanges, 7U);
}

TEST_F(connection_pool_test, sends_again_when_the_connection_breaks_after_the_request_arrived) {
    std::size_t seen = 0;
    scripted_server server(ctx, [&](server_connection& c) -> asio::awaitable<void> {
        if (c.number() == 0) {
            std::string const first = co_await c.request();
            co_await c.answer("a");
        }
        std::string const request = co_await c.request();
        ++seen;
        if (c.number() == 0) {
            c.reset();
            co_return;
        }
        co_await c.answer("b");
    });
    use(server.url());
    EXPECT_EQ(send("x").answer.body(), "a");
    EXPECT_EQ(send("x").answer.body(), "b");
    EXPECT_EQ(seen, 2U);
    EXPECT_EQ(pool->statistics().resends, 1U);
}

TEST_F(connection_pool_test, does_not_send_again_what_is_not_repeatable) {
    scripted_server server(ctx, [&](server_connection& c) -> asio::awaitable<void> {
        std::string const first = co_await c.request();
        co_await c.answer("a");
        std::string const second = co_await c.request();
        c.reset();
    });
    use(server.url());
    EXPECT_FALSE(send("x", 1h, false).code);
    auto const lost = send("x", 1h, false);
    EXPECT_EQ(lost.code, transport_errc::connection_lost);
    EXPECT_TRUE(lost.sent);
    EXPECT_NE(lost.message.find("127.0.0.1:" + std::to_string(server.port())), std::string::npos) << lost.message;
    EXPECT_EQ(pool->statistics().resends, 0U);
    EXPECT_EQ(pool->statistics().open, 0U);
}

TEST_F(connection_pool_test, sees_before_sending_what_is_not_repeatable_that_the_connection_is_closed) {
    scripted_server server(ctx, answer_once);
    use(server.url());
    EXPECT_EQ(send("x", 1h, false).answer.body(), "0");
    ctx.poll(); // the server's end closes
    EXPECT_EQ(send("x", 1h, false).answer.body(), "1");
    EXPECT_EQ(pool->statistics().resends, 0U);
}

TEST_F(connection_pool_test, looks_at_a_proved_connection_too_once_it_was_idle) {
    constexpr int proved = 100; // more exchanges than it takes
    scripted_server server(ctx, [](server_connection& c) -> asio::awaitable<void> {
        for (int i = 0; i != proved; ++i) {
            std::string const request = co_await c.request();
            co_await c.answer(std::to_string(c.number()));
        }
    });
    use(server.url());
    for (int i = 0; i != proved; ++i) ASSERT_EQ(send("x", 1h, false).answer.body(), "0");
    ctx.poll(); // the server's end closes
    auto const since = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - since <= std::chrono::microseconds(50)) {
    }
    EXPECT_EQ(send("x", 1h, false).answer.body(), "1");
    EXPECT_EQ(pool->statistics().resends, 0U);
}

TEST_F(connection_pool_test, does_not_send_again_on_a_fresh_connection) {
    scripted_server server(
        ctx, [](server_connection& c) -> asio::awaitable<void> { std::string const r = co_await c.request(); });
    use(server.url());
    auto const lost = send("x");
    EXPECT_EQ(lost.code, transport_errc::connection_lost);
    EXPECT_TRUE(lost.sent);
    EXPECT_EQ(server.accepted(), 1U);
}

TEST_F(connection_pool_test, sends_again_only_once) {
    scripted_server server(ctx, [](server_connection& c) -> asio::awaitable<void> {
        std::string const request = co_await c.request();
        if (c.number() == 0) co_await c.answer("a");
    });
    use(server.url());
    EXPECT_FALSE(send("x").code);
    EXPECT_EQ(send("x").code, transport_errc::connection_lost);
    EXPECT_EQ(server.accepted(), 2U);
    EXPECT_EQ(pool->statistics().resends, 1U);
}

TEST_F(connection_pool_test, does_not_send_again_once_a_byte_of_the_answer_has_come) {
    scripted_server server(ctx, [](server_connection& c) -> asio::awaitable<void> {
        std::string const first = co_await c.request();
        co_await c.answer("a");
        std::string const second = co_await c.request();
        co_await c.send("H");
    });
    use(server.url());
    EXPECT_FALSE(send("x").code);
    EXPECT_EQ(send("x").code, transport_errc::connection_lost);
    EXPECT_EQ(server.accepted(), 1U);
}

TEST_F(connection_pool_test, closes_connections_that_were_idle_too_long) {
    scripted_server server(ctx, echo);
    pool_options options;
    options.idle_lifetime = 0ms;
    use(server.url(), options);
    EXPECT_FALSE(send("x").code);
    EXPECT_FALSE(send("x").code);
    EXPECT_EQ(server.accepted(), 2U);
    EXPECT_EQ(pool->statistics().resends, 0U);
    EXPECT_LE(pool->statistics().open, 1U);
}

TEST_F(connection_pool_test, uses_the_connection_that_was_used_last) {
    scripted_server server(ctx, [](server_connection& c) -> asio::awaitable<void> {
        for (;;) {
            std::string const request = co_await c.request();
            co_await c.answer(std::to_string(c.number()));
        }
    });
    use(server.url());
    auto a = start(ctx, exchange("a"));
    auto b = start(ctx, exchange("b"));
    finish(ctx, a);
    auto const last = finish(ctx, b);
    std::string const name(last.answer.body());
    for (int i = 0; i < 3; ++i) EXPECT_EQ(send("c").answer.body(), name);
}

// --- Answers that are none

TEST_F(connection_pool_test, reports_broken_answers_and_closes_the_connection) {
    struct {
        std::string text;
        transport_errc code;
    } const cases[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", transport_errc::connection_lost},
        {"HTTP/1.1 200", transport_errc::connection_lost},
        {"SSH-2.0-x\r\n", transport_errc::malformed_http},
        {"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", transport_errc::malformed_http},
        {"HTTP/1.1 200 OK\r\nx: " + std::string(20'000, 'a'), transport_errc::response_too_large},
        {"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", transport_errc::response_too_large},
    };
    for (auto const& c : cases) {
        scripted_server server(ctx, [&](server_connection& s) -> asio::awaitable<void> {
            std::string const request = co_await s.request();
            co_await s.send(c.text);
        });
        pool_options options;
        options.max_body_bytes = 1000;
        use(server.url(), options);
        auto const result = send("x");
        EXPECT_EQ(result.code, c.code) << c.text << result.message;
        EXPECT_TRUE(result.sent);
        EXPECT_NE(result.message.find("127.0.0.1:"), std::string::npos) << result.message;
        EXPECT_EQ(pool->statistics().open, 0U);
        server.stop();
        run_out(ctx);
    }
}

TEST_F(connection_pool_test, reads_the_answer_of_a_server_that_hangs_up_while_the_request_is_sent) {
    scripted_server server(ctx, [](server_connection& c) -> asio::awaitable<void> {
        std::string const some = co_await c.bytes();
        co_await c.answer("too much", "Connection: close\r\n", 413);
        boost::system::error_code ignored;
        c.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
        co_await c.until_closed();
    });
    use(server.url());
    auto const result = send(std::string(4'000'000, 'x'));
    ASSERT_FALSE(result.code) << result.message;
    EXPECT_EQ(result.answer.status(), 413U);
    EXPECT_EQ(pool->statistics().open, 0U);
}

// --- Connections that cannot be made

TEST_F(connection_pool_test, says_where_nothing_listens) {
    std::string endpoint;
    {
        scripted_server gone(ctx, echo);
        endpoint = gone.url();
    }
    use(endpoint);
    for (int i = 0; i < 2; ++i) {
        auto const result = send("x");
        EXPECT_EQ(result.code, transport_errc::connect_failed);
        EXPECT_FALSE(result.sent);
        EXPECT_NE(result.message.find(endpoint.substr(7)), std::string::npos) << result.message;
        EXPECT_NE(result.message.find("refused"), std::string::npos) << result.message;
    }
    EXPECT_EQ(pool->statistics().open, 0U);
    EXPECT_EQ(pool->statistics().connects, 0U);
}

TEST_F(connection_pool_test, all_waiters_learn_that_nothing_listens) {
    std::string endpoint;
    {
        scripted_server gone(ctx, echo);
        endpoint = gone.url();
    }
    pool_options options;
    options.max_connections = 1;
    use(endpoint, options);
    std::vector<task<exchange_result>> tasks;
    for (int i = 0; i < 10; ++i) tasks.push_back(start(ctx, exchange("x")));
    for (auto& t : tasks) EXPECT_EQ(finish(ctx, t).code, transport_errc::connect_failed);
    expect_consistent();
}

TEST_F(connection_pool_test, resolves_names_and_tries_all_their_addresses) {
    scripted_server server(ctx, echo); // on 127.0.0.1 only, whatever "localhost" comes to first
    use("http://localhost:" + std::to_string(server.port()));
    std::vector<task<exchange_result>> tasks;
    for (int i = 0; i < 3; ++i) tasks.push_back(start(ctx, exchange("x")));
    for (auto& t : tasks) {
        auto const result = finish(ctx, t);
        EXPECT_FALSE(result.code) << result.message;
    }
}

TEST_F(connection_pool_test, reports_a_name_without_address) {
    use("http://no-such-host.invalid");
    auto const result = send("x");
    EXPECT_EQ(result.code, transport_errc::resolve_failed);
    EXPECT_FALSE(result.sent);
    EXPECT_NE(result.message.find("no-such-host.invalid:80"), std::string::npos) << result.message;
    EXPECT_EQ(pool->statistics().open, 0U);
}

/// Listens with a full queue, so that connecting to it never ends.
class deaf_listener {
public:
    explicit deaf_listener(asio::io_context& ctx) : acceptor_(ctx) {
        using asio::ip::tcp;
        acceptor_.open(tcp::v4());
        acceptor_.bind(tcp::endpoint(asio::ip::address_v4::loopback(), 0));
        acceptor_.listen(0);
        auto const here = acceptor_.local_endpoint();
        for (int i = 0; i < 4; ++i) {
            auto& filler = fillers_.emplace_back(ctx, tcp::v4());
            filler.native_non_blocking(true);
            // Asio's own connect would wait for the end of it.
            ::connect(filler.native_handle(), here.data(), static_cast<socklen_t>(here.size()));
        }
    }
    [[nodiscard]] std::string url() const {
        return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
    }

private:
    asio::ip::tcp::acceptor acceptor_;
    std::vector<asio::ip::tcp::socket> fillers_{};
};

TEST_F(connection_pool_test, gives_up_connecting_after_the_connect_timeout) {
    deaf_listener deaf(ctx);
    pool_options options;
    options.connect_timeout = 20ms;
    use(deaf.url(), options);
    auto const result = send("x");
    EXPECT_EQ(result.code, transport_errc::connect_timeout);
    EXPECT_FALSE(result.sent);
    EXPECT_NE(result.message.find("connect_timeout"), std::string::npos) << result.message;
    EXPECT_EQ(pool->statistics().open, 0U);
}

// --- Deadlines and cancellation, in each phase

TEST_F(connection_pool_test, a_deadline_that_is_past_sends_nothing) {
    scripted_server server(ctx, echo);
    use(server.url());
    auto const result = send("x", 0ms);
    EXPECT_EQ(result.code, errc::deadline_exceeded);
    EXPECT_FALSE(result.sent);
    EXPECT_EQ(pool->statistics().connects, 0U);
}

TEST_F(connection_pool_test, the_deadline_ends_connecting) {
    deaf_listener deaf(ctx);
    use(deaf.url());
    auto const result = send("x", 20ms);
    EXPECT_EQ(result.code, errc::deadline_exceeded);
    EXPECT_FALSE(result.sent);
    EXPECT_NE(result.message.find("connecting to 127.0.0.1:"), std::string::npos) << result.message;
    expect_consistent();
}

TEST_F(connection_pool_test, the_deadline_ends_waiting_for_a_connection) {
    scripted_server server(ctx, [](server_connection& c) -> asio::awaitable<void> { co_await c.until_closed(); });
    pool_options options;
    options.max_connections = 1;
    use(server.url(), options);
    auto busy = start(ctx, exchange("a"));
    auto const result = send("b", 20ms);
    EXPECT_EQ(result.code, errc::deadline_exceeded);
    EXPECT_FALSE(result.sent);
    EXPECT_NE(result.message.find("waiting for a connection"), std::string::npos) << result.message;
    EXPECT_EQ(pool->statistics().waiting, 0U);
    EXPECT_FALSE(busy.done());
    busy.cancel();
    EXPECT_EQ(finish(ctx, busy).code, asio::error::operation_aborted);
    expect_consistent();
}

TEST_F(connection_pool_test, the_deadline_ends_sending) {
    scripted_server server(ctx, [](server_connection& c) -> asio::awaitable<void> {
        asio::steady_timer never(c.socket().get_executor(), asio::steady_timer::time_point::max());
        co_await never.async_wait(asio::use_awaitable); // reads nothing
    });
    use(server.url());
    auto const result = send(std::string(30'000'000, 'x'), 50ms);
    EXPECT_EQ(result.code, errc::deadline_exceeded);
    EXPECT_TRUE(result.sent);
    EXPECT_NE(result.message.find("sending"), std::string::npos) << result.message;
    EXPECT_EQ(pool->statistics().open, 0U);
}

TEST_F(connection_pool_test, the_deadline_ends_waiting_for_the_answer) {
    for (std::string const& part : {std::string(), std::string("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab")}) {
        scripted_server server(ctx, [&](server_connection& c) -> asio::awaitable<void> {
            std::string const request = co_await c.request();
            co_await c.send(part);
            co_await c.until_closed();
        });
        use(server.url());
        auto const result = send("x", 20ms);
        EXPECT_EQ(result.code, errc::deadline_exceeded);
        EXPECT_TRUE(result.sent);
        EXPECT_NE(result.message.find("waiting for the answer"), std::string::npos) << result.message;
        EXPECT_EQ(pool->statistics().open, 0U);
        server.stop();
        run_out(ctx);
    }
}

TEST_F(connection_pool_test, cancellation_ends_connecting) {
    deaf_listener deaf(ctx);
    use(deaf.url());
    auto t = start(ctx, exchange("x"));
    run_until(ctx, [&] { return pool->statistics().open == 1; });
    ctx.poll();
    t.cancel();
    auto const result = finish(ctx, t);
    EXPECT_EQ(result.code, asio::error::operation_aborted);
    EXPECT_FALSE(result.sent);
    run_out(ctx);
    expect_consistent();
}

TEST_F(connection_pool_test, cancellation_ends_looking_up_a_name) {
    use("http://no-such-host.invalid");
    auto t = start(ctx, exchange("x"));
    auto other = start(ctx, exchange("y"));
    while (pool->statistics().open != 2) ctx.run_one();
    t.cancel();
    EXPECT_EQ(finish(ctx, t).code, asio::error::operation_aborted);
    EXPECT_EQ(finish(ctx, other).code, transport_errc::resolve_failed); // who shares the look-up is not disturbed
    expect_consistent();
}

TEST_F(connection_pool_test, cancellation_ends_waiting_for_a_connection_and_leaves_the_others_their_turn) {
    std::vector<std::string> arrived;
    std::function<void()> act;
    scripted_server server(ctx, [&](server_connection& c) -> asio::awaitable<void> {
        for (;;) {
            std::string const request = co_await c.request();
            arrived.push_back(request.substr(request.find("\r\n\r\n") + 4));
            if (act) std::exchange(act, nullptr)();
            co_await c.answer("ok");
        }
    });
    pool_options options;
    options.max_connections = 1;
    use(server.url(), options);
    auto a = start(ctx, exchange("a"));
    auto b = start(ctx, exchange("b"));
    auto c = start(ctx, exchange("c"));
    act = [&] { b.cancel(); };
    EXPECT_FALSE(finish(ctx, a).code);
    auto const cancelled = finish(ctx, b);
    EXPECT_EQ(cancelled.code, asio::error::operation_aborted);
    EXPECT_FALSE(cancelled.sent);
    EXPECT_FALSE(finish(ctx, c).code);
    EXPECT_EQ(arrived, (std::vector<std::string>{"a", "c"}));
    EXPECT_EQ(server.accepted(), 1U);
    expect_consistent();
}

TEST_F(connection_pool_test, a_connection_given_to_a_cancelled_waiter_goes_to_the_next) {
    scripted_server server(ctx, echo);
    pool_options options;
    options.max_connections = 1;
    use(server.url(), options);
    task<exchange_result> b;
    auto first = [&]() -> asio::awaitable<void> {
        auto operation = exchange("a");
        auto const result = co_await std::move(operation);
        EXPECT_FALSE(result.code);
        // b has been given the connection and has not resumed yet.
        EXPECT_EQ(pool->statistics().waiting, 1U);
        b.cancel();
    };
    auto a = start(ctx, first());
    b = start(ctx, exchange("b"));
    auto c = start(ctx, exchange("c"));
    finish(ctx, a);
    EXPECT_EQ(finish(ctx, b).code, asio::error::operation_aborted);
    EXPECT_FALSE(finish(ctx, c).code);
    EXPECT_EQ(server.accepted(), 1U);
    expect_consistent();
}

TEST_F(connection_pool_test, cancellation_ends_sending) {
    std::function<void()> act;
    scripted_server server(ctx, [&](server_connection& c) -> asio::awaitable<void> {
        std::string const some = co_await c.bytes();
        act();
        co_await c.until_closed();
    });
    use(server.url());
    auto t = start(ctx, exchange(std::string(30'000'000, 'x')));
    act = [&] { t.cancel(); };
    auto const result = finish(ctx, t);
    EXPECT_EQ(result.code, asio::error::operation_aborted);
    EXPECT_TRUE(result.sent);
    EXPECT_EQ(pool->statistics().open, 0U);
}

TEST_F(connection_pool_test, cancellation_of_any_type_ends_waiting_for_the_answer) {
    using asio::cancellation_type;
    for (auto type : {cancellation_type::terminal, cancellation_type::partial, cancellation_type::total}) {
        std::function<void()> act;
        bool closed = false;
        scripted_server server(ctx, [&](server_connection& c) -> asio::awaitable<void> {
            std::string const request = co_await c.request();
            act();
            co_await c.until_closed();
            closed = true;
        });
        use(server.url());
        auto t = start(ctx, [](pool_fixture& f) -> asio::awaitable<exchange_result> {
            co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
            auto operation = f.exchange("x");
            exchange_result result = co_await std::move(operation);
            co_return result;
        }(*this));
        act = [&] { t.cancel(type); };
        auto const result = finish(ctx, t);
        EXPECT_EQ(result.code, asio::error::operation_aborted);
        EXPECT_TRUE(result.sent);
        EXPECT_EQ(pool->statistics().open, 0U);
        run_until(ctx, [&] { return closed; });
    }
}

TEST_F(connection_pool_test, a_cancellation_that_comes_with_the_complete_answer_does_not_take_it_away) {
    scripted_server server(ctx, echo);
    use(server.url());
    EXPECT_FALSE(send("warm up").code);
    task<exchange_result> t;
    std::function<void()> act;
    scripted_server other(ctx, [&](server_connection& c) -> asio::awaitable<void> {
        std::string const request = co_await c.request();
        co_await c.answer("there");
        co_await c.until_closed();
    });
    use(other.url());
    t = start(ctx, exchange("x"));
    // Whatever step the cancellation falls into: an answer, or operation_aborted; never anything else.
    for (int steps = 0; !t.done(); ++steps) {
        ctx.run_one();
        if (steps == 8) t.cancel();
    }
    auto const result = t.value();
    if (result.code) {
        EXPECT_EQ(result.code, asio::error::operation_aborted);
    } else {
        EXPECT_EQ(result.answer.body(), "there");
    }
    expect_consistent();
}

TEST_F(connection_pool_test, a_cancellation_at_any_step_leaves_the_pool_usable) {
    scripted_server server(ctx, echo);
    pool_options options;
    options.max_connections = 2;
    use(server.url(), options);
    std::size_t aborted = 0;
    for (int at = 0; at < 60; ++at) {
        std::vector<task<exchange_result>> tasks;
        int started = 0;
        auto one = [&](int i) -> asio::awaitable<exchange_result> {
            ++started;
            auto operation = exchange("x" + std::to_string(i));
            exchange_result result = co_await std::move(operation);
            co_return result;
        };
        for (int i = 0; i < 5; ++i) tasks.push_back(start(ctx, one(i)));
        // Cancelled before it has begun, a spawned coroutine makes run() throw: Asio's matter.
        run_until(ctx, [&] { return started == 5; });
        for (int step = 0; step < at; ++step) ctx.poll_one();
        tasks[static_cast<std::size_t>(at) % 5].cancel();
        for (std::size_t i = 0; i < tasks.size(); ++i) {
            auto const result = finish(ctx, tasks[i]);
            if (result.code) {
                ++aborted;
                EXPECT_EQ(result.code, asio::error::operation_aborted) << result.message;
            } else {
                EXPECT_EQ(result.answer.body(), "x" + std::to_string(i));
            }
        }
        expect_consistent();
        EXPECT_LE(pool->statistics().open, 2U);
    }
    EXPECT_GT(aborted, 5U);
}

// --- Closing

TEST_F(connection_pool_test, close_ends_everything_and_refuses_what_comes_later) {
    scripted_server server(ctx, [](server_connection& c) -> asio::awaitable<void> {
        if (c.number() == 0) {
            std::string const request = co_await c.request();
            co_await c.answer("first");
        }
        co_await c.until_closed();
    });
    pool_options options;
    options.max_connections = 2;
    use(server.url(), options);
    EXPECT_FALSE(send("x").code);
    auto reused = start(ctx, exchange("a"));
    auto fresh = start(ctx, exchange("b"));
    auto waiting = start(ctx, exchange("c"));
    run_until(ctx, [&] { return pool->statistics().exchanges == 3 && pool->statistics().waiting == 1; });
    pool->close();
    pool->close();
    auto const first = finish(ctx, reused);
    EXPECT_EQ(first.code, errc::client_closed);
    EXPECT_TRUE(first.sent);
    EXPECT_EQ(finish(ctx, fresh).code, errc::client_closed);
    auto const last = finish(ctx, waiting);
    EXPECT_EQ(last.code, errc::client_closed);
    EXPECT_FALSE(last.sent);
    EXPECT_EQ(send("x").code, errc::client_closed);
    EXPECT_EQ(pool->statistics().open, 0U);
    expect_consistent();
}

TEST_F(connection_pool_test, close_drops_idle_connections) {
    bool closed = false;
    scripted_server server(ctx, [&](server_connection& c) -> asio::awaitable<void> {
        std::string const request = co_await c.request();
        co_await c.answer("x");
        co_await c.until_closed();
        closed = true;
    });
    use(server.url());
    EXPECT_FALSE(send("x").code);
    pool->close();
    EXPECT_EQ(pool->statistics().open, 0U);
    run_until(ctx, [&] { return closed; });
}

TEST_F(connection_pool_test, can_be_destroyed_under_operations_in_every_phase) {
    scripted_server server(ctx, [](server_connection& c) -> asio::awaitable<void> { co_await c.until_closed(); });
    pool_options options;
    options.max_connections = 1;
    use(server.url(), options);
    std::weak_ptr<connection_pool> const weak = pool;
    auto busy = start(ctx, exchange(weak, deadlines, "a", 1h, true));
    auto waiting = start(ctx, exchange(weak, deadlines, "b", 1h, true));
    run_until(ctx, [&] { return pool->statistics().waiting == 1; });
    pool.reset();
    EXPECT_TRUE(weak.expired());
    EXPECT_EQ(finish(ctx, busy).code, errc::client_closed);
    EXPECT_EQ(finish(ctx, waiting).code, errc::client_closed);
    server.stop();
    run_out(ctx);
}

TEST_F(connection_pool_test, an_exchange_that_was_made_and_not_awaited_may_outlive_the_pool) {
    use("http://127.0.0.1:1");
    deadline until(deadlines, deadline::clock::now() + 1h);
    auto operation = pool->exchange(request_view{}, until);
    pool.reset();
    EXPECT_EQ(run(ctx, std::move(operation)).code, errc::client_closed);
}

TEST(connection_pool, survives_the_context_being_destroyed_first) {
    auto ctx = std::make_unique<asio::io_context>();
    auto server = std::make_unique<scripted_server>(
        *ctx, [](server_connection& c) -> asio::awaitable<void> { co_await c.until_closed(); });
    auto deadlines = std::make_unique<deadline_queue>(ctx->get_executor());
    pool_options options;
    options.max_connections = 1;
    auto pool = connection_pool::create(ctx->get_executor(), url::parse(server->url()), options);
    std::weak_ptr<connection_pool> const weak = pool;
    auto busy = start(*ctx, pool_fixture::exchange(weak, *deadlines, "a", 1h, true));
    auto waiting = start(*ctx, pool_fixture::exchange(weak, *deadlines, "b", 1h, true));
    run_until(*ctx, [&] { return pool->statistics().waiting == 1 && pool->statistics().exchanges == 1; });
    server.reset();
    pool.reset();
    deadlines.reset();
    ctx.reset(); // the frames go with it; a leak or a double free is the sanitizer's to see
    EXPECT_FALSE(busy.done());
    EXPECT_FALSE(waiting.done());
}

TEST(connection_pool, refuses_to_be_made_without_any_connection) {
    asio::io_context ctx;
    pool_options options;
    options.max_connections = 0;
    EXPECT_THROW((void)connection_pool::create(ctx.get_executor(), url{}, options), dynasio::error);
}

} // namespace
