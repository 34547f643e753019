#ifndef DYNASIO_TESTS_UNIT_DYNAMODB_ENGINE_FIXTURE_HPP
#define DYNASIO_TESTS_UNIT_DYNAMODB_ENGINE_FIXTURE_HPP

#include <dynasio/dynamodb/client.hpp>
#include <dynasio/dynamodb/detail/engine.hpp>

#include <dynasio/core/result.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/coroutine.hpp"
#include "support/scripted_server.hpp"

namespace dynasio::test {

namespace asio = boost::asio;

/// How the fake service answers one request.
struct canned {
    enum class how { whole, reset, truncated, garbage, silent, then_close };

    canned() = default;
    explicit canned(std::string text, unsigned code = 200, std::string more = {})
        : body(std::move(text)), status(code), headers(std::move(more)) {}
    explicit canned(how k) : kind(k) {}

    std::string body = "{}";
    unsigned status = 200;
    std::string headers{};
    how kind = how::whole;
};

inline canned service_error_answer(std::string const& name, unsigned status = 400, std::string const& headers = {}) {
    return canned(R"({"__type":"com.amazonaws.dynamodb.v20120810#)" + name + R"(","message":"said so"})", status,
                  "x-amzn-RequestId: REQ1\r\n" + headers);
}

/// Answers with what is queued, then with `otherwise`; remembers the requests.
class fake_service {
public:
    explicit fake_service(asio::io_context& ctx) : server(ctx, [this](server_connection& c) { return serve(c); }) {}

    [[nodiscard]] std::string head(std::size_t i) const { return requests.at(i).substr(0, end_of_head(i)); }
    [[nodiscard]] std::string body(std::size_t i) const { return requests.at(i).substr(end_of_head(i)); }
    /// Value of a header; fails the test when it is missing.
    [[nodiscard]] std::string header(std::size_t i, std::string const& name) const {
        std::string const lines = head(i);
        std::string const start = "\r\n" + name + ": ";
        auto const at = lines.find(start);
        if (at == std::string::npos) {
            ADD_FAILURE() << "no header " << name << " in " << lines;
            return {};
        }
        auto const begin = at + start.size();
        return lines.substr(begin, lines.find("\r\n", begin) - begin);
    }

    std::deque<canned> next{};
    canned otherwise{};
    std::vector<std::string> requests{};
    std::function<void()> on_request{}; ///< Called when a request has arrived, before it is answered.
    std::function<canned(std::string const& body)> answer{}; ///< Instead of the queue.
    std::shared_ptr<asio::steady_timer> hold{};              ///< Answers wait until it is cancelled.
    scripted_server server;

private:
    [[nodiscard]] std::size_t end_of_head(std::size_t i) const { return requests.at(i).find("\r\n\r\n") + 4; }

    asio::awaitable<void> serve(server_connection& c) {
        for (;;) {
            std::string request = co_await c.request();
            requests.push_back(std::move(request));
            if (on_request) on_request();
            if (auto const held = hold) {
                auto waiting = held->async_wait(asio::as_tuple(asio::use_awaitable));
                co_await std::move(waiting);
            }
            canned reply = otherwise;
            if (answer) {
                reply = answer(body(requests.size() - 1));
            } else if (!next.empty()) {
                reply = std::move(next.front());
                next.pop_front();
            }
            switch (reply.kind) {
            case canned::how::reset:
                c.reset();
                co_return;
            case canned::how::silent:
                co_await c.until_closed();
                co_return;
            case canned::how::truncated:
                co_await c.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"Item\":");
                co_return;
            case canned::how::garbage:
                co_await c.send("EHLO there\r\n\r\n");
                co_return;
            case canned::how::then_close:
                co_await c.answer("{}");
                co_return;
            case canned::how::whole:
                co_await c.answer(reply.body, reply.headers, reply.status);
            }
        }
    }
};

struct engine_fixture : testing::Test {
    client_options options() {
        client_options o;
        o.region = "us-east-1";
        o.endpoint = service.server.url();
        o.credentials = aws::static_credentials(aws::credentials("AKIDEXAMPLE", "a-secret-nobody-may-see", "a-token"));
        o.retry.base_delay = o.retry.throttling_delay = aws::retry_delay(0);
        return o;
    }
    std::shared_ptr<dynamodb::detail::engine> make_engine() { return make_engine(options()); }
    std::shared_ptr<dynamodb::detail::engine> make_engine(client_options o) {
        auto made = dynamodb::detail::engine::create(ctx.get_executor(), std::move(o));
        return made;
    }
    static dynamodb::detail::raw_request get(call_options o = {}) {
        return {dynamodb::operation::get_item, R"({"TableName":"users","Key":{"id":{"S":"1"}}})", true, o};
    }
    static dynamodb::detail::raw_request put(call_options o = {}) {
        return {dynamodb::operation::put_item, R"({"Item":{"id":{"S":"1"}},"TableName":"users"})", true, o};
    }
    static dynamodb::detail::raw_request update(call_options o = {}) {
        return {dynamodb::operation::update_item, R"({"TableName":"users","Key":{"id":{"S":"1"}}})", false, o};
    }
    /// Runs an operation to its end.
    template <class T> result<T> outcome(asio::awaitable<T> op) { return run(ctx, as_result(std::move(op))); }
    /// What failed; an empty failure, and a failed test, when nothing did.
    template <class T> static failure failure_of(result<T> const& r) {
        EXPECT_TRUE(r.has_error());
        return r.has_error() ? r.error() : failure(error_code{}, diagnostics{});
    }

    asio::io_context ctx{};
    fake_service service{ctx};
};

} // namespace dynasio::test

#endif
