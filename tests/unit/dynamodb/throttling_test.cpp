#include <boost/asio/error.hpp>

#include <algorithm>
#include <optional>
#include <vector>

#include "engine_fixture.hpp"

namespace {

using namespace dynasio::test;
using namespace std::chrono_literals;
using dynasio::as_result;
using dynasio::call_options;
using dynasio::errc;
using dynasio::service_errc;
using dynasio::dynamodb::operation;
using dynasio::dynamodb::detail::raw_reply;
using dynasio::dynamodb::detail::raw_request;

raw_request query(std::string const& table, std::string const& index, call_options o = {}) {
    std::string body = R"({"TableName":")" + table + R"(","IndexName":")" + index + R"("})";
    return {operation::query, body, true, o};
}

canned throttled_answer(std::string const& reason, std::string const& resource) {
    return canned(
        R"({"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"m",)"
        R"("ThrottlingReasons":[{"reason":")" +
            reason + R"(","resource":"arn:aws:dynamodb:us-east-1:1:)" + resource + R"("}]})",
        400);
}

struct throttling_test : engine_fixture {
    /// A client whose throttled resources stay closed for the whole test.
    std::shared_ptr<dynasio::dynamodb::detail::engine> closed_for_long() {
        auto o = options();
        o.throttling.first_pause = std::chrono::hours(1);
        o.throttling.lifetime = std::chrono::hours(2);
        o.timeout = std::chrono::hours(3);
        return make_engine(o);
    }
    void throttle_index(dynasio::dynamodb::detail::engine& e) {
        service.next.push_back(
            throttled_answer("IndexReadProvisionedThroughputExceeded", "table/users/index/by_email"));
        auto const f = failure_of(outcome(e.perform(query("users", "by_email", call_options().attempts(1)))));
        EXPECT_EQ(f.code, service_errc::provisioned_throughput_exceeded);
    }
};

TEST_F(throttling_test, a_throttled_index_slows_only_its_own_requests) {
    auto const e = closed_for_long();
    throttle_index(*e);
    auto const before = service.requests.size();
    auto held = start(ctx, as_result(e->perform(query("users", "by_email"))));
    run_until(ctx, [&] { return e->throttled().at(0).waiting == 1; });
    EXPECT_TRUE(outcome(e->perform(query("users", "by_name"))).has_value());
    EXPECT_TRUE(outcome(e->perform(get())).has_value());
    EXPECT_TRUE(outcome(e->perform(put())).has_value());
    EXPECT_TRUE(outcome(e->perform(query("posts", "by_email"))).has_value());
    EXPECT_EQ(service.requests.size(), before + 4);
    EXPECT_FALSE(held.done());
    auto const all = e->throttled();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].table, "users");
    EXPECT_EQ(all[0].index, "by_email");
    held.cancel();
    EXPECT_EQ(failure_of(finish(ctx, held)).code, asio::error::operation_aborted);
    EXPECT_EQ(e->throttled().at(0).waiting, 0U);
    EXPECT_EQ(service.requests.size(), before + 4);
}

TEST_F(throttling_test, puts_to_a_hot_partition_wait_once_the_table_was_described) {
    auto const e = closed_for_long();
    service.next.emplace_back(R"({"Table":{"TableName":"users","KeySchema":[{"AttributeName":"p","KeyType":"HASH"},)"
                              R"({"AttributeName":"s","KeyType":"RANGE"}]}})");
    raw_request describe{operation::describe_table, R"({"TableName":"users"})", true, call_options()};
    ASSERT_TRUE(outcome(e->perform(std::move(describe))).has_value());
    auto const put_to = [](std::string const& partition, std::string const& sort) {
        return raw_request{operation::put_item,
                           R"({"Item":{"p":{"S":")" + partition + R"("},"s":{"S":")" + sort +
                               R"("}},"TableName":"users"})",
                           true, call_options().attempts(1)};
    };
    service.next.push_back(throttled_answer("TableWriteKeyRangeThroughputExceeded", "table/users"));
    ASSERT_TRUE(outcome(e->perform(put_to("hot", "1"))).has_error());
    ASSERT_EQ(e->throttled().size(), 1U);
    EXPECT_TRUE(e->throttled()[0].single_key);
    auto held = start(ctx, as_result(e->perform(put_to("hot", "2"))));
    run_until(ctx, [&] { return e->throttled().at(0).waiting == 1; });
    EXPECT_TRUE(outcome(e->perform(put_to("cold", "2"))).has_value());
    EXPECT_FALSE(held.done());
    held.cancel();
    EXPECT_TRUE(finish(ctx, held).has_error());
}

TEST_F(throttling_test, what_waits_ends_with_its_deadline_and_says_why) {
    auto const e = closed_for_long();
    throttle_index(*e);
    auto const before = service.requests.size();
    auto const f = failure_of(outcome(e->perform(query("users", "by_email", call_options().timeout(20ms)))));
    EXPECT_EQ(f.code, errc::deadline_exceeded);
    EXPECT_NE(f.info->message.find("throttles index by_email of table users"), std::string::npos);
    EXPECT_EQ(f.info->attempts, 0U);
    EXPECT_EQ(service.requests.size(), before);
}

TEST_F(throttling_test, what_waits_ends_with_the_client) {
    auto const e = closed_for_long();
    throttle_index(*e);
    auto a = start(ctx, as_result(e->perform(query("users", "by_email"))));
    auto b = start(ctx, as_result(e->perform(query("users", "by_email"))));
    run_until(ctx, [&] { return e->throttled().at(0).waiting == 2; });
    e->stop();
    EXPECT_EQ(failure_of(finish(ctx, a)).code, errc::client_closed);
    EXPECT_EQ(failure_of(finish(ctx, b)).code, errc::client_closed);
}

TEST_F(throttling_test, what_waits_goes_in_order_when_the_pause_is_over) {
    auto o = options();
    o.throttling.first_pause = 5ms;
    auto const e = make_engine(o);
    service.otherwise = service_error_answer("ThrottlingException");
    EXPECT_TRUE(outcome(e->perform(get(call_options().attempts(1)))).has_error());
    service.otherwise = canned();
    std::vector<task<dynasio::result<raw_reply>>> calls;
    std::vector<std::string> sent;
    service.answer = [&](std::string const& body) {
        sent.push_back(body.substr(body.find("Limit")));
        return canned();
    };
    std::vector<std::string> expected;
    for (int i = 0; i < 8; ++i) {
        raw_request request = get();
        request.body.back() = ',';
        request.body += "\"Limit\":" + std::to_string(i) + "}";
        expected.push_back("Limit\":" + std::to_string(i) + "}");
        calls.push_back(start(ctx, as_result(e->perform(std::move(request)))));
    }
    for (auto& c : calls) EXPECT_TRUE(finish(ctx, c).has_value());
    std::sort(sent.begin(), sent.end()); // several connections: the order of arrival is not that of sending
    EXPECT_EQ(sent, expected);
    EXPECT_EQ(e->throttled().at(0).waiting, 0U);
}

TEST_F(throttling_test, a_call_does_not_wait_twice_for_one_throttling) {
    auto const e = closed_for_long(); // retries have no delay here, the resource is closed for an hour
    service.next.push_back(service_error_answer("ThrottlingException"));
    auto const reply = outcome(e->perform(get()));
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->attempts, 2U);
}

TEST_F(throttling_test, without_reasons_the_requests_table_counts) {
    auto const e = closed_for_long();
    service.next.push_back(service_error_answer("ProvisionedThroughputExceededException"));
    ASSERT_TRUE(outcome(e->perform(put())).has_value());
    auto const all = e->throttled();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].table, "users");
    EXPECT_EQ(all[0].index, "");
    EXPECT_EQ(all[0].kind, dynasio::capacity_kind::write);
    EXPECT_TRUE(outcome(e->perform(get())).has_value());
}

TEST_F(throttling_test, it_can_be_switched_off) {
    auto o = options();
    o.throttling.enabled = false;
    o.throttling.first_pause = std::chrono::hours(1);
    auto const e = make_engine(o);
    throttle_index(*e);
    EXPECT_TRUE(e->throttled().empty());
    EXPECT_TRUE(outcome(e->perform(query("users", "by_email"))).has_value());
}

TEST_F(throttling_test, control_operations_throttle_no_tables_items) {
    auto const e = closed_for_long();
    service.next.push_back(service_error_answer("LimitExceededException"));
    raw_request request{operation::describe_table, R"({"TableName":"users"})", true, call_options().attempts(1)};
    EXPECT_TRUE(outcome(e->perform(std::move(request))).has_error());
    EXPECT_TRUE(e->throttled().empty());
}

TEST_F(throttling_test, the_services_reasons_reach_the_diagnostics) {
    auto const e = make_engine();
    service.next.push_back(throttled_answer("TableReadAccountLimitExceeded", "table/users"));
    auto const f = failure_of(outcome(e->perform(get(call_options().attempts(1)))));
    ASSERT_EQ(f.info->throttling_reasons.size(), 1U);
    EXPECT_EQ(f.info->throttling_reasons[0].reason, "TableReadAccountLimitExceeded");
    EXPECT_EQ(f.info->throttling_reasons[0].resource, "arn:aws:dynamodb:us-east-1:1:table/users");
    EXPECT_NE(f.to_string().find("throttled by TableReadAccountLimitExceeded of arn:aws:"), std::string::npos);
}

} // namespace
