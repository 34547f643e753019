#include <dynasio/http/connection_pool.hpp>
#include <dynasio/http/proxy.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pool_fixture.hpp"
#include "support/certificates.hpp"

namespace {

using namespace dynasio::test;
using dynasio::errc;
using dynasio::transport_errc;
using dynasio::http::is_excepted_from_proxy;
using dynasio::http::proxy;

// --- What it is made from

TEST(proxy, reads_host_port_and_user) {
    struct {
        char const* text;
        char const* host;
        unsigned port;
        char const* authorization;
    } const cases[] = {
        {"http://proxy.example:3128", "proxy.example", 3128, ""},
        {"HTTP://Proxy.Example:3128/", "proxy.example", 3128, ""},
        {"proxy.example:8080", "proxy.example", 8080, ""},
        {"http://10.0.0.1", "10.0.0.1", 80, ""},
        {"http://[fd00::1]:3128", "fd00::1", 3128, ""},
        // RFC 7617's own example.
        {"http://Aladdin:open%20sesame@proxy.example", "proxy.example", 80, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
        {"http://user@proxy.example", "proxy.example", 80, "Basic dXNlcjo="},
        {"http://u:p%40%3a%2F@proxy.example", "proxy.example", 80, "Basic dTpwQDov"},
        {"http://u:a@b@proxy.example", "proxy.example", 80, "Basic dTphQGI="},
    };
    for (auto const& c : cases) {
        auto const p = proxy::parse(c.text);
        EXPECT_TRUE(p);
        EXPECT_EQ(p.address().host, c.host) << c.text;
        EXPECT_EQ(p.address().port, c.port) << c.text;
        EXPECT_EQ(p.authorization(), c.authorization) << c.text;
    }
    EXPECT_FALSE(proxy());
}

TEST(proxy, refuses_what_it_cannot_use_without_printing_it) {
    for (char const* text :
         {"", "http://", "https://hunter2@proxy.example", "socks5://u:hunter2@proxy.example", "http://u:hunter2@",
          "http://u:hunter2%@proxy.example", "http://u:hunter2%4@proxy.example", "http://u:hunter2%zz@proxy.example",
          "http://u:hunter2%0a@proxy.example", "http://u%3ax:hunter2@proxy.example",
          "http://u:hunter2@proxy.example/path", "http://u:hunter2@proxy.example:0", "http://u:hunter2@pro xy",
          "http://u:hunter2@proxy.example:3128\r\nX: y"}) {
        try {
            (void)proxy::parse(text);
            ADD_FAILURE() << text;
        } catch (dynasio::error const& e) {
            EXPECT_EQ(e.code(), errc::invalid_configuration);
            EXPECT_EQ(std::string(e.what()).find("hunter2"), std::string::npos) << e.what();
        }
    }
}

TEST(proxy, no_proxy_excepts_hosts_suffixes_addresses_ranges_and_ports) {
    struct {
        char const* list;
        char const* endpoint;
        bool excepted;
    } const cases[] = {
        {"*", "https://dynamodb.eu-west-1.amazonaws.com", true},
        {"", "https://a.example", false},
        {"a.example", "https://a.example", true},
        {"A.Example", "https://a.example", true},
        {"example", "https://a.example", true},
        {".example", "https://a.example", true},
        {"*.example", "https://a.example", true},
        {".a.example", "https://a.example", true},
        {"b.example", "https://a.example", false},
        {"xample", "https://a.example", false},
        {"a.example.org", "https://a.example", false},
        {"x, y ,a.example", "https://a.example", true},
        {"a.example:443", "https://a.example", true},
        {"a.example:80", "https://a.example", false},
        {"example:8000", "http://a.example:8000", true},
        {"10.0.0.1", "http://10.0.0.1", true},
        {"10.0.0.1:80", "http://10.0.0.1", true},
        {"10.0.0.1:81", "http://10.0.0.1", false},
        {"10.0.0.2", "http://10.0.0.1", false},
        {"0.0.1", "http://10.0.0.1", false},
        {"10.0.0.0/8", "http://10.255.0.1", true},
        {"10.0.0.0/8", "http://11.0.0.1", false},
        {"10.128.0.0/9", "http://10.127.0.1", false},
        {"10.128.0.0/9", "http://10.128.0.1", true},
        {"0.0.0.0/0", "http://11.0.0.1", true},
        {"10.0.0.0/33", "http://10.0.0.1", false},
        {"10.0.0.0/x", "http://10.0.0.1", false},
        {"10.0.0.0/8", "http://a.example", false},
        {"fd00::/8", "http://[fd12::1]", true},
        {"fd00::/8", "http://[fe80::1]", false},
        {"fd00::/8", "http://10.0.0.1", false},
        {"fd12::1", "http://[fd12::1]", true},
        {"[fd12::1]", "http://[fd12::1]", true},
        {"[fd12::1]:80", "http://[fd12::1]", true},
        {"[fd12::1]:81", "http://[fd12::1]", false},
        {",,.,*.,:", "https://a.example", false},
    };
    for (auto const& c : cases)
        EXPECT_EQ(is_excepted_from_proxy(c.list, url::parse(c.endpoint)), c.excepted) << c.list << ' ' << c.endpoint;
}

TEST(proxy, is_found_in_the_environment_as_the_scheme_asks) {
    std::map<std::string, std::string> variables;
    auto const find = [&](std::string const& endpoint) {
        auto const p = proxy::from_environment(
            [&](std::string const& name) -> std::optional<std::string> {
                auto const it = variables.find(name);
                if (it == variables.end()) return std::nullopt;
                return it->second;
            },
            url::parse(endpoint));
        return p ? p.address().host : "none";
    };
    EXPECT_EQ(find("https://a.example"), "none");
    variables = {{"HTTPS_PROXY", "upper"}, {"HTTP_PROXY", "http://plain:1"}};
    EXPECT_EQ(find("https://a.example"), "upper");
    EXPECT_EQ(find("http://a.example"), "plain");
    variables["https_proxy"] = "http://lower";
    EXPECT_EQ(find("https://a.example"), "lower");
    EXPECT_EQ(find("https://localhost:8000"), "none");
    EXPECT_EQ(find("https://db.localhost"), "none");
    EXPECT_EQ(find("http://127.0.0.2:8000"), "none");
    EXPECT_EQ(find("http://[::1]:8000"), "none");
    variables["REQUEST_METHOD"] = "GET";
    EXPECT_EQ(find("http://a.example"), "none"); // the "Proxy" header of a CGI request
    EXPECT_EQ(find("https://a.example"), "lower");
    variables["NO_PROXY"] = "example";
    EXPECT_EQ(find("https://a.example"), "none");
    variables["no_proxy"] = "other";
    EXPECT_EQ(find("https://a.example"), "lower");
    variables["https_proxy"] = "socks5://u:hunter2@x";
    try {
        (void)find("https://a.example");
        ADD_FAILURE();
    } catch (dynasio::error const& e) {
        EXPECT_NE(std::string(e.what()).find("https_proxy"), std::string::npos) << e.what();
        EXPECT_EQ(std::string(e.what()).find("hunter2"), std::string::npos) << e.what();
    }
}

// --- The real thing

struct proxy_test : pool_fixture {
    certificate_authority authority{};
    std::vector<std::string> asked{}; ///< Heads that the proxy got.

    pool_options through(scripted_server const& server, std::string const& user = {}) const {
        pool_options options;
        options.proxy = proxy::parse("http://" + user + "127.0.0.1:" + std::to_string(server.port()));
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
    static asio::awaitable<void> forward(asio::ip::tcp::socket& from, asio::ip::tcp::socket& to) {
        char part[16384];
        boost::system::error_code ec;
        for (;;) {
            auto reading = from.async_read_some(asio::buffer(part), asio::redirect_error(asio::use_awaitable, ec));
            auto const n = co_await std::move(reading);
            if (ec) break;
            auto writing = asio::async_write(to, asio::buffer(part, n), asio::redirect_error(asio::use_awaitable, ec));
            co_await std::move(writing);
            if (ec) break;
        }
        to.shutdown(asio::ip::tcp::socket::shutdown_send, ec);
    }
    /// Leads every CONNECT to one port here, whatever the host.
    scripted_server::script tunnel(std::uint16_t port, std::string answer = "HTTP/1.1 200 Connected\r\n\r\n") {
        return [this, port, answer](server_connection& c) -> asio::awaitable<void> {
            std::string const head = co_await c.request();
            asked.push_back(head);
            asio::ip::tcp::socket other(ctx);
            asio::ip::tcp::endpoint const to(asio::ip::address_v4::loopback(), port);
            co_await other.async_connect(to, asio::use_awaitable);
            co_await c.send(answer);
            auto back = start(ctx, forward(other, c.socket()));
            co_await forward(c.socket(), other);
            while (!back.done()) co_await asio::post(ctx, asio::use_awaitable);
        };
    }
    /// Gives this answer to everything.
    scripted_server::script answering(std::string text) {
        return [this, text](server_connection& c) -> asio::awaitable<void> {
            std::string const head = co_await c.request();
            asked.push_back(head);
            co_await c.send(text);
            co_await c.until_closed();
        };
    }
};

TEST_F(proxy_test, leads_to_an_https_endpoint_through_a_tunnel) {
    scripted_server server(ctx, echo, authority.issue("DNS:db.example"));
    scripted_server proxy_server(ctx, tunnel(server.port()));
    use("https://db.example", through(proxy_server, "Aladdin:open%20sesame@"));
    for (int i = 0; i < 3; ++i) EXPECT_EQ(send("hello").answer.body(), "hello");
    EXPECT_EQ(server.accepted(), 1U);
    EXPECT_EQ(server.server_name(), "db.example"); // and its certificate was checked against it
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked[0], "CONNECT db.example:443 HTTP/1.1\r\nHost: db.example:443\r\n"
                        "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");
    pool->close();
    run_until(ctx, [&] { return pool->statistics().open == 0; });
}

TEST_F(proxy_test, reads_an_answer_to_connect_that_comes_with_headers) {
    scripted_server server(ctx, echo, authority.issue("DNS:db.example"));
    scripted_server proxy_server(
        ctx, tunnel(server.port(), "HTTP/1.0 200 OK\r\nVia: x\r\nProxy-agent: " + std::string(500, 'a') + "\r\n\r\n"));
    use("https://db.example", through(proxy_server));
    EXPECT_EQ(send("hello").answer.body(), "hello");
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked[0].find("Proxy-Authorization"), std::string::npos);
    pool->close();
}

TEST_F(proxy_test, a_certificate_for_another_name_is_refused_behind_a_proxy_too) {
    scripted_server server(ctx, echo, authority.issue("IP:127.0.0.1"));
    scripted_server proxy_server(ctx, tunnel(server.port()));
    use("https://db.example", through(proxy_server));
    EXPECT_EQ(send("x").code, transport_errc::certificate_host_name);
}

TEST_F(proxy_test, gets_requests_to_an_http_endpoint_in_absolute_form) {
    scripted_server proxy_server(ctx, [this](server_connection& c) -> asio::awaitable<void> {
        for (;;) {
            std::string const request = co_await c.request();
            asked.push_back(request);
            co_await c.answer("from the proxy");
        }
    });
    use("http://db.example:8000", through(proxy_server, "u:p@"));
    for (int i = 0; i < 2; ++i) EXPECT_EQ(send("body").answer.body(), "from the proxy");
    EXPECT_EQ(proxy_server.accepted(), 1U);
    ASSERT_EQ(asked.size(), 2U);
    for (auto const& request : asked)
        EXPECT_EQ(request, "POST http://db.example:8000/ HTTP/1.1\r\nProxy-Authorization: Basic dTpw\r\n"
                           "Host: x\r\nContent-Length: 4\r\n\r\nbody");
}

TEST_F(proxy_test, errors_of_the_proxy_are_typed_and_say_what_to_do) {
    struct {
        char const* answer;
        transport_errc code;
        char const* says;
    } const cases[] = {
        {"HTTP/1.1 407 Who?\r\nContent-Length: 0\r\n\r\n", transport_errc::proxy_authentication, "407"},
        {"HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno", transport_errc::proxy_refused, "NO_PROXY"},
        {"HTTP/1.1 302 There\r\nLocation: x\r\n\r\n", transport_errc::proxy_refused, "302"},
        {"HTTP/1.1 502 Bad\r\n\r\n", transport_errc::proxy_failed, "502"},
        {"HTTP/1.1 503 Bad\r\n\r\n", transport_errc::proxy_failed, "could not reach db.example:443"},
        {"SSH-2.0-x\r\n", transport_errc::proxy_failed, "no HTTP proxy"},
        {"HTTP/1.1 2x0 OK\r\n\r\n", transport_errc::proxy_failed, "no HTTP proxy"},
        {"HTTP/1.1 200 OK\r\n\r\nand more", transport_errc::proxy_failed, "no HTTP proxy"},
    };
    for (auto const& c : cases) {
        scripted_server proxy_server(ctx, answering(c.answer));
        use("https://db.example", through(proxy_server, "user:hunter2@"));
        auto const result = send("x");
        EXPECT_EQ(result.code, c.code) << result.message;
        EXPECT_FALSE(result.sent);
        EXPECT_NE(result.message.find(c.says), std::string::npos) << result.message;
        EXPECT_NE(result.message.find("127.0.0.1:" + std::to_string(proxy_server.port())), std::string::npos)
            << result.message;
        EXPECT_EQ(result.message.find("hunter2"), std::string::npos) << result.message;
        EXPECT_EQ(pool->statistics().open, 0U);
    }
}

TEST_F(proxy_test, an_endless_answer_to_connect_is_cut_off) {
    scripted_server proxy_server(ctx, answering("HTTP/1.1 200 OK\r\nx: " + std::string(20'000, 'a')));
    use("https://db.example", through(proxy_server));
    EXPECT_EQ(send("x").code, transport_errc::proxy_failed);
}

TEST_F(proxy_test, a_proxy_that_hangs_up_is_told) {
    scripted_server proxy_server(
        ctx, [](server_connection& c) -> asio::awaitable<void> { std::string const head = co_await c.request(); });
    use("https://db.example", through(proxy_server));
    auto const result = send("x");
    EXPECT_EQ(result.code, transport_errc::proxy_failed);
    EXPECT_NE(result.message.find("closed the connection"), std::string::npos) << result.message;
}

TEST_F(proxy_test, a_tunnel_that_breaks_while_tls_is_set_up_names_the_proxy) {
    scripted_server proxy_server(ctx, [](server_connection& c) -> asio::awaitable<void> {
        std::string const head = co_await c.request();
        co_await c.send("HTTP/1.1 200 Connected\r\n\r\n");
    });
    use("https://db.example", through(proxy_server));
    auto const result = send("x");
    EXPECT_EQ(result.code, transport_errc::connection_lost);
    EXPECT_NE(result.message.find("db.example:443 (through the proxy 127.0.0.1:"), std::string::npos) << result.message;
}

TEST_F(proxy_test, a_refused_password_for_an_http_endpoint_is_told_too) {
    scripted_server proxy_server(ctx, answering("HTTP/1.1 407 Who?\r\nContent-Length: 0\r\n\r\n"));
    use("http://db.example", through(proxy_server));
    auto const result = send("x");
    EXPECT_EQ(result.code, transport_errc::proxy_authentication);
    EXPECT_NE(result.message.find("asks for user and password"), std::string::npos) << result.message;
}

TEST_F(proxy_test, one_that_does_not_listen_is_named_as_the_proxy) {
    pool_options options;
    {
        scripted_server gone(ctx, echo);
        options = through(gone, "user:hunter2@");
    }
    use("https://db.example", options);
    auto const result = send("x");
    EXPECT_EQ(result.code, transport_errc::connect_failed);
    EXPECT_NE(result.message.find("the proxy 127.0.0.1:"), std::string::npos) << result.message;
    EXPECT_EQ(result.message.find("hunter2"), std::string::npos) << result.message;
}

TEST_F(proxy_test, waiting_for_a_proxy_meets_time_outs_and_cancellation) {
    std::function<void()> act;
    scripted_server silent(ctx, [&](server_connection& c) -> asio::awaitable<void> {
        std::string const head = co_await c.request();
        if (act) std::exchange(act, nullptr)();
        co_await c.until_closed();
    });
    auto options = through(silent);
    options.connect_timeout = 20ms;
    use("https://db.example", options);
    auto const late = send("x");
    EXPECT_EQ(late.code, transport_errc::connect_timeout);
    EXPECT_NE(late.message.find("the proxy"), std::string::npos) << late.message;
    use("https://db.example", through(silent));
    EXPECT_EQ(send("x", 20ms).code, errc::deadline_exceeded);
    auto t = start(ctx, exchange("x"));
    act = [&] { t.cancel(); };
    EXPECT_EQ(finish(ctx, t).code, asio::error::operation_aborted);
    expect_consistent();
}

} // namespace
