#include <dynasio/aws/client_settings.hpp>
#include <dynasio/aws/retry.hpp>

#include <dynasio/core/duration.hpp>
#include <dynasio/core/error.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <system_error>

#include "../core/refuse_configuration.hpp"

namespace dynasio::aws {
namespace {

constexpr std::array<std::string_view, 14> throttling_codes{
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
};

constexpr std::array<std::string_view, 4> transient_codes{
    "InternalServerError",
    "ReplicatedWriteConflictException",
    "RequestTimeout",
    "RequestTimeoutException",
};

// A server may lengthen the computed delay by at most this (x-amz-retry-after).
constexpr retry_delay retry_after_slack = std::chrono::seconds(5);

template <class List> bool contains(List const& list, std::string_view code) noexcept {
    return std::find(list.begin(), list.end(), code) != list.end();
}

/// `t` lengthened to the delay that the server asked for, by at most retry_after_slack.
retry_delay with_retry_after(retry_delay t, std::string_view text) noexcept {
    double milliseconds = 0;
    auto const [end, failed] = std::from_chars(text.data(), text.data() + text.size(), milliseconds);
    if (failed != std::errc() || end != text.data() + text.size() || !std::isfinite(milliseconds) || milliseconds < 0)
        return t;
    return std::clamp(retry_delay(milliseconds), t, t + retry_after_slack);
}

using dynasio::detail::refuse_configuration;

void check_delay(retry_delay& delay, char const* name) {
    // The negated comparison also refuses NaN.
    if (!(delay.count() >= 0 && delay <= std::chrono::milliseconds::max()))
        refuse_configuration(std::string(name) + ": must be from 0 to std::chrono::milliseconds::max()");
    dynasio::detail::limit_duration(delay);
}

retry_mode mode_of(setting const& from) {
    std::string const text = from.lower_case();
    if (text == "standard") return retry_mode::standard;
    if (text == "adaptive") return retry_mode::adaptive;
    if (text == "legacy")
        from.refuse("the legacy mode does not exist here: use standard, and max_attempts if its number matters");
    from.refuse("no retry mode: use standard or adaptive");
}

} // namespace

std::string_view to_string(retry_mode mode) noexcept {
    switch (mode) {
    case retry_mode::standard:
        return "standard";
    case retry_mode::standard_2_0:
        return "standard_2_0";
    case retry_mode::adaptive:
        return "adaptive";
    case retry_mode::off:
        return "off";
    }
    return "";
}

retry_policy::retry_policy(retry_options const& options) {
    mode = options.mode.value_or(retry_mode::standard);
    if (mode == retry_mode::standard_2_0) {
        max_attempts = 3;
        base_delay = std::chrono::seconds(1);
        retry_cost = 5;
        timeout_cost = 10;
        heeds_retry_after = false;
    }
    if (mode == retry_mode::off) max_attempts = 1;
    max_attempts = options.max_attempts.value_or(max_attempts);
    base_delay = options.base_delay.value_or(base_delay);
    throttling_delay = options.throttling_delay.value_or(throttling_delay);
    max_delay = options.max_delay.value_or(max_delay);
    quota = options.quota.value_or(quota);
    retry_cost = options.retry_cost.value_or(retry_cost);
    throttling_cost = options.throttling_cost.value_or(throttling_cost);
    timeout_cost = options.timeout_cost.value_or(timeout_cost);
    success_refund = options.success_refund.value_or(success_refund);
    if (max_attempts == 0) refuse_configuration("retry.max_attempts: 0 would send nothing; 1 switches retries off");
    check_delay(base_delay, "retry.base_delay");
    check_delay(throttling_delay, "retry.throttling_delay");
    check_delay(max_delay, "retry.max_delay");
}

retry_options retry_policy::as_options() const {
    retry_options all;
    all.mode = mode;
    all.max_attempts = max_attempts;
    all.base_delay = base_delay;
    all.throttling_delay = throttling_delay;
    all.max_delay = max_delay;
    all.quota = quota;
    all.retry_cost = retry_cost;
    all.throttling_cost = throttling_cost;
    all.timeout_cost = timeout_cost;
    all.success_refund = success_refund;
    return all;
}

retry_policy resolve_retry(retry_options options, client_settings const& from) {
    bool const off = options.mode == retry_mode::off;
    if (!options.mode)
        if (auto const found = from.find("AWS_RETRY_MODE", "retry_mode")) options.mode = mode_of(*found);
    if (!options.max_attempts && !off)
        if (auto const found = from.find("AWS_MAX_ATTEMPTS", "max_attempts")) options.max_attempts = found->count();
    return retry_policy(options);
}

attempt_outcome classify(unsigned http_status, std::string_view error_code) noexcept {
    if (error_code.empty() && http_status >= 200 && http_status < 300) return attempt_outcome::success;
    if (contains(throttling_codes, error_code)) return attempt_outcome::throttling_error;
    if (contains(transient_codes, error_code)) return attempt_outcome::transient_error;
    switch (http_status) {
    case 429:
        // Status 429 is throttling whatever the error code, also when a proxy or gateway in front of the service sent
        // it.
        return attempt_outcome::throttling_error;
    case 0:
    case 500:
    case 502:
    case 503:
    case 504:
        return attempt_outcome::transient_error;
    default:
        return attempt_outcome::permanent_error;
    }
}

bool retry_quota::take(unsigned cost) noexcept {
    if (cost > available_) return false;
    available_ -= cost;
    return true;
}

void retry_quota::give_back(unsigned amount) noexcept { available_ += std::min(amount, capacity_ - available_); }

retry_machine::decision retry_machine::on_attempt_end(attempt_outcome outcome, double jitter,
                                                      std::optional<std::string_view> retry_after) noexcept {
    decision result;
    ++attempts_;
    if (outcome == attempt_outcome::success) {
        quota_->give_back(attempts_ == 1 ? policy_->success_refund : last_cost_);
        result.reason = retry_reason::success;
        return result;
    }
    if (outcome == attempt_outcome::permanent_error) {
        result.reason = retry_reason::permanent_error;
        return result;
    }
    if (attempts_ >= max_attempts_) {
        result.reason = retry_reason::max_attempts_reached;
        return result;
    }
    bool const throttled = outcome == attempt_outcome::throttling_error;
    unsigned const cost = throttled                                   ? policy_->throttling_cost
                          : outcome == attempt_outcome::timeout_error ? policy_->timeout_cost
                                                                      : policy_->retry_cost;
    if (!quota_->take(cost)) {
        result.reason = retry_reason::quota_exhausted;
        return result;
    }
    last_cost_ = cost;
    // ldexp() takes an int. After 63 doublings every base exceeds every max_delay, so the number is limited to 63.
    int const doublings = static_cast<int>(std::min(attempts_ - 1, 63u));
    retry_delay const base = throttled ? policy_->throttling_delay : policy_->base_delay;
    retry_delay const backoff(std::ldexp(base.count(), doublings));
    // The comparison is false for NaN, so that NaN counts as 0.
    double const factor = jitter > 0 ? std::min(jitter, 1.0) : 0.0;
    result.delay = factor * std::min(backoff, policy_->max_delay);
    if (retry_after && policy_->heeds_retry_after) result.delay = with_retry_after(result.delay, *retry_after);
    result.retry = true;
    result.reason = retry_reason::retryable_error;
    return result;
}

} // namespace dynasio::aws
