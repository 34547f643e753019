#ifndef DYNASIO_TESTS_SUPPORT_FAKE_SERVICE_HPP
#define DYNASIO_TESTS_SUPPORT_FAKE_SERVICE_HPP

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/scripted_server.hpp"

namespace dynasio::test {

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
    std::string content_type = "application/x-amz-json-1.0"; ///< Empty: the answer names none.
    how kind = how::whole;
};

inline canned service_error_answer(std::string const& name, unsigned status = 400, std::string const& headers = {}) {
    return canned(R"({"__type":"com.amazonaws.dynamodb.v20120810#)" + name + R"(","message":"said so"})", status,
                  "x-amzn-RequestId: REQ1\r\n" + headers);
}

/// Answers with what is queued, then with `otherwise`; remembers the requests.
class fake_service {
public:
    explicit fake_service(boost::asio::io_context& ctx)
        : server(ctx, [this](server_connection& c) { return serve(c); }) {}

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
    std::shared_ptr<boost::asio::steady_timer> hold{};       ///< Answers wait until it is cancelled.
    scripted_server server;

private:
    [[nodiscard]] std::size_t end_of_head(std::size_t i) const { return requests.at(i).find("\r\n\r\n") + 4; }

    boost::asio::awaitable<void> serve(server_connection& c) {
        for (;;) {
            std::string request = co_await c.request();
            requests.push_back(std::move(request));
            if (on_request) on_request();
            if (auto const held = hold) {
                auto waiting = held->async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
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
                co_await c.answer(reply.body, reply.headers, reply.status, reply.content_type);
            }
        }
    }
};

} // namespace dynasio::test

#endif
