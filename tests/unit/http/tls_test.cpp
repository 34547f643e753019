#include <dynasio/http/connection_pool.hpp>

#include <boost/asio/post.hpp>

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pool_fixture.hpp"
#include "support/certificates.hpp"

namespace {

using namespace dynasio::test;
using dynasio::errc;
using dynasio::transport_errc;

struct tls_test : pool_fixture {
    certificate_authority authority{};

    pool_options trusting() const {
        pool_options options;
        options.tls.use_system_authorities = false;
        options.tls.authorities_pem = authority.pem();
        return options;
    }
    static asio::awaitable<void> echo(server_connection& c) {
        for (;;) {
            std::string const request = co_await c.request();
            co_await c.answer(request.substr(request.find("\r\n\r\n") + 4));
        }
    }
};

TEST_F(tls_test, exchanges_with_a_server_of_a_trusted_authority_and_the_right_name) {
    scripted_server server(ctx, echo, authority.issue("DNS:localhost"));
    use(server.url("localhost"), trusting());
    for (int i = 0; i < 3; ++i) {
        auto const result = send("hello");
        ASSERT_FALSE(result.code) << result.message;
        EXPECT_EQ(result.answer.body(), "hello");
        EXPECT_TRUE(result.sent);
    }
    EXPECT_EQ(server.accepted(), 1U);
    EXPECT_EQ(server.server_name(), "localhost");
    EXPECT_EQ(pool->statistics().bytes_sent, 3 * (request_head(5).size() + 5));
}

TEST_F(tls_test, checks_an_address_against_the_addresses_in_the_certificate) {
    scripted_server server(ctx, echo, authority.issue("IP:127.0.0.1"));
    use(server.url(), trusting());
    auto const result = send("x");
    EXPECT_FALSE(result.code) << result.message;
    EXPECT_EQ(server.server_name(), ""); // no SNI for addresses
}

TEST_F(tls_test, accepts_a_wildcard_for_one_label_only) {
    scripted_server server(ctx, echo, authority.issue("DNS:*.localhost"));
    use(server.url("a.b.localhost"), trusting());
    auto const result = send("x");
    // Whether the name resolves depends on the system; that the wildcard covers two labels does not.
    EXPECT_TRUE(result.code == transport_errc::certificate_host_name || result.code == transport_errc::resolve_failed)
        << result.message;
}

TEST_F(tls_test, refuses_a_certificate_for_another_name) {
    for (auto const* names : {"DNS:example.com", "DNS:localhost.example.com", "IP:127.0.0.1", "DNS:xlocalhost"}) {
        scripted_server server(ctx, echo, authority.issue(names));
        use(server.url("localhost"), trusting());
        auto const result = send("x");
        EXPECT_EQ(result.code, transport_errc::certificate_host_name) << result.message;
        EXPECT_FALSE(result.sent);
        EXPECT_NE(result.message.find("localhost:" + std::to_string(server.port())), std::string::npos)
            << result.message;
        EXPECT_EQ(pool->statistics().open, 0U);
    }
}

TEST_F(tls_test, refuses_a_certificate_for_another_address_or_for_the_address_as_a_name) {
    for (auto const* names : {"IP:127.0.0.2", "DNS:127.0.0.1", "DNS:localhost"}) {
        scripted_server server(ctx, echo, authority.issue(names));
        use(server.url(), trusting());
        EXPECT_EQ(send("x").code, transport_errc::certificate_host_name) << names;
    }
}

TEST_F(tls_test, refuses_a_certificate_of_an_unknown_authority) {
    certificate_authority const other("another authority");
    scripted_server server(ctx, echo, other.issue("DNS:localhost"));
    use(server.url("localhost"), trusting());
    auto const result = send("x");
    EXPECT_EQ(result.code, transport_errc::certificate_untrusted) << result.message;
    EXPECT_NE(result.message.find("issuer"), std::string::npos) << result.message;
    EXPECT_NE(result.message.find("authorities_file"), std::string::npos) << result.message;
    EXPECT_FALSE(result.sent);
}

TEST_F(tls_test, refuses_an_expired_certificate) {
    scripted_server server(ctx, echo, authority.issue("DNS:localhost", -1));
    use(server.url("localhost"), trusting());
    auto const result = send("x");
    EXPECT_EQ(result.code, transport_errc::certificate_untrusted) << result.message;
    EXPECT_NE(result.message.find("expired"), std::string::npos) << result.message;
}

TEST_F(tls_test, accepts_anything_when_told_not_to_verify) {
    certificate_authority const other("another authority");
    scripted_server server(ctx, echo, other.issue("DNS:example.com", -1));
    auto options = trusting();
    options.tls.verify_peer = false;
    use(server.url("localhost"), options);
    EXPECT_FALSE(send("x").code);
}

TEST_F(tls_test, reads_authorities_from_a_file) {
    std::string const file = testing::TempDir() + "dynasio_tls_test_authority.pem";
    std::ofstream(file) << authority.pem();
    scripted_server server(ctx, echo, authority.issue("DNS:localhost"));
    pool_options options;
    options.tls.use_system_authorities = false;
    options.tls.authorities_file = file;
    use(server.url("localhost"), options);
    EXPECT_FALSE(send("x").code);
    std::remove(file.c_str());
}

TEST_F(tls_test, reports_authorities_that_cannot_be_loaded) {
    scripted_server server(ctx, echo, authority.issue("DNS:localhost"));
    pool_options options;
    options.tls.authorities_file = "/no/such/file.pem";
    use(server.url("localhost"), options);
    auto const missing = send("x");
    EXPECT_EQ(missing.code, errc::invalid_configuration);
    EXPECT_NE(missing.message.find("/no/such/file.pem"), std::string::npos) << missing.message;
    EXPECT_EQ(pool->statistics().open, 0U);

    options.tls.authorities_file.clear();
    options.tls.authorities_pem = "no certificate";
    use(server.url("localhost"), options);
    EXPECT_EQ(send("x").code, errc::invalid_configuration);
    EXPECT_EQ(server.accepted(), 0U);
}

TEST_F(tls_test, tells_a_server_without_tls_from_a_certificate_problem) {
    scripted_server plain(ctx, [](server_connection& c) -> asio::awaitable<void> {
        std::string const hello = co_await c.bytes();
        co_await c.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    });
    use("https://127.0.0.1:" + std::to_string(plain.port()), trusting());
    auto const result = send("x");
    EXPECT_EQ(result.code, transport_errc::tls_handshake_failed);
    EXPECT_NE(result.message.find("https"), std::string::npos) << result.message;
    EXPECT_FALSE(result.sent);
}

TEST_F(tls_test, tells_that_the_server_hung_up_during_the_handshake) {
    scripted_server plain(
        ctx, [](server_connection& c) -> asio::awaitable<void> { std::string const hello = co_await c.bytes(); });
    use("https://127.0.0.1:" + std::to_string(plain.port()), trusting());
    auto const result = send("x");
    EXPECT_EQ(result.code, transport_errc::connection_lost) << "another connection may fare better";
    EXPECT_NE(result.message.find("TLS"), std::string::npos) << result.message;
    EXPECT_FALSE(result.sent);
}

TEST_F(tls_test, an_http_client_at_an_https_port_is_told_so) {
    scripted_server server(ctx, echo, authority.issue("DNS:localhost"));
    use("http://127.0.0.1:" + std::to_string(server.port()));
    auto const result = send("x");
    EXPECT_TRUE(result.code == transport_errc::malformed_http || result.code == transport_errc::connection_lost)
        << result.message;
}

TEST_F(tls_test, a_handshake_that_never_ends_meets_the_connect_timeout_and_the_deadline) {
    scripted_server silent(ctx, [](server_connection& c) -> asio::awaitable<void> { co_await c.until_closed(); });
    auto options = trusting();
    options.connect_timeout = 20ms;
    use("https://127.0.0.1:" + std::to_string(silent.port()), options);
    auto const timed_out = send("x");
    EXPECT_EQ(timed_out.code, transport_errc::connect_timeout);
    EXPECT_NE(timed_out.message.find("TLS"), std::string::npos) << timed_out.message;

    use("https://127.0.0.1:" + std::to_string(silent.port()), trusting());
    auto const late = send("x", 20ms);
    EXPECT_EQ(late.code, errc::deadline_exceeded);
    EXPECT_FALSE(late.sent);
    expect_consistent();
}

TEST_F(tls_test, cancellation_ends_the_handshake) {
    std::function<void()> act;
    bool closed = false;
    scripted_server silent(ctx, [&](server_connection& c) -> asio::awaitable<void> {
        std::string const hello = co_await c.bytes();
        act();
        co_await c.until_closed();
        closed = true;
    });
    use("https://127.0.0.1:" + std::to_string(silent.port()), trusting());
    auto t = start(ctx, exchange("x"));
    act = [&] { t.cancel(); };
    EXPECT_EQ(finish(ctx, t).code, asio::error::operation_aborted);
    run_until(ctx, [&] { return closed; });
    expect_consistent();
}

TEST_F(tls_test, cancellation_and_deadline_end_waiting_for_the_answer) {
    std::function<void()> act;
    scripted_server server(
        ctx,
        [&](server_connection& c) -> asio::awaitable<void> {
            std::string const request = co_await c.request();
            if (act) std::exchange(act, nullptr)();
            co_await c.until_closed();
        },
        authority.issue("DNS:localhost"));
    use(server.url("localhost"), trusting());
    auto t = start(ctx, exchange("x"));
    act = [&] { t.cancel(); };
    auto const cancelled = finish(ctx, t);
    EXPECT_EQ(cancelled.code, asio::error::operation_aborted);
    EXPECT_TRUE(cancelled.sent);
    EXPECT_EQ(send("x", 50ms).code, errc::deadline_exceeded);
    EXPECT_EQ(pool->statistics().open, 0U);
}

TEST_F(tls_test, moves_large_bodies_both_ways) {
    scripted_server server(ctx, echo, authority.issue("DNS:localhost"));
    use(server.url("localhost"), trusting());
    std::string const body(1'000'000, 'x');
    for (int i = 0; i < 2; ++i) {
        auto const result = send(body);
        ASSERT_FALSE(result.code) << result.message;
        EXPECT_TRUE(result.answer.body() == body);
    }
    EXPECT_EQ(server.accepted(), 1U);
}

TEST_F(tls_test, sends_again_when_the_reused_connection_is_gone) {
    scripted_server server(
        ctx,
        [](server_connection& c) -> asio::awaitable<void> {
            std::string const request = co_await c.request();
            co_await c.answer(std::to_string(c.number()));
            if (c.number() == 0) co_await c.close_tls();
        },
        authority.issue("DNS:localhost"));
    use(server.url("localhost"), trusting());
    for (int i = 0; i < 3; ++i) EXPECT_EQ(send("x").answer.body(), std::to_string(i));
    EXPECT_EQ(pool->statistics().resends, 2U);
}

TEST_F(tls_test, an_answer_without_length_ends_only_with_the_farewell_of_tls) {
    for (bool politely : {true, false}) {
        scripted_server server(
            ctx,
            [politely](server_connection& c) -> asio::awaitable<void> {
                std::string const request = co_await c.request();
                co_await c.send("HTTP/1.1 200 OK\r\n\r\nto the end");
                if (politely) co_await c.close_tls();
            },
            authority.issue("DNS:localhost"));
        use(server.url("localhost"), trusting());
        auto const result = send("x");
        if (politely) {
            EXPECT_EQ(result.answer.body(), "to the end") << result.message;
        } else {
            EXPECT_EQ(result.code, transport_errc::connection_lost); // whoever cuts the line could cut the answer
        }
    }
}

// --- Sessions taken up again

TEST_F(tls_test, a_new_connection_takes_up_the_session_of_an_earlier_one) {
    for (int const version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        scripted_server server(
            ctx,
            [](server_connection& c) -> asio::awaitable<void> {
                std::string const request = co_await c.request();
                co_await c.answer("x", "Connection: close\r\n");
                co_await c.until_closed();
            },
            authority.issue("DNS:localhost"));
        server.use_tls_version(version);
        use(server.url("localhost"), trusting());
        for (int i = 0; i < 6; ++i) EXPECT_FALSE(send("x").code);
        EXPECT_EQ(server.accepted(), 6U);
        EXPECT_EQ(server.resumed(), 5U) << version;
    }
}

TEST_F(tls_test, a_session_is_taken_up_also_after_its_connection_broke) {
    scripted_server server(
        ctx,
        [](server_connection& c) -> asio::awaitable<void> {
            std::string const request = co_await c.request();
            co_await c.answer("x");
            c.reset();
        },
        authority.issue("DNS:localhost"));
    use(server.url("localhost"), trusting());
    for (int i = 0; i < 4; ++i) EXPECT_FALSE(send("x").code);
    EXPECT_EQ(server.accepted(), 4U);
    EXPECT_EQ(server.resumed(), 3U);
}

TEST_F(tls_test, a_connection_opened_ahead_is_used_although_tickets_wait_on_it) {
    scripted_server server(ctx, echo, authority.issue("DNS:localhost"));
    server.use_tls_version(TLS1_3_VERSION);
    auto options = trusting();
    options.min_connections = 3;
    use(server.url("localhost"), options);
    deadline until(deadlines, deadline::clock::now() + 1h);
    auto const warmed = run(ctx, pool->warm_up(until));
    ASSERT_FALSE(warmed.code) << warmed.message;
    // Whatever the server sends after the handshake is there by now: the test's own server shares the context.
    ctx.restart();
    ctx.poll();
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(send("x", 1h, false).code); // what is not repeatable looks first
    EXPECT_EQ(pool->statistics().connects, 3U);
    EXPECT_EQ(server.accepted(), 3U);
}

TEST_F(tls_test, a_session_is_not_taken_up_by_another_pool) {
    scripted_server server(ctx, echo, authority.issue("DNS:localhost"));
    use(server.url("localhost"), trusting());
    EXPECT_FALSE(send("x").code);
    certificate_authority const other("another authority");
    auto options = trusting();
    options.tls.authorities_pem = other.pem();
    use(server.url("localhost"), options);
    EXPECT_EQ(send("x").code, transport_errc::certificate_untrusted);
    EXPECT_EQ(server.resumed(), 0U);
}

TEST_F(tls_test, more_connections_than_tickets_shake_hands_in_full) {
    std::size_t open = 0;
    scripted_server server(
        ctx,
        [&](server_connection& c) -> asio::awaitable<void> {
            std::string const request = co_await c.request();
            ++open;
            while (open != 1 && open < 9) co_await asio::post(c.socket().get_executor(), asio::use_awaitable);
            co_await c.answer("x", "Connection: close\r\n");
            co_await c.until_closed();
        },
        authority.issue("DNS:localhost"));
    server.use_tls_version(TLS1_3_VERSION);
    use(server.url("localhost"), trusting());
    EXPECT_FALSE(send("x").code);
    std::vector<task<exchange_result>> tasks;
    for (int i = 0; i < 8; ++i) tasks.push_back(start(ctx, exchange("x")));
    for (auto& t : tasks) EXPECT_FALSE(finish(ctx, t).code);
    EXPECT_EQ(server.accepted(), 9U);
    EXPECT_EQ(server.resumed(), 2U); // a handshake gives two tickets, each good for one connection
}

TEST_F(tls_test, offers_http_1_1_and_refuses_what_is_older_than_tls_1_2) {
    scripted_server server(ctx, echo, authority.issue("DNS:localhost"));
    use(server.url("localhost"), trusting());
    EXPECT_FALSE(send("x").code);
    EXPECT_EQ(server.protocol(), "http/1.1");

    scripted_server old(ctx, echo, authority.issue("DNS:localhost"));
    old.use_tls_version(TLS1_1_VERSION);
    use(old.url("localhost"), trusting());
    EXPECT_EQ(send("x").code, transport_errc::tls_handshake_failed);
}

TEST_F(tls_test, closing_the_pool_says_farewell_on_idle_connections) {
    bool politely = false;
    bool ended = false;
    scripted_server server(
        ctx,
        [&](server_connection& c) -> asio::awaitable<void> {
            std::string const request = co_await c.request();
            co_await c.answer("x");
            try {
                std::string const more = co_await c.bytes();
            } catch (boost::system::system_error const& e) {
                politely = e.code() == asio::error::eof; // else asio::ssl::error::stream_truncated
                ended = true;
            }
        },
        authority.issue("DNS:localhost"));
    use(server.url("localhost"), trusting());
    EXPECT_FALSE(send("x").code);
    pool->close();
    run_until(ctx, [&] { return ended; });
    EXPECT_TRUE(politely);
}

TEST_F(tls_test, idle_connections_do_not_keep_the_context_running) {
    std::vector<asio::ip::tcp::socket> kept;
    {
        scripted_server server(
            ctx,
            [&](server_connection& c) -> asio::awaitable<void> {
                std::string const request = co_await c.request();
                co_await c.answer("x");
                kept.push_back(std::move(c.socket()));
            },
            authority.issue("DNS:localhost"));
        use(server.url("localhost"), trusting());
        ASSERT_FALSE(send("x").code);
    }
    run_out(ctx);
    EXPECT_EQ(pool->statistics().idle, 1U);
}

} // namespace
