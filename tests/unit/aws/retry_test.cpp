#include <dynasio/aws/retry.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "support/test_data.hpp"

namespace {

using namespace dynasio::aws;
using namespace dynasio::tests;
using namespace std::chrono_literals;

/// The suites are written for services in general: 3 attempts, 50 ms.
retry_options general_options() {
    retry_options options;
    options.max_attempts = 3;
    options.base_delay = 50ms;
    return options;
}

retry_delay seconds(boost::json::value const& value) {
    return std::chrono::duration<double>(value.to_number<double>());
}

unsigned number(boost::json::value const& value) { return value.to_number<unsigned>(); }

/// Plays the responses of one case; a success or a final error ends a call, and the next response begins another.
void play(boost::json::value const& c) {
    SCOPED_TRACE(to_string(c.at("name")));
    auto const& given = c.at("given").as_object();
    retry_options options = general_options();
    if (auto const* v = given.if_contains("max_attempts")) options.max_attempts = number(*v);
    if (auto const* v = given.if_contains("max_backoff_time")) options.max_delay = seconds(*v);
    if (auto const* v = given.if_contains("initial_retry_tokens")) options.quota = number(*v);
    double const jitter = given.at("exponential_base").to_number<double>();
    retry_quota quota(options.quota);
    std::optional<retry_machine> machine;
    std::size_t step_number = 0;
    for (auto const& step : c.at("responses").as_array()) {
        SCOPED_TRACE("response " + std::to_string(++step_number));
        if (!machine) machine.emplace(options, quota);
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
        auto const decision = machine->on_attempt_end(outcome, jitter, retry_after);
        std::string const wanted = dynasio::tests::to_string(expected.at("outcome"));
        EXPECT_EQ(decision.retry, wanted == "retry_request");
        auto const reason = wanted == "retry_request"           ? retry_reason::retryable_error
                            : wanted == "success"               ? retry_reason::success
                            : wanted == "max_attempts_exceeded" ? retry_reason::max_attempts_reached
                            : wanted == "retry_quota_exceeded"  ? retry_reason::quota_exhausted
                                                                : retry_reason::permanent_error;
        EXPECT_NE(reason, retry_reason::permanent_error) << "no such outcome in the suite: " << wanted;
        EXPECT_EQ(decision.reason, reason);
        EXPECT_EQ(quota.available(), number(expected.at("retry_quota")));
        double const delay = expected.contains("delay") ? seconds(expected.at("delay")).count() : 0.0;
        EXPECT_NEAR(decision.delay.count(), delay, 1e-6);
        if (!decision.retry) machine.reset();
    }
}

class retry_standard : public testing::TestWithParam<std::size_t> {};

boost::json::array const& standard_cases() {
    static auto const all = read_json("aws-shared/retry/standard-v2_1.json");
    return all.at("cases").as_array();
}

TEST_P(retry_standard, decides_as_the_suite_says) { play(standard_cases().at(GetParam())); }

std::string standard_name(testing::TestParamInfo<std::size_t> const& info) {
    return test_name(dynasio::tests::to_string(standard_cases().at(info.param).at("name")));
}

INSTANTIATE_TEST_SUITE_P(suite, retry_standard, testing::Range<std::size_t>(0, 12), standard_name);

TEST(retry_vectors, are_all_run) {
    EXPECT_EQ(standard_cases().size(), 12u);
    EXPECT_EQ(read_json("aws-shared/retry/standard-v2_1-multi-invocation.json").at("cases").as_array().size(), 1u);
}

TEST(retry_vectors, of_long_polling_are_skipped) {
    GTEST_SKIP() << "the 5 long-polling cases: DynamoDB has no operation that waits for messages";
}

TEST(retry_vectors, of_several_threads_are_skipped) {
    GTEST_SKIP() << "the multi-threaded case: a quota belongs to one executor, and the case leaves the order open";
}

TEST(retry_multi_invocation, recovers_the_quota_after_successes) {
    play(read_json("aws-shared/retry/standard-v2_1-multi-invocation.json").at("cases").at(0));
}

TEST(retry_dynamodb, has_the_base_delay_and_attempts_of_the_suite_by_default) {
    auto const suite =
        read_json("aws-shared/retry/botocore-v2_1-extra.json").at("dynamodb_base_backoff_and_increased_retries");
    retry_options const options;
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
    retry_options options;
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
    retry_options const options = general_options();
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
    retry_options const options;
    EXPECT_EQ(options.throttling_cost, number(suite.at("throttling")));
    EXPECT_EQ(options.retry_cost, number(suite.at("server_error")));
    EXPECT_EQ(options.retry_cost, number(suite.at("timeout")));
    EXPECT_EQ(options.success_refund, number(suite.at("success_without_retry_refund")));
}

TEST(retry_after, is_ignored_unless_it_is_a_non_negative_number) {
    retry_options const options;
    for (char const* text : {"", " ", "-1", "-0.5", "nan", "inf", "1e999", "1500ms", " 1500", "1500 ", "0x10", "Fri"}) {
        retry_quota quota;
        retry_machine machine(options, quota);
        EXPECT_EQ(machine.on_attempt_end(attempt_outcome::transient_error, 1.0, text).delay, retry_delay(25)) << text;
    }
}

TEST(retry_after, is_limited_to_five_seconds_beyond_the_throttling_delay) {
    retry_options const options;
    retry_quota quota;
    retry_machine machine(options, quota);
    EXPECT_EQ(machine.on_attempt_end(attempt_outcome::throttling_error, 1.0, "9000").delay, retry_delay(6000));
}

TEST(retry_jitter, scales_the_capped_delay_and_is_kept_within_bounds) {
    retry_options options;
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
    retry_options options;
    options.max_attempts = std::numeric_limits<unsigned>::max();
    options.retry_cost = 0;
    retry_quota quota;
    retry_machine machine(options, quota);
    retry_machine::decision last;
    for (int i = 0; i < 2000; ++i) last = machine.on_attempt_end(attempt_outcome::transient_error, 1.0);
    EXPECT_EQ(last.delay, options.max_delay);
}

TEST(retry_machine, does_not_retry_permanent_errors_and_takes_no_token_for_them) {
    retry_options const options;
    retry_quota quota;
    retry_machine machine(options, quota);
    auto const decision = machine.on_attempt_end(attempt_outcome::permanent_error, 1.0);
    EXPECT_FALSE(decision.retry);
    EXPECT_EQ(decision.reason, retry_reason::permanent_error);
    EXPECT_EQ(quota.available(), 500u);
}

TEST(retry_machine, never_retries_when_one_attempt_is_allowed) {
    retry_options options;
    options.max_attempts = 1;
    retry_quota quota;
    retry_machine machine(options, quota);
    EXPECT_EQ(machine.on_attempt_end(attempt_outcome::transient_error, 1.0).reason, retry_reason::max_attempts_reached);
    EXPECT_EQ(quota.available(), 500u);
}

TEST(retry_machine, refunds_the_last_retry_only) {
    retry_options const options;
    retry_quota quota;
    retry_machine machine(options, quota);
    (void)machine.on_attempt_end(attempt_outcome::transient_error, 1.0);
    (void)machine.on_attempt_end(attempt_outcome::throttling_error, 1.0);
    EXPECT_EQ(quota.available(), 500u - 14 - 5);
    (void)machine.on_attempt_end(attempt_outcome::success, 1.0);
    EXPECT_EQ(quota.available(), 500u - 14);
}

TEST(retry_quota, gives_one_token_back_for_a_success_at_first_try) {
    retry_options const options;
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
    EXPECT_EQ(classify(200, ""), attempt_outcome::success);
    EXPECT_EQ(classify(204, ""), attempt_outcome::success);
    EXPECT_EQ(classify(200, "ValidationException"), attempt_outcome::permanent_error);
}

} // namespace
