#ifndef DYNASIO_TESTS_UNIT_DYNAMODB_ENGINE_FIXTURE_HPP
#define DYNASIO_TESTS_UNIT_DYNAMODB_ENGINE_FIXTURE_HPP

#include <dynasio/dynamodb/client.hpp>
#include <dynasio/dynamodb/detail/engine.hpp>

#include <dynasio/core/result.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "support/coroutine.hpp"
#include "support/fake_service.hpp"

namespace dynasio::test {

namespace asio = boost::asio;

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
