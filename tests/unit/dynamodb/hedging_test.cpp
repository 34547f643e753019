#include <boost/asio/error.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include "dynamodb/hedge_policy.hpp"
#include "engine_fixture.hpp"

namespace {

using namespace dynasio::test;
using namespace std::chrono_literals;
using dynasio::as_result;
using dynasio::call_cost;
using dynasio::call_options;
using dynasio::errc;
using dynasio::hedging_options;
using dynasio::service_errc;
using dynasio::dynamodb::operation;
using dynasio::dynamodb::detail::hedge_policy;
using dynasio::dynamodb::detail::latency_quantile;
using dynasio::dynamodb::detail::raw_reply;

TEST(latency_quantile_test, is_never_too_short_and_at_most_a_sixteenth_too_long) {
    for (double const q : {0.5, 0.9, 0.95, 0.99}) {
        latency_quantile quantile(q);
        std::vector<std::int64_t> all;
        std::uint64_t state = 42;
        for (int i = 0; i < 1'600; ++i) {
            state = state * 6364136223846793005 + 1442695040888963407;
            auto const ns = static_cast<std::int64_t>(50'000 + (state >> 40) * 7); // up to 117 ms
            all.push_back(ns);
            quantile.add(std::chrono::nanoseconds(ns));
        }
        std::sort(all.begin(), all.end());
        auto const exact = all[static_cast<std::size_t>(std::ceil(q * 1'600)) - 1];
        EXPECT_GE(quantile.value().count(), exact);
        EXPECT_LE(static_cast<double>(quantile.value().count()), static_cast<double>(exact) * (1 + 1.0 / 16) + 63);
    }
}

TEST(latency_quantile_test, follows_a_change_within_two_windows) {
    latency_quantile quantile(0.95);
    for (int i = 0; i < 10'000; ++i) quantile.add(1ms);
    EXPECT_LT(quantile.value(), 1'100us);
    for (std::uint32_t i = 0; i < latency_quantile::window; ++i) quantile.add(50ms);
    EXPECT_GT(quantile.value(), 49ms);
    for (std::uint32_t i = 0; i < 4 * latency_quantile::window; ++i) quantile.add(1ms);
    EXPECT_LT(quantile.value(), 1'100us);
}

TEST(latency_quantile_test, takes_any_duration) {
    latency_quantile quantile(1);
    quantile.add(-1ns);
    quantile.add(0ns);
    quantile.add(999ns);
    EXPECT_EQ(quantile.value(), 1'062ns);
    quantile.add(std::chrono::nanoseconds::max());
    EXPECT_GT(quantile.value(), 1h);
    EXPECT_EQ(quantile.samples(), 4U);
}

TEST(hedge_policy_test, waits_for_enough_latencies_of_the_same_operation) {
    hedging_options o;
    o.min_samples = 10;
    hedge_policy policy(o);
    for (int i = 0; i < 9; ++i) policy.on_latency(operation::get_item, 20ms);
    EXPECT_EQ(policy.on_read(operation::get_item), std::nullopt);
    policy.on_latency(operation::get_item, 20ms);
    auto const delay = policy.on_read(operation::get_item);
    ASSERT_TRUE(delay.has_value());
    EXPECT_GE(*delay, 20ms);
    EXPECT_LT(*delay, 22ms);
    EXPECT_EQ(policy.on_read(operation::query), std::nullopt);
}

TEST(hedge_policy_test, never_waits_less_than_the_least_delay) {
    hedging_options o;
    o.min_samples = 1;
    o.min_delay = 5ms;
    hedge_policy policy(o);
    policy.on_latency(operation::query, 10us);
    EXPECT_EQ(policy.on_read(operation::query), 5ms);
}

TEST(hedge_policy_test, spends_no_more_than_its_budget) {
    hedge_policy policy{hedging_options()};
    EXPECT_FALSE(policy.take());
    unsigned taken = 0;
    for (int i = 0; i < 10'000; ++i) {
        static_cast<void>(policy.on_read(operation::get_item));
        if (policy.take()) ++taken;
    }
    EXPECT_EQ(taken, 500U);
    // What is saved while none is needed is bounded.
    for (int i = 0; i < 10'000; ++i) static_cast<void>(policy.on_read(operation::get_item));
    taken = 0;
    while (policy.take()) ++taken;
    EXPECT_EQ(taken, 10U);
}

struct hedging_test : engine_fixture {
    dynasio::client_options hedging() {
        auto o = options();
        o.hedging.enabled = true;
        o.hedging.budget = 1;
        o.hedging.min_samples = 1;
        o.hedging.min_delay = 1ms;
        return o;
    }
    /// One answered read: from then on latencies are known. The fake service answers in well under a millisecond.
    void warm_up(dynasio::dynamodb::detail::engine& e) {
        ASSERT_TRUE(outcome(e.perform(get())).has_value());
        ASSERT_EQ(service.requests.size(), 1U);
    }
};

TEST_F(hedging_test, a_read_without_an_answer_is_sent_again_and_the_loser_cancelled) {
    auto const e = make_engine(hedging());
    warm_up(*e);
    service.next.emplace_back(canned::how::silent);
    service.next.emplace_back(R"({"Item":{"id":{"S":"second"}}})");
    call_cost cost;
    auto const reply = outcome(e->perform(get(call_options().report(cost))));
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->body(), R"({"Item":{"id":{"S":"second"}}})");
    ASSERT_EQ(service.requests.size(), 3U);
    EXPECT_EQ(service.requests[1], service.requests[2]);
    EXPECT_EQ(cost.requests, 2U);
    EXPECT_EQ(cost.hedges, 1U);
    EXPECT_EQ(cost.retries, 0U);
    // The loser's connection is gone, the winner's is used again.
    auto const pool = e->pool();
    EXPECT_EQ(pool.open, 1U);
    EXPECT_EQ(pool.idle, 1U);
    EXPECT_TRUE(outcome(e->perform(get())).has_value());
    EXPECT_EQ(e->pool().connects, pool.connects);
}

TEST_F(hedging_test, a_first_answer_that_comes_after_all_wins_too) {
    auto const e = make_engine(hedging());
    warm_up(*e);
    service.hold = std::make_shared<asio::steady_timer>(ctx, std::chrono::steady_clock::time_point::max());
    auto const first = service.hold;
    auto call = start(ctx, as_result(e->perform(get())));
    run_until(ctx, [&] { return service.requests.size() == 2; });
    service.hold = std::make_shared<asio::steady_timer>(ctx, std::chrono::steady_clock::time_point::max());
    run_until(ctx, [&] { return service.requests.size() == 3; });
    first->cancel();
    EXPECT_TRUE(finish(ctx, call).has_value());
    EXPECT_EQ(e->pool().open, 1U);
    service.hold->cancel();
}

TEST_F(hedging_test, writes_are_never_sent_twice) {
    auto const e = make_engine(hedging());
    warm_up(*e);
    ASSERT_TRUE(outcome(e->perform(put())).has_value());
    auto const before = service.requests.size();
    service.next.emplace_back(canned::how::silent);
    EXPECT_EQ(failure_of(outcome(e->perform(put(call_options().timeout(30ms))))).code, errc::deadline_exceeded);
    EXPECT_EQ(service.requests.size(), before + 1);
}

TEST_F(hedging_test, a_call_can_forbid_it) {
    auto const e = make_engine(hedging());
    warm_up(*e);
    service.next.emplace_back(canned::how::silent);
    auto const f = failure_of(outcome(e->perform(get(call_options().hedged(false).timeout(30ms)))));
    EXPECT_EQ(f.code, errc::deadline_exceeded);
    EXPECT_EQ(service.requests.size(), 2U);
}

TEST_F(hedging_test, nothing_is_sent_beyond_the_budget) {
    auto o = hedging();
    o.hedging.budget = 0.4; // three reads for one
    auto const e = make_engine(o);
    warm_up(*e);
    service.next.emplace_back(canned::how::silent);
    EXPECT_EQ(failure_of(outcome(e->perform(get(call_options().timeout(30ms))))).code, errc::deadline_exceeded);
    EXPECT_EQ(service.requests.size(), 2U);
    service.next.emplace_back(canned::how::silent);
    EXPECT_TRUE(outcome(e->perform(get())).has_value());
    EXPECT_EQ(service.requests.size(), 4U);
}

TEST_F(hedging_test, nothing_is_sent_without_a_connection_to_spare) {
    auto o = hedging();
    o.pool.max_connections = 1;
    auto const e = make_engine(o);
    warm_up(*e);
    service.next.emplace_back(canned::how::silent);
    EXPECT_EQ(failure_of(outcome(e->perform(get(call_options().timeout(30ms))))).code, errc::deadline_exceeded);
    EXPECT_EQ(service.requests.size(), 2U);
}

TEST_F(hedging_test, nothing_is_sent_to_a_throttled_table) {
    auto o = hedging();
    o.throttling.first_pause = 0ms;
    auto const e = make_engine(o);
    warm_up(*e);
    service.next.push_back(service_error_answer("ThrottlingException"));
    ASSERT_TRUE(outcome(e->perform(get())).has_value());
    auto const before = service.requests.size();
    service.next.emplace_back(canned::how::silent);
    EXPECT_EQ(failure_of(outcome(e->perform(get(call_options().timeout(30ms))))).code, errc::deadline_exceeded);
    EXPECT_EQ(service.requests.size(), before + 1);
}

TEST_F(hedging_test, a_lost_first_request_leaves_the_second_one_its_chance) {
    auto const e = make_engine(hedging());
    warm_up(*e);
    service.hold = std::make_shared<asio::steady_timer>(ctx, std::chrono::steady_clock::time_point::max());
    auto const first = service.hold;
    service.next.push_back(service_error_answer("InternalServerError", 500));
    service.next.emplace_back(R"({"Item":{"id":{"S":"second"}}})");
    auto call = start(ctx, as_result(e->perform(get())));
    run_until(ctx, [&] { return service.requests.size() == 2; });
    service.hold = std::make_shared<asio::steady_timer>(ctx, std::chrono::steady_clock::time_point::max());
    auto const second = service.hold;
    run_until(ctx, [&] { return service.requests.size() == 3; });
    first->cancel();
    run_until(ctx, [&] { return e->pool().idle == 1; });
    EXPECT_FALSE(call.done());
    second->cancel();
    auto const reply = finish(ctx, call);
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->attempts, 1U);
}

TEST_F(hedging_test, cancellation_ends_both) {
    auto const e = make_engine(hedging());
    warm_up(*e);
    service.otherwise = canned(canned::how::silent);
    auto call = start(ctx, as_result(e->perform(get())));
    run_until(ctx, [&] { return service.requests.size() == 3; });
    call.cancel();
    auto const f = failure_of(finish(ctx, call));
    EXPECT_EQ(f.code, asio::error::operation_aborted);
    EXPECT_EQ(f.info->attempts, 2U);
    EXPECT_EQ(e->pool().open, 0U);
}

TEST_F(hedging_test, the_deadline_and_the_clients_end_end_both) {
    auto const e = make_engine(hedging());
    warm_up(*e);
    service.otherwise = canned(canned::how::silent);
    EXPECT_EQ(failure_of(outcome(e->perform(get(call_options().timeout(50ms))))).code, errc::deadline_exceeded);
    EXPECT_EQ(service.requests.size(), 3U);
    auto call = start(ctx, as_result(e->perform(get())));
    run_until(ctx, [&] { return service.requests.size() == 5; });
    e->stop();
    EXPECT_EQ(failure_of(finish(ctx, call)).code, errc::client_closed);
    EXPECT_EQ(e->pool().open, 0U);
}

TEST_F(hedging_test, off_is_the_default) {
    auto const e = make_engine();
    warm_up(*e);
    service.next.emplace_back(canned::how::silent);
    EXPECT_EQ(failure_of(outcome(e->perform(get(call_options().timeout(30ms))))).code, errc::deadline_exceeded);
    EXPECT_EQ(service.requests.size(), 2U);
}

} // namespace
