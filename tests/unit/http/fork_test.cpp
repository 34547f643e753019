// A process that forks has two copies of everything, and each connection is in both. The child must open its own, or
// both would take each other's answers.
#include <dynasio/http/connection_pool.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <functional>
#include <future>
#include <netinet/in.h>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

#include "pool_fixture.hpp"
#include "support/certificates.hpp"
#include "support/forked_child.hpp"

namespace {

using namespace dynasio::test;
using dynasio::transport_errc;

/// A server on a thread of its own, so that it stays in the parent.
class threaded_server {
public:
    threaded_server(scripted_server::script script, std::optional<certificate> const& tls)
        : server_(tls ? scripted_server(ctx_, std::move(script), *tls) : scripted_server(ctx_, std::move(script))) {}
    ~threaded_server() {
        ctx_.stop();
        thread_.join();
    }
    threaded_server(threaded_server const&) = delete;
    threaded_server& operator=(threaded_server const&) = delete;

    [[nodiscard]] std::string url() const { return server_.url("localhost"); }
    [[nodiscard]] std::uint16_t port() const noexcept { return server_.port(); }
    [[nodiscard]] std::size_t accepted() {
        std::packaged_task<std::size_t()> ask([this] { return server_.accepted(); });
        auto told = ask.get_future();
        asio::post(ctx_, [&ask] { ask(); });
        return told.get();
    }

private:
    asio::io_context ctx_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_{ctx_.get_executor()};
    scripted_server server_;
    std::thread thread_{[this] { ctx_.run(); }};
};

/// Answers each request with the number of its connection and the request's body.
asio::awaitable<void> echo(server_connection& c) {
    for (;;) {
        std::string const request = co_await c.request();
        co_await c.answer(std::to_string(c.number()) + ' ' + request.substr(request.find("\r\n\r\n") + 4));
    }
}

struct fork_row {
    bool tls;
    bool notified; ///< The program calls notify_fork() of its context.
};

struct fork_test : pool_fixture {
    certificate_authority authority{};

    pool_options trusting() const {
        pool_options options;
        options.tls.use_system_authorities = false;
        options.tls.authorities_pem = authority.pem();
        return options;
    }
    std::optional<certificate> identity(bool tls) const {
        return tls ? std::optional<certificate>(authority.issue("DNS:localhost")) : std::nullopt;
    }
    /// Exchanges with echo(), all on the connection of that number.
    bool exchange_many(std::string const& who, std::string const& connection) {
        bool right = true;
        for (int i = 0; i < 50; ++i) {
            std::string const body = who + std::to_string(i);
            auto const result = send(body, 1h, i % 2 == 0);
            EXPECT_FALSE(result.code) << result.message;
            EXPECT_EQ(result.answer.body(), connection + ' ' + body);
            right = right && !result.code && result.answer.body() == connection + ' ' + body;
        }
        return right;
    }
};

struct each_fork : fork_test, testing::WithParamInterface<fork_row> {};

TEST_P(each_fork, gives_the_child_connections_of_its_own) {
    auto const [tls, notified] = GetParam();
    threaded_server server(echo, identity(tls));
    use(server.url(), trusting());
    EXPECT_EQ(send("before").answer.body(), "0 before");
    pid_t const child = fork_running(
        ctx, notified,
        [&] {
            bool const right = exchange_many("child", "1");
            bool const one = pool->statistics().open == 1 && pool->statistics().connects == 2;
            pool.reset();
            return right && one;
        },
        [&] { return send("first").answer.body() == "1 first"; });
    ASSERT_GT(child, 0);
    exchange_many("parent", "0");
    expect_right(child);
    EXPECT_EQ(send("after").answer.body(), "0 after") << "the child has not said farewell";
    EXPECT_EQ(pool->statistics().connects, 1U);
    EXPECT_EQ(server.accepted(), 2U);
}

TEST_P(each_fork, of_a_child_that_only_ends_leaves_the_parents_connections_alone) {
    auto const [tls, notified] = GetParam();
    threaded_server server(echo, identity(tls));
    use(server.url(), trusting());
    EXPECT_EQ(send("before").answer.body(), "0 before");
    for (bool const closes : {false, true}) {
        pid_t const child = fork_running(ctx, notified, [&] {
            if (closes) pool->close();
            pool.reset();
            return true;
        });
        ASSERT_GT(child, 0);
        expect_right(child);
        EXPECT_EQ(send("after").answer.body(), "0 after");
    }
    EXPECT_EQ(pool->statistics().connects, 1U);
}

INSTANTIATE_TEST_SUITE_P(all, each_fork,
                         testing::Values(fork_row{false, true}, fork_row{false, false}, fork_row{true, true},
                                         fork_row{true, false}),
                         [](auto const& row) {
                             return std::string(row.param.tls ? "tls" : "plain") +
                                    (row.param.notified ? "_notified" : "_unnoticed");
                         });

TEST_F(fork_test, needs_no_notification_in_a_process_with_one_thread) {
    // The server is a process of its own, which ends when the parent closes its end of the pipe.
    std::array<int, 2> port{};
    std::array<int, 2> end{};
    ASSERT_EQ(::pipe(port.data()), 0);
    ASSERT_EQ(::pipe(end.data()), 0);
    pid_t const server = ::fork();
    ASSERT_GE(server, 0);
    if (server == 0) {
        ::close(end[1]);
        asio::io_context own{1};
        scripted_server serving(own, echo);
        asio::posix::stream_descriptor told(own, end[0]);
        told.async_wait(asio::posix::stream_descriptor::wait_read, [&](auto const&) { own.stop(); });
        std::uint16_t const number = serving.port();
        bool const written = ::write(port[1], &number, sizeof number) == sizeof number;
        own.run();
        ::_exit(written ? 0 : 1);
    }
    ::close(end[0]);
    std::uint16_t number = 0;
    ASSERT_EQ(::read(port[0], &number, sizeof number), static_cast<ssize_t>(sizeof number));
    struct stat threads{};
    bool const alone = ::stat("/proc/self/task", &threads) == 0 && threads.st_nlink == 3;
    if (alone) {
        use("http://127.0.0.1:" + std::to_string(number));
        EXPECT_EQ(send("before").answer.body(), "0 before");
        for (int i = 1; i <= 20; ++i) {
            pid_t const child = ::fork();
            if (child == 0) ::_exit(exchange_many("child", std::to_string(i)) ? 0 : 1);
            ASSERT_GT(child, 0);
            EXPECT_TRUE(exchange_many("parent", "0"));
            expect_right(child);
        }
        EXPECT_EQ(pool->statistics().connects, 1U);
        pool.reset();
    }
    ::close(end[1]);
    expect_right(server);
    if (!alone) GTEST_SKIP() << "this process has other threads, such as a sanitizer's";
}

TEST_F(fork_test, leaves_tls_sessions_to_the_parent) {
    auto const tell = [](server_connection& c) -> asio::awaitable<void> {
        for (;;) {
            static_cast<void>(co_await c.request());
            std::string told = c.resumed() ? "resumed" : "fresh";
            co_await c.answer(std::move(told));
        }
    };
    for (bool const notified : {true, false}) {
        threaded_server server(tell, identity(true));
        use(server.url(), trusting());
        EXPECT_EQ(send("x").answer.body(), "fresh");
        pid_t const child = fork_running(ctx, notified, [&] { return send("x").answer.body() == "fresh"; });
        ASSERT_GT(child, 0);
        expect_right(child);
        pool.reset();
    }
}

TEST_F(fork_test, leaves_an_answer_that_is_on_its_way_to_the_parent) {
    for (bool const tls : {false, true}) {
        for (bool const used_before : {false, true}) {
            threaded_server server(
                [](server_connection& c) -> asio::awaitable<void> {
                    for (;;) {
                        std::string const request = co_await c.request();
                        std::string const body = request.substr(request.find("\r\n\r\n") + 4);
                        if (body == "slow") {
                            asio::steady_timer timer(co_await asio::this_coro::executor, 100ms);
                            auto waiting = timer.async_wait(asio::use_awaitable);
                            co_await std::move(waiting);
                        }
                        co_await c.answer(std::to_string(c.number()) + ' ' + body);
                    }
                },
                identity(tls));
            use(server.url(), trusting());
            if (used_before) {
                EXPECT_EQ(send("before").answer.body(), "0 before");
            }
            auto slow = start(ctx, exchange("slow", 1h, false));
            auto const sent_before = pool->statistics().bytes_sent;
            run_until(ctx, [&] { return pool->statistics().bytes_sent != sent_before; });
            pid_t const child = fork_running(ctx, true, [&] {
                auto const result = finish(ctx, slow);
                bool const lost = result.code == transport_errc::connection_lost && result.sent;
                return lost && send("child").answer.body() == "1 child";
            });
            ASSERT_GT(child, 0);
            expect_right(child);
            EXPECT_EQ(finish(ctx, slow).answer.body(), "0 slow");
            EXPECT_EQ(pool->statistics().connects, 1U);
            pool.reset();
        }
    }
}

TEST_F(fork_test, sockets_are_not_inherited_by_programs_that_are_started) {
    threaded_server server(echo, identity(false));
    use(server.url(), {});
    EXPECT_FALSE(send("x").code);
    std::size_t sockets = 0;
    for (int fd = 3; fd < 256; ++fd) {
        sockaddr_storage peer{};
        socklen_t size = sizeof peer;
        if (::getpeername(fd, static_cast<sockaddr*>(static_cast<void*>(&peer)), &size) != 0) continue;
        if (peer.ss_family != AF_INET) continue;
        auto const port = ntohs(static_cast<sockaddr_in*>(static_cast<void*>(&peer))->sin_port);
        if (port != server.port()) continue;
        ++sockets;
        EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
    }
    EXPECT_EQ(sockets, 1U);
}

} // namespace
