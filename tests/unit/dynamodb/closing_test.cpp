#include <dynasio/dynamodb/batch.hpp>
#include <dynasio/dynamodb/requests.hpp>

#include <boost/asio/error.hpp>

#include "engine_fixture.hpp"

namespace {

using namespace dynasio;
using namespace dynasio::test;
using namespace dynasio::dynamodb;
using namespace std::chrono_literals;

struct closing_test : engine_fixture {
    static item id(std::string const& value) {
        item key;
        key.emplace("id", value);
        return key;
    }
    result<get_item_response> get_now(client db) { return outcome(db.get_item(get_item_request("users", id("1")))); }
    auto started_get(client db) { return start(ctx, as_result(db.get_item(get_item_request("users", id("1"))))); }

    /// Holds answers back until the test lets them go.
    void hold() {
        service.hold = std::make_shared<asio::steady_timer>(ctx, std::chrono::steady_clock::time_point::max());
    }
    void release() {
        auto const held = std::move(service.hold);
        service.hold.reset();
        held->cancel();
    }
};

TEST_F(closing_test, waits_for_calls_under_way_and_refuses_new_ones) {
    client db(ctx, options());
    hold();
    auto call = started_get(db);
    run_until(ctx, [&] { return service.requests.size() == 1; });
    auto closing = start(ctx, as_result(db.close()));
    ctx.poll();
    EXPECT_FALSE(closing.done());
    EXPECT_EQ(failure_of(get_now(db)).code, errc::client_closed);
    EXPECT_EQ(failure_of(get_now(db)).info->table, "users");
    EXPECT_EQ(service.requests.size(), 1U);
    release();
    EXPECT_TRUE(finish(ctx, closing).has_value());
    ASSERT_TRUE(call.done());
    EXPECT_TRUE(call.value().has_value());
    EXPECT_EQ(db.connections().open, 0U);
    EXPECT_EQ(failure_of(get_now(db)).code, errc::client_closed);
    service.server.stop();
    run_out(ctx);
}

TEST_F(closing_test, the_longest_time_does_not_wrap_around) {
    client db(ctx, options());
    hold();
    auto call = started_get(db);
    run_until(ctx, [&] { return service.requests.size() == 1; });
    auto closing = start(ctx, as_result(db.close(std::chrono::milliseconds::max())));
    ctx.poll();
    EXPECT_FALSE(call.done());
    EXPECT_FALSE(closing.done());
    release();
    EXPECT_TRUE(finish(ctx, call).has_value());
    EXPECT_TRUE(finish(ctx, closing).has_value());
    service.server.stop();
    run_out(ctx);
}

TEST_F(closing_test, ends_what_is_left_when_its_time_is_over) {
    client db(ctx, options());
    service.otherwise = canned(canned::how::silent);
    auto call = started_get(db);
    run_until(ctx, [&] { return service.requests.size() == 1; });
    EXPECT_TRUE(outcome(db.close(1ms)).has_value());
    ASSERT_TRUE(call.done());
    EXPECT_EQ(failure_of(call.value()).code, errc::client_closed);
    service.server.stop();
    run_out(ctx);
}

TEST_F(closing_test, an_idle_client_closes_at_once_and_again) {
    client db(ctx, options());
    EXPECT_TRUE(get_now(db).has_value());
    EXPECT_EQ(db.connections().open, 1U);
    EXPECT_TRUE(outcome(db.close()).has_value());
    EXPECT_EQ(db.connections().open, 0U);
    EXPECT_TRUE(outcome(db.close()).has_value());
    db.stop();
    EXPECT_TRUE(outcome(db.close()).has_value());
}

TEST_F(closing_test, several_may_wait_for_it) {
    client db(ctx, options());
    hold();
    auto call = started_get(db);
    run_until(ctx, [&] { return service.requests.size() == 1; });
    auto first = start(ctx, as_result(db.close()));
    auto second = start(ctx, as_result(db.close(1h)));
    ctx.poll();
    EXPECT_FALSE(first.done());
    EXPECT_FALSE(second.done());
    release();
    EXPECT_TRUE(finish(ctx, first).has_value());
    EXPECT_TRUE(finish(ctx, second).has_value());
    EXPECT_TRUE(finish(ctx, call).has_value());
}

TEST_F(closing_test, cancelling_it_ends_the_client_at_once) {
    client db(ctx, options());
    service.otherwise = canned(canned::how::silent);
    auto call = started_get(db);
    run_until(ctx, [&] { return service.requests.size() == 1; });
    auto closing = start(ctx, as_result(db.close(1h)));
    ctx.poll();
    closing.cancel();
    EXPECT_EQ(failure_of(finish(ctx, closing)).code, asio::error::operation_aborted);
    EXPECT_EQ(failure_of(finish(ctx, call)).code, errc::client_closed);
}

TEST_F(closing_test, stopping_meanwhile_ends_it) {
    client db(ctx, options());
    service.otherwise = canned(canned::how::silent);
    auto call = started_get(db);
    run_until(ctx, [&] { return service.requests.size() == 1; });
    auto closing = start(ctx, as_result(db.close(1h)));
    ctx.poll();
    db.stop();
    EXPECT_TRUE(finish(ctx, closing).has_value());
    EXPECT_EQ(failure_of(finish(ctx, call)).code, errc::client_closed);
}

TEST_F(closing_test, an_operation_of_several_requests_is_let_to_end) {
    auto o = options();
    o.retry.throttling_delay = aws::retry_delay(1); // between the chunks
    client db(ctx, o);
    hold();
    service.next.emplace_back(R"({"UnprocessedItems":{"users":[{"PutRequest":{"Item":{"id":{"S":"1"}}}}]}})");
    write_batch_request request("users", "id");
    request.put(id("1"));
    request.put(id("2"));
    auto batch = start(ctx, as_result(db.write_batch(request)));
    run_until(ctx, [&] { return service.requests.size() == 1; });
    auto closing = start(ctx, as_result(db.close()));
    ctx.poll();
    EXPECT_EQ(failure_of(outcome(db.write_batch(request))).code, errc::client_closed);
    EXPECT_EQ(failure_of(outcome(db.wait_until_active("users"))).code, errc::client_closed);
    release();
    EXPECT_TRUE(finish(ctx, closing).has_value());
    EXPECT_TRUE(finish(ctx, batch).has_value());
    EXPECT_EQ(service.requests.size(), 2U);
}

TEST_F(closing_test, another_executor_is_refused) {
    client db(ctx, options());
    asio::io_context other;
    EXPECT_EQ(failure_of(run(other, as_result(db.close()))).code, errc::wrong_executor);
    EXPECT_TRUE(get_now(db).has_value());
}

} // namespace
