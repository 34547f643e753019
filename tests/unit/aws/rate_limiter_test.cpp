#include <dynasio/aws/rate_limiter.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "support/test_data.hpp"

namespace {

using namespace dynasio::aws;
using namespace dynasio::tests;

double number(boost::json::value const& value) { return value.to_number<double>(); }

class adaptive_cubic : public testing::TestWithParam<std::size_t> {};

boost::json::array const& cubic_cases() {
    static auto const all = read_json("aws-shared/retry/adaptive-cubic.json");
    return all.at("cases").as_array();
}

TEST_P(adaptive_cubic, calculates_the_rates_of_the_suite) {
    auto const& one = cubic_cases().at(GetParam());
    cubic_rate cubic(number(one.at("given").at("last_max_rate")),
                     rate_time(number(one.at("given").at("last_throttle_time"))));
    double rate = 0;
    for (auto const& step : one.at("cases").as_array()) {
        rate_time const now(number(step.at("timestamp")));
        rate = step.at("response") == "throttle" ? cubic.on_throttle(rate, now) : cubic.on_success(now);
        EXPECT_NEAR(rate, number(step.at("calculated_rate")), 5e-7) << "at " << now.count();
    }
}
INSTANTIATE_TEST_SUITE_P(suite, adaptive_cubic, testing::Range<std::size_t>(0, 2), [](auto const& one) {
    return test_name(dynasio::tests::to_string(cubic_cases().at(one.param).at("name")));
});

TEST(adaptive_end_to_end, measures_and_allows_the_rates_of_the_suite) {
    auto const all = read_json("aws-shared/retry/adaptive-end-to-end.json");
    ASSERT_EQ(all.at("cases").as_array().size(), 1u);
    rate_limiter limiter;
    int steps = 0;
    for (auto const& step : all.at("cases").at(0).at("cases").as_array()) {
        rate_time const now(number(step.at("timestamp")));
        limiter.on_attempt_end(step.at("response") == "throttle", now);
        EXPECT_NEAR(limiter.measured_rate(), number(step.at("measured_tx_rate")), 5e-7) << "at " << now.count();
        EXPECT_NEAR(limiter.rate(), number(step.at("new_token_bucket_rate")), 5e-7) << "at " << now.count();
        ++steps;
    }
    EXPECT_EQ(steps, 17);
}

TEST(rate_limiter, stays_out_of_the_way_until_the_service_throttles) {
    rate_limiter limiter;
    for (int i = 0; i < 1000; ++i) {
        EXPECT_EQ(limiter.acquire(rate_time(0.001 * i)).count(), 0.0);
        limiter.on_attempt_end(false, rate_time(0.001 * i));
    }
    EXPECT_FALSE(limiter.enabled());
    limiter.on_attempt_end(true, rate_time(1.0));
    EXPECT_TRUE(limiter.enabled());
}

TEST(rate_limiter, takes_one_token_for_each_attempt_and_says_when_the_next_is_there) {
    rate_limiter limiter;
    limiter.on_attempt_end(true, rate_time(0)); // measured nothing yet: the lowest rate
    EXPECT_EQ(limiter.rate(), 0.5);
    EXPECT_EQ(limiter.acquire(rate_time(2.0)).count(), 0.0);
    EXPECT_EQ(limiter.tokens(), 0.0);
    EXPECT_EQ(limiter.acquire(rate_time(2.0)).count(), 2.0);
    EXPECT_EQ(limiter.acquire(rate_time(3.0)).count(), 1.0);
    EXPECT_EQ(limiter.tokens(), 0.5) << "a refusal takes nothing";
    EXPECT_EQ(limiter.acquire(rate_time(4.0)).count(), 0.0);
}

TEST(rate_limiter, grants_what_is_missing_by_less_than_a_clock_can_tell) {
    rate_limiter limiter;
    limiter.on_attempt_end(true, rate_time(0));
    EXPECT_EQ(limiter.acquire(rate_time(2.0 - 1e-10)).count(), 0.0);
    EXPECT_GE(limiter.tokens(), 0.0);
}

TEST(rate_limiter, a_clock_that_goes_backwards_gives_and_takes_nothing) {
    rate_limiter limiter(rate_time(100));
    limiter.on_attempt_end(true, rate_time(101));
    double const tokens = limiter.tokens();
    static_cast<void>(limiter.acquire(rate_time(50)));
    EXPECT_EQ(limiter.tokens(), tokens);
}

TEST(rate_limiter, lets_no_more_through_than_its_rate_whatever_happens) {
    std::mt19937_64 random(7);
    for (int round = 0; round < 300; ++round) {
        rate_limiter limiter;
        rate_time now(0);
        double allowed = 0; // integral of the rate since it was enabled, and what a full bucket holds
        bool counting = false;
        int granted = 0;
        double largest_capacity = 1;
        for (int step = 0; step < 400; ++step) {
            rate_time const elapsed(static_cast<double>(random() % 1000) / 5000.0);
            if (counting) allowed += elapsed.count() * limiter.rate();
            now += elapsed;
            rate_time const wait = limiter.acquire(now);
            ASSERT_GE(wait.count(), 0.0);
            ASSERT_LE(wait.count(), 2.0) << "one token takes at most two seconds";
            ASSERT_GE(limiter.tokens(), 0.0);
            ASSERT_LE(limiter.tokens(), limiter.capacity());
            if (wait.count() > 0) continue;
            if (counting) ++granted;
            limiter.on_attempt_end(random() % 4 == 0, now);
            ASSERT_GE(limiter.rate(), 0.5);
            ASSERT_GE(limiter.capacity(), 1.0);
            ASSERT_LE(limiter.rate(), std::max(0.5, 2 * limiter.measured_rate()));
            largest_capacity = std::max(largest_capacity, limiter.capacity());
            counting = limiter.enabled();
        }
        ASSERT_LE(granted, allowed + largest_capacity + 1e-6);
    }
}

} // namespace
