#ifndef DYNASIO_TESTS_UNIT_ORM_RUN_SERVICE_FIXTURE_HPP
#define DYNASIO_TESTS_UNIT_ORM_RUN_SERVICE_FIXTURE_HPP

#include <dynasio/dynamodb/client.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/result.hpp>
#include <dynasio/core/timestamp.hpp>
#include <dynasio/core/ulid.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "support/coroutine.hpp"
#include "support/fake_service.hpp"

// Repositories against a service with canned answers: what they send, and what they make of what comes back.
namespace run_test {

namespace asio = boost::asio;
namespace json = boost::json;
using dynasio::errc;
using dynasio::failure;
using dynasio::timestamp;
using dynasio::test::canned;
using dynasio::test::service_error_answer;

/// What a client's clock shows.
inline constexpr std::string_view now_text = "2026-03-04T05:06:07.890Z";
/// The first ULID that a client makes, and the time in it, which is not that of the clock.
inline constexpr std::string_view first_ulid = "01ARZ3NDEK0000000000000000";
inline constexpr std::string_view ulid_time_text = "2016-07-30T23:54:10.259Z";

/// How often a client sends a request at most, and how many answers without progress are too many.
inline constexpr unsigned attempts = 3;

inline timestamp at(std::string_view text) { return timestamp::parse(text).value(); }

/// The same request with the placeholders of its expressions numbered as they appear: which number a name has is no
/// concern of the service. A placeholder that no expression uses, which the service refuses, keeps its own number.
inline json::value renumbered(json::value request) {
    json::object& body = request.as_object();
    std::map<std::string, std::string, std::less<>> numbers;
    for (std::string_view const expression : {"KeyConditionExpression", "FilterExpression", "UpdateExpression",
                                              "ConditionExpression", "ProjectionExpression"}) {
        if (!body.contains(expression)) continue;
        std::string out, text(body.at(expression).as_string());
        for (std::size_t i = 0; i < text.size();) {
            if (text[i] != '#' && text[i] != ':') {
                out += text[i++];
                continue;
            }
            auto const end = std::min(text.find_first_not_of("0123456789", i + 1), text.size());
            auto const [number, fresh] = numbers.try_emplace(text.substr(i, end - i));
            if (fresh) number->second = text[i] + std::string("in_order_") + std::to_string(numbers.size());
            out += number->second;
            i = end;
        }
        body[expression] = out;
    }
    for (std::string_view const member : {"ExpressionAttributeNames", "ExpressionAttributeValues"}) {
        if (!body.contains(member)) continue;
        json::object renamed;
        for (auto const& [name, value] : body.at(member).as_object()) {
            auto const number = numbers.find(std::string_view(name));
            renamed[number == numbers.end() ? std::string_view(name) : number->second] = value;
        }
        body[member] = std::move(renamed);
    }
    return request;
}

class service_conversation : public testing::Test {
protected:
    dynasio::client_options options() const {
        dynasio::client_options o;
        o.region = "us-east-1";
        o.endpoint = service.server.url();
        o.credentials = dynasio::aws::static_credentials(dynasio::aws::credentials("key", "secret"));
        o.retry.max_attempts = attempts;
        o.retry.base_delay = o.retry.throttling_delay = dynasio::aws::retry_delay(0);
        o.table_prefix = "test_";
        o.clock = [] { return at(now_text).time(); };
        o.ulids = std::make_shared<dynasio::ulid_generator>([] { return at(ulid_time_text).time(); },
                                                            [](std::span<unsigned char> random) {
                                                                std::fill(random.begin(), random.end(),
                                                                          static_cast<unsigned char>(0));
                                                            });
        return o;
    }

    template <class T> T run(asio::awaitable<T> op) { return dynasio::test::run(ctx, std::move(op)); }
    template <class T> failure failure_of(asio::awaitable<T> op) {
        auto const r = run(dynasio::as_result(std::move(op)));
        EXPECT_TRUE(r.has_error()) << "nothing failed";
        return r.has_error() ? r.error() : failure(dynasio::error_code(), dynasio::diagnostics());
    }

    void answer_with(canned reply) { service.next.push_back(std::move(reply)); }
    void answer_with(std::string body) { answer_with(canned(std::move(body))); }
    void refuse_condition() { answer_with(service_error_answer("ConditionalCheckFailedException")); }

    /// How many requests were sent.
    [[nodiscard]] std::size_t sent() const { return service.requests.size(); }
    [[nodiscard]] std::string operation(std::size_t i) const {
        return service.header(i, "X-Amz-Target").substr(std::string_view("DynamoDB_20120810.").size());
    }
    [[nodiscard]] json::value body(std::size_t i) const { return json::parse(service.body(i)); }
    /// The i-th request is this one; `expected` is JSON, whose members may be in any order, as may the numbers of
    /// placeholders.
    void expect_request(std::size_t i, std::string_view name, std::string_view expected) const {
        ASSERT_LT(i, sent()) << "too few requests";
        EXPECT_EQ(operation(i), name);
        auto const is = body(i);
        EXPECT_EQ(renumbered(is), renumbered(json::parse(expected))) << json::serialize(is);
    }

    asio::io_context ctx{};
    dynasio::test::fake_service service{ctx};
    dynasio::client db{ctx, options()};
};

} // namespace run_test

#endif
