#ifndef DYNASIO_TESTS_UNIT_HTTP_POOL_FIXTURE_HPP
#define DYNASIO_TESTS_UNIT_HTTP_POOL_FIXTURE_HPP

#include <dynasio/http/connection_pool.hpp>

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "support/coroutine.hpp"
#include "support/scripted_server.hpp"

namespace dynasio::test {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using http::connection_pool;
using http::deadline;
using http::deadline_queue;
using http::exchange_result;
using http::pool_options;
using http::request_view;
using http::url;

inline std::string request_head(std::size_t body) {
    return "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body) + "\r\n\r\n";
}

/// One client's worth of things.
struct pool_fixture : testing::Test {
    asio::io_context ctx{1};
    deadline_queue deadlines{ctx.get_executor()};
    std::shared_ptr<connection_pool> pool{};

    void use(std::string const& endpoint, pool_options options = {}) {
        pool = connection_pool::create(ctx.get_executor(), url::parse(endpoint), std::move(options));
    }

    /// Makes an exchange of a request with these properties; its texts are replaced.
    asio::awaitable<exchange_result> exchange_as(request_view like, std::string body) {
        return exchange_as(pool, deadlines, like, std::move(body), 1h);
    }
    static asio::awaitable<exchange_result> exchange_as(std::weak_ptr<connection_pool> weak, deadline_queue& queue,
                                                        request_view request, std::string body,
                                                        std::chrono::milliseconds limit) {
        std::string const head = request_head(body.size());
        deadline until(queue, deadline::clock::now() + limit);
        request.head = head;
        request.body = body;
        auto operation = weak.lock()->exchange(request, until);
        exchange_result result = co_await std::move(operation);
        co_return result;
    }
    asio::awaitable<exchange_result> exchange(std::string body, std::chrono::milliseconds limit = 1h,
                                              bool repeatable = true) {
        return exchange(pool, deadlines, std::move(body), limit, repeatable);
    }
    static asio::awaitable<exchange_result> exchange(std::weak_ptr<connection_pool> weak, deadline_queue& queue,
                                                     std::string body, std::chrono::milliseconds limit,
                                                     bool repeatable) {
        request_view request;
        request.repeatable = repeatable;
        // The operation itself must keep alive what it needs, not the pool's handle.
        auto operation = exchange_as(weak, queue, request, std::move(body), limit);
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

} // namespace dynasio::test

#endif
