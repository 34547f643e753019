#include <dynasio/aws/retry.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "support/test_data.hpp"

namespace {

using namespace dynasio::aws;
using namespace dynasio::tests;
using namespace std::chrono_literals;

/// The suites are written for services in general: 3 attempts, 50 ms.
retry_policy general_options() {
    retry_policy options;
    options.max_attempts = 3;
    options.base_delay = 50ms;
    return options;
}

retry_delay seconds(boost::json::value const& value) {
    return std::chrono::duration<double>(value.to_number<double>());
}

unsigned number(boost::json::value const& value) { return value.to_number<unsigned>(); }

retry_policy policy_of(boost::json::object const& given, retry_policy policy) {
    if (auto const* v = given.if_contains("max_attempts")) policy.max_attempts = number(*v);
    if (auto const* v = given.if_contains("max_backoff_time")) policy.max_delay = seconds(*v);
    if (auto const* v = given.if_contains("initial_retry_tokens")) policy.quota = number(*v);
    return policy;
}

/// One response of a case, and what the suite expects of the decision.
void play_step(retry_machine& machine, retry_quota const& quota, boost::json::value const& step, double jitter,
               bool* retries = nullptr) {
    auto const& response = step.at("response").as_object();
    auto const& expected = step.at("expected").as_object();
    std::string code;
    if (auto const* v = response.if_contains("error_code")) code = dynasio::tests::to_string(*v);
    std::string header;
    std::optional<std::string_view> retry_after;
    if (auto const* v = response.if_contains("headers")) {
        header = dynasio::tests::to_string(v->at("x-amz-retry-after"));
        retry_after = header;
    }
    auto const outcome = classify(number(response.at("status_code")), code);
    auto const decision = machine.on_attempt_end(outcome, jitter, retry_after);
    std::string const wanted = dynasio::tests::to_string(expected.at("outcome"));
    EXPECT_EQ(decision.retry, wanted == "retry_request");
    std::map<std::string, retry_reason> const reasons = {{"retry_request", retry_reason::retryable_error},
                                                         {"success", retry_reason::success},
                                                         {"max_attempts_exceeded", retry_reason::max_attempts_reached},
                                                         {"retry_quota_exceeded", retry_reason::quota_exhausted},
                                                         {"fail_request", retry_reason::permanent_error}};
    ASSERT_TRUE(reasons.contains(wanted)) << wanted;
    EXPECT_EQ(decision.reason, reasons.at(wanted));
    if (auto const* v = expected.if_contains("retry_quota")) {
        EXPECT_EQ(quota.available(), number(*v));
    }
    if (auto const* v = expected.if_contains("delay")) {
        EXPECT_NEAR(decision.delay.count(), seconds(*v).count(), 1e-6);
    } else if (!decision.retry) {
        EXPECT_EQ(decision.delay.count(), 0.0);
    }
    if (retries != nullptr) *retries = decision.retry;
}

/// Plays the responses of one case; a success or a final error ends a call, and the next response begins another.
void play(boost::json::value const& c, retry_policy const& defaults) {
    SCOPED_TRACE(to_string(c.at("name")));
    auto const& given = c.at("given").as_object();
    retry_policy const policy = policy_of(given, defaults);
    double const jitter = given.at("exponential_base").to_number<double>();
    retry_quota quota(policy.quota);
    std::optional<retry_machine> machine;
    std::size_t step_number = 0;
    for (auto const& step : c.at("responses").as_array()) {
        SCOPED_TRACE("response " + std::to_string(++step_number));
        if (!machine) machine.emplace(policy, quota);
        bool retries = false;
        play_step(*machine, quota, step, jitter, &retries);
        if (!retries) machine.reset();
    }
}

boost::json::array const& cases_of(std::string const& suite) {
    static std::map<std::string, boost::json::value> files;
    auto& file = files[suite];
    if (file.is_null()) file = read_json("aws-shared/retry/" + suite + ".json");
    return file.at("cases").as_array();
}

std::string case_name(std::string const& suite, std::size_t number) {
    return test_name(dynasio::tests::to_string(cases_of(suite).at(number).at("name")));
}

class retry_standard : public testing::TestWithParam<std::size_t> {};
TEST_P(retry_standard, decides_as_the_suite_says) { play(cases_of("standard-v2_1").at(GetParam()), general_options()); }
INSTANTIATE_TEST_SUITE_P(suite, retry_standard, testing::Range<std::size_t>(0, 12),
                         [](auto const& one) { return case_name("standard-v2_1", one.param); });

class retry_standard_2_0 : public testing::TestWithParam<std::size_t> {};
TEST_P(retry_standard_2_0, decides_as_the_suite_says) {
    retry_options options;
    options.mode = retry_mode::standard_2_0;
    play(cases_of("standard-v2_0").at(GetParam()), retry_policy(options));
}
INSTANTIATE_TEST_SUITE_P(suite, retry_standard_2_0, testing::Range<std::size_t>(0, 6),
                         [](auto const& one) { return case_name("standard-v2_0", one.param); });

class retry_long_polling : public testing::TestWithParam<std::size_t> {};
TEST_P(retry_long_polling, decides_as_the_suite_says) {
    auto const& one = cases_of("standard-v2_1-long-polling").at(GetParam());
    if (one.at("responses").at(0).at("expected").at("outcome") == "retry_quota_exceeded")
        GTEST_SKIP() << "a pause before the failure is for operations that wait for messages; DynamoDB has none";
    play(one, general_options());
}
INSTANTIATE_TEST_SUITE_P(suite, retry_long_polling, testing::Range<std::size_t>(0, 5),
                         [](auto const& one) { return case_name("standard-v2_1-long-polling", one.param); });

TEST(retry_vectors, are_all_run) {
    EXPECT_EQ(cases_of("standard-v2_1").size(), 12u);
    EXPECT_EQ(cases_of("standard-v2_0").size(), 6u);
    EXPECT_EQ(cases_of("standard-v2_1-multi-invocation").size(), 1u);
    EXPECT_EQ(cases_of("standard-v2_1-multi-threaded").size(), 1u);
    EXPECT_EQ(cases_of("standard-v2_1-long-polling").size(), 5u);
    EXPECT_EQ(cases_of("adaptive-cubic").size(), 2u);
    EXPECT_EQ(cases_of("adaptive-end-to-end").size(), 1u);
    std::cout << "retry vectors: 2.1 12, 2.0 6, several calls 1, several threads 1, long polling 3 (2 skipped: no "
                 "operation of DynamoDB waits for messages), cubic 2, adaptive 1\n";
}

/// All orders in which the steps of two calls can alternate.
void interleave(std::size_t first, std::size_t second, std::string const& so_far, std::vector<std::string>& out) {
    if (first == 0 && second == 0) out.push_back(so_far);
    if (first != 0) interleave(first - 1, second, so_far + '0', out);
    if (second != 0) interleave(first, second - 1, so_far + '1', out);
}

TEST(retry_multi_threaded, calls_share_the_quota_in_whatever_order_they_run) {
    auto const& one = cases_of("standard-v2_1-multi-threaded").at(0);
    retry_policy const policy = policy_of(one.at("given").as_object(), general_options());
    auto const& threads = one.at("threads").as_array();
    ASSERT_EQ(threads.size(), 2u);
    std::vector<std::string> orders;
    interleave(threads[0].as_array().size(), threads[1].as_array().size(), {}, orders);
    ASSERT_EQ(orders.size(), 10u);
    int as_in_the_suite = 0;
    for (std::string const& order : orders) {
        SCOPED_TRACE(order);
        retry_quota quota(policy.quota);
        retry_machine machines[] = {{policy, quota}, {policy, quota}};
        std::size_t next[] = {0, 0};
        bool same = true;
        for (char const which : order) {
            auto const i = static_cast<std::size_t>(which - '0');
            auto const& step = threads[i].at(next[i]++);
            auto const outcome = classify(number(step.at("response").at("status_code")), "");
            auto const decision = machines[i].on_attempt_end(outcome, 1.0);
            EXPECT_EQ(decision.retry, step.at("expected").at("outcome") == "retry_request");
            same = same && quota.available() == number(step.at("expected").at("retry_quota"));
        }
        EXPECT_EQ(quota.available(), number(one.at("expected_final_quota")));
        as_in_the_suite += same ? 1 : 0;
    }
    EXPECT_EQ(as_in_the_suite, 1) << "the suite's numbers belong to one order";
}

TEST(retry_multi_invocation, recovers_the_quota_after_successes) {
    play(cases_of("standard-v2_1-multi-invocation").at(0), general_options());
}

TEST(retry_dynamodb, has_the_base_delay_and_attempts_of_the_suite_by_default) {
    auto const suite =
        read_json("aws-shared/retry/botocore-v2_1-extra.json").at("dynamodb_base_backoff_and_increased_retries");
    retry_policy const options;
    EXPECT_EQ(options.max_attempts, number(suite.at("max_attempts")));
    EXPECT_EQ(options.quota, number(suite.at("initial_retry_tokens")));
    retry_quota quota(options.quota);
    retry_machine machine(options, quota);
    for (auto const& step : suite.at("steps").as_array()) {
        auto const decision = machine.on_attempt_end(classify(number(step.at("status_code")), ""), 1.0);
        EXPECT_EQ(machine.attempts(), number(step.at("attempt")));
        EXPECT_EQ(decision.retry, step.at("retryable").as_bool());
        EXPECT_EQ(quota.available(), number(step.at("retry_quota")));
        if (decision.retry) {
            EXPECT_NEAR(decision.delay.count(), seconds(step.at("delay")).count(), 1e-6);
        } else {
            EXPECT_EQ(decision.reason, retry_reason::max_attempts_reached);
        }
    }
}

TEST(retry_botocore, doubles_the_delay_up_to_the_cap) {
    auto const suite = read_json("aws-shared/retry/botocore-v2_1-extra.json").at("exponential_backoff_range");
    retry_policy options;
    options.max_attempts = 100;
    options.base_delay = seconds(suite.at("non_throttling_base"));
    options.max_delay = seconds(suite.at("max_backoff"));
    retry_quota quota(options.quota);
    retry_machine machine(options, quota);
    for (auto const& delay : suite.at("delays_for_attempts_1_to_11").as_array())
        EXPECT_NEAR(machine.on_attempt_end(attempt_outcome::transient_error, 1.0).delay.count(), seconds(delay).count(),
                    1e-6);
}

TEST(retry_botocore, honours_retry_after_within_limits) {
    auto const suite = read_json("aws-shared/retry/botocore-v2_1-extra.json").at("x_amz_retry_after");
    retry_policy const options = general_options();
    for (auto const& c : suite.as_array()) {
        std::string const header = dynasio::tests::to_string(c.at("header"));
        SCOPED_TRACE(header);
        retry_quota quota(options.quota);
        retry_machine machine(options, quota);
        auto const decision = machine.on_attempt_end(attempt_outcome::transient_error, 1.0, header);
        EXPECT_TRUE(decision.retry);
        EXPECT_NEAR(decision.delay.count(), seconds(c.at("delay")).count(), 1e-6);
        EXPECT_EQ(quota.available(), number(c.at("quota_after_failure")));
        (void)machine.on_attempt_end(attempt_outcome::success, 1.0);
        EXPECT_EQ(quota.available(), number(c.at("quota_after_success")));
    }
}

TEST(retry_botocore, takes_the_costs_of_the_suite) {
    auto const suite = read_json("aws-shared/retry/botocore-v2_1-extra.json").at("quota_cost");
    retry_policy const options;
    EXPECT_EQ(options.throttling_cost, number(suite.at("throttling")));
    EXPECT_EQ(options.retry_cost, number(suite.at("server_error")));
    EXPECT_EQ(options.retry_cost, number(suite.at("timeout")));
    EXPECT_EQ(options.success_refund, number(suite.at("success_without_retry_refund")));
}

TEST(retry_after, is_ignored_unless_it_is_a_non_negative_number) {
    retry_policy const options;
    for (char const* text : {"", " ", "-1", "-0.5", "nan", "inf", "1e999", "1500ms", " 1500", "1500 ", "0x10", "Fri"}) {
        retry_quota quota;
        retry_machine machine(options, quota);
        EXPECT_EQ(machine.on_attempt_end(attempt_outcome::transient_error, 1.0, text).delay, retry_delay(25)) << text;
    }
}

TEST(retry_after, is_limited_to_five_seconds_beyond_the_throttling_delay) {
    retry_policy const options;
    retry_quota quota;
    retry_machine machine(options, quota);
    EXPECT_EQ(machine.on_attempt_end(attempt_outcome::throttling_error, 1.0, "9000").delay, retry_delay(6000));
}

TEST(retry_jitter, scales_the_capped_delay_and_is_kept_within_bounds) {
    retry_policy options;
    options.max_delay = 30ms;
    options.max_attempts = 10;
    retry_quota quota;
    retry_machine machine(options, quota);
    EXPECT_EQ(machine.on_attempt_end(attempt_outcome::transient_error, 0.5).delay, retry_delay(12.5));
    EXPECT_EQ(machine.on_attempt_end(attempt_outcome::transient_error, 0.5).delay, retry_delay(15));
    EXPECT_EQ(machine.on_attempt_end(attempt_outcome::transient_error, 0.0).delay, retry_delay(0));
    EXPECT_EQ(machine.on_attempt_end(attempt_outcome::transient_error, -3.0).delay, retry_delay(0));
    EXPECT_EQ(machine.on_attempt_end(attempt_outcome::transient_error, 7.0).delay, retry_delay(30));
    EXPECT_EQ(machine.on_attempt_end(attempt_outcome::transient_error, std::nan("")).delay, retry_delay(0));
}

TEST(retry_machine, does_not_overflow_after_very_many_attempts) {
    retry_policy options;
    options.max_attempts = std::numeric_limits<unsigned>::max();
    options.retry_cost = 0;
    retry_quota quota;
    retry_machine machine(options, quota);
    retry_machine::decision last;
    for (int i = 0; i < 2000; ++i) last = machine.on_attempt_end(attempt_outcome::transient_error, 1.0);
    EXPECT_EQ(last.delay, options.max_delay);
}

TEST(retry_machine, does_not_retry_permanent_errors_and_takes_no_token_for_them) {
    retry_policy const options;
    retry_quota quota;
    retry_machine machine(options, quota);
    auto const decision = machine.on_attempt_end(attempt_outcome::permanent_error, 1.0);
    EXPECT_FALSE(decision.retry);
    EXPECT_EQ(decision.reason, retry_reason::permanent_error);
    EXPECT_EQ(quota.available(), 500u);
}

TEST(retry_machine, never_retries_when_one_attempt_is_allowed) {
    retry_policy options;
    options.max_attempts = 1;
    retry_quota quota;
    retry_machine machine(options, quota);
    EXPECT_EQ(machine.on_attempt_end(attempt_outcome::transient_error, 1.0).reason, retry_reason::max_attempts_reached);
    EXPECT_EQ(quota.available(), 500u);
}

TEST(retry_machine, refunds_the_last_retry_only) {
    retry_policy const options;
    retry_quota quota;
    retry_machine machine(options, quota);
    (void)machine.on_attempt_end(attempt_outcome::transient_error, 1.0);
    (void)machine.on_attempt_end(attempt_outcome::throttling_error, 1.0);
    EXPECT_EQ(quota.available(), 500u - 14 - 5);
    (void)machine.on_attempt_end(attempt_outcome::success, 1.0);
    EXPECT_EQ(quota.available(), 500u - 14);
}

TEST(retry_quota, gives_one_token_back_for_a_success_at_first_try) {
    retry_policy const options;
    retry_quota quota;
    ASSERT_TRUE(quota.take(10));
    retry_machine machine(options, quota);
    (void)machine.on_attempt_end(attempt_outcome::success, 1.0);
    EXPECT_EQ(quota.available(), 491u);
}

TEST(retry_quota, takes_all_or_nothing_and_never_exceeds_its_capacity) {
    retry_quota quota(10);
    EXPECT_FALSE(quota.take(11));
    EXPECT_EQ(quota.available(), 10u);
    EXPECT_TRUE(quota.take(10));
    EXPECT_FALSE(quota.take(1));
    EXPECT_TRUE(quota.take(0));
    quota.give_back(std::numeric_limits<unsigned>::max());
    EXPECT_EQ(quota.available(), 10u);
}

TEST(retry_machine, counts_an_attempt_repeated_at_once_without_a_token_or_a_longer_pause) {
    retry_policy const policy;
    retry_quota quota;
    retry_machine machine(policy, quota);
    machine.repeat_at_once();
    EXPECT_EQ(quota.available(), 500u);
    EXPECT_EQ(machine.on_attempt_end(attempt_outcome::transient_error, 1.0).delay, retry_delay(25));
    EXPECT_TRUE(machine.on_attempt_end(attempt_outcome::transient_error, 1.0).retry);
    EXPECT_EQ(machine.on_attempt_end(attempt_outcome::transient_error, 1.0).reason, retry_reason::max_attempts_reached);
}

TEST(retry_machine, a_calls_own_number_of_attempts_replaces_the_policys) {
    retry_policy const policy;
    retry_quota quota;
    retry_machine machine(policy, quota, 2);
    EXPECT_TRUE(machine.on_attempt_end(attempt_outcome::transient_error, 1.0).retry);
    EXPECT_FALSE(machine.on_attempt_end(attempt_outcome::transient_error, 1.0).retry);
}

TEST(retry_mode, of_2_0_has_its_own_numbers) {
    retry_options options;
    options.mode = retry_mode::standard_2_0;
    retry_policy const policy(options);
    EXPECT_EQ(policy.max_attempts, 3u);
    retry_quota quota(policy.quota);
    retry_machine machine(policy, quota);
    // No shorter first pause, no discount for throttling, no x-amz-retry-after, and time-outs cost twice as much.
    EXPECT_EQ(machine.on_attempt_end(attempt_outcome::throttling_error, 1.0, "4000").delay, retry_delay(1000));
    EXPECT_EQ(quota.available(), 495u);
    EXPECT_EQ(machine.on_attempt_end(attempt_outcome::timeout_error, 1.0).delay, retry_delay(2000));
    EXPECT_EQ(quota.available(), 485u);
    EXPECT_EQ(machine.on_attempt_end(attempt_outcome::success, 1.0).reason, retry_reason::success);
    EXPECT_EQ(quota.available(), 495u);
}

TEST(retry_mode, off_is_one_attempt_unless_more_are_asked_for) {
    retry_options options;
    options.mode = retry_mode::off;
    EXPECT_EQ(retry_policy(options).max_attempts, 1u);
    options.max_attempts = 2;
    EXPECT_EQ(retry_policy(options).max_attempts, 2u);
}

TEST(retry_mode, keeps_what_the_options_say) {
    retry_options options;
    options.base_delay = 1ms;
    options.throttling_delay = 2ms;
    options.max_delay = 3ms;
    options.quota = 4;
    options.retry_cost = 5;
    options.throttling_cost = 6;
    options.timeout_cost = 7;
    options.success_refund = 8;
    for (retry_mode const mode :
         {retry_mode::standard, retry_mode::standard_2_0, retry_mode::adaptive, retry_mode::off}) {
        options.mode = mode;
        retry_policy const policy(options);
        EXPECT_EQ(policy.mode, mode);
        EXPECT_EQ(policy.base_delay, 1ms);
        EXPECT_EQ(policy.throttling_delay, 2ms);
        EXPECT_EQ(policy.max_delay, 3ms);
        EXPECT_EQ(policy.quota, 4u);
        EXPECT_EQ(policy.retry_cost, 5u);
        EXPECT_EQ(policy.throttling_cost, 6u);
        EXPECT_EQ(policy.timeout_cost, 7u);
        EXPECT_EQ(policy.success_refund, 8u);
        retry_policy const again(policy.as_options());
        EXPECT_EQ(again.mode, mode);
        EXPECT_EQ(again.max_attempts, policy.max_attempts);
        EXPECT_EQ(again.timeout_cost, 7u);
    }
}

TEST(retry_machine, keeps_its_promises_whatever_happens) {
    std::mt19937_64 random(20261110);
    auto const below = [&random](unsigned n) { return static_cast<unsigned>(random() % n); };
    attempt_outcome const outcomes[] = {attempt_outcome::success, attempt_outcome::transient_error,
                                        attempt_outcome::timeout_error, attempt_outcome::throttling_error,
                                        attempt_outcome::permanent_error};
    char const* const headers[] = {"", "0", "17", "1e300", "-5", "nan", "999999", "x"};
    double const jitters[] = {0.0, 0.3, 1.0, 7.0, -1.0, std::nan("")};
    for (int round = 0; round < 20'000; ++round) {
        retry_policy policy;
        policy.mode = below(2) == 0 ? retry_mode::standard : retry_mode::adaptive;
        policy.max_attempts = 1 + below(8);
        policy.base_delay = retry_delay(below(2000));
        policy.throttling_delay = retry_delay(below(2000));
        policy.max_delay = retry_delay(below(30'000));
        policy.quota = below(100);
        policy.retry_cost = below(30);
        policy.throttling_cost = below(30);
        policy.timeout_cost = below(30);
        policy.success_refund = below(5);
        retry_quota quota(policy.quota);
        std::vector<retry_machine> calls(1 + below(4), retry_machine(policy, quota));
        std::vector<unsigned> sent(calls.size(), 0);
        std::vector<bool> ended(calls.size(), false);
        for (int step = 0; step < 30; ++step) {
            auto const i = below(static_cast<unsigned>(calls.size()));
            if (ended[i]) continue;
            ++sent[i];
            std::string_view const header = headers[below(std::size(headers))];
            auto const asked = header.empty() ? std::nullopt : std::optional<std::string_view>(header);
            auto const d = calls[i].on_attempt_end(outcomes[below(5)], jitters[below(std::size(jitters))], asked);
            ASSERT_LE(quota.available(), policy.quota);
            ASSERT_LE(sent[i], policy.max_attempts);
            ASSERT_GE(d.delay.count(), 0.0);
            ASSERT_LE(d.delay, policy.max_delay + retry_delay(5000)) << "more than the cap and what a server may add";
            ASSERT_TRUE(asked || d.delay <= policy.max_delay);
            ASSERT_EQ(d.retry, d.reason == retry_reason::retryable_error);
            ended[i] = !d.retry;
        }
    }
}

class throttling_codes : public testing::TestWithParam<char const*> {};
TEST_P(throttling_codes, ask_for_fewer_requests_whatever_the_status) {
    for (unsigned const status : {400u, 429u, 500u, 503u})
        EXPECT_EQ(classify(status, GetParam()), attempt_outcome::throttling_error) << status;
}
INSTANTIATE_TEST_SUITE_P(classify, throttling_codes,
                         testing::Values("Throttling", "ThrottlingException", "ThrottledException",
                                         "RequestThrottledException", "TooManyRequestsException",
                                         "ProvisionedThroughputExceededException", "TransactionInProgressException",
                                         "RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException",
                                         "RequestThrottled", "SlowDown", "PriorRequestNotComplete",
                                         "EC2ThrottledException"));

class transient_codes : public testing::TestWithParam<char const*> {};
TEST_P(transient_codes, may_pass_by_themselves) {
    EXPECT_EQ(classify(400, GetParam()), attempt_outcome::transient_error);
}
INSTANTIATE_TEST_SUITE_P(classify, transient_codes,
                         testing::Values("RequestTimeout", "RequestTimeoutException", "InternalServerError",
                                         "ReplicatedWriteConflictException"));

class permanent_codes : public testing::TestWithParam<char const*> {};
TEST_P(permanent_codes, are_not_retried) { EXPECT_EQ(classify(400, GetParam()), attempt_outcome::permanent_error); }
INSTANTIATE_TEST_SUITE_P(classify, permanent_codes,
                         testing::Values("", "ConditionalCheckFailedException", "ValidationException",
                                         "ResourceNotFoundException", "ResourceInUseException", "AccessDeniedException",
                                         "SerializationException", "IdempotentParameterMismatchException",
                                         "TransactionCanceledException", "TransactionConflictException",
                                         "ItemCollectionSizeLimitExceededException", "ExpiredTokenException",
                                         "UnrecognizedClientException", "InvalidSignatureException",
                                         "throttlingexception", "ThrottlingExceptionX"));

TEST(classify, goes_by_the_status_when_the_code_says_nothing) {
    for (unsigned const status : {0u, 500u, 502u, 503u, 504u})
        EXPECT_EQ(classify(status, ""), attempt_outcome::transient_error) << status;
    for (unsigned const status : {100u, 301u, 307u, 400u, 403u, 404u, 413u, 501u, 505u})
        EXPECT_EQ(classify(status, ""), attempt_outcome::permanent_error) << status;
    EXPECT_EQ(classify(503, "SomethingNew"), attempt_outcome::transient_error);
    EXPECT_EQ(classify(429, ""), attempt_outcome::throttling_error);
    EXPECT_EQ(classify(429, "SomethingNew"), attempt_outcome::throttling_error);
    EXPECT_EQ(classify(429, "RequestTimeout"), attempt_outcome::transient_error) << "what the service says goes first";
    EXPECT_EQ(classify(200, ""), attempt_outcome::success);
    EXPECT_EQ(classify(204, ""), attempt_outcome::success);
    EXPECT_EQ(classify(200, "ValidationException"), attempt_outcome::permanent_error);
}

} // namespace
