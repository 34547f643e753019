#include <dynasio/aws/retry.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

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

// A server may lengthen the computed delay by this much.
constexpr retry_delay retry_after_slack = std::chrono::seconds(5);

template <class List> bool contains(List const& list, std::string_view code) noexcept {
    return std::find(list.begin(), list.end(), code) != list.end();
}

/// `t` lengthened to what the server asked for, within limits.
retry_delay with_retry_after(retry_delay t, std::string_view text) noexcept {
    double milliseconds = 0;
    auto const [end, failed] = std::from_chars(text.data(), text.data() + text.size(), milliseconds);
    if (failed != std::errc() || end != text.data() + text.size() || !std::isfinite(milliseconds) || milliseconds < 0)
        return t;
    return std::clamp(retry_delay(milliseconds), t, t + retry_after_slack);
}

} // namespace

attempt_outcome classify(unsigned http_status, std::string_view error_code) noexcept {
    if (error_code.empty() && http_status >= 200 && http_status < 300) return attempt_outcome::success;
    if (contains(throttling_codes, error_code)) return attempt_outcome::throttling_error;
    if (contains(transient_codes, error_code)) return attempt_outcome::transient_error;
    switch (http_status) {
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
        quota_->give_back(attempts_ == 1 ? options_->success_refund : last_cost_);
        result.reason = retry_reason::success;
        return result;
    }
    if (outcome == attempt_outcome::permanent_error) {
        result.reason = retry_reason::permanent_error;
        return result;
    }
    if (attempts_ >= options_->max_attempts) {
        result.reason = retry_reason::max_attempts_reached;
        return result;
    }
    bool const throttled = outcome == attempt_outcome::throttling_error;
    unsigned const cost = throttled ? options_->throttling_cost : options_->retry_cost;
    if (!quota_->take(cost)) {
        result.reason = retry_reason::quota_exhausted;
        return result;
    }
    last_cost_ = cost;
    // ldexp() takes an int, and past 63 doublings any base is beyond any cap.
    int const doublings = static_cast<int>(std::min(attempts_ - 1, 63u));
    retry_delay const base = throttled ? options_->throttling_delay : options_->base_delay;
    retry_delay const backoff(std::ldexp(base.count(), doublings));
    // Written so that a jitter that is no number counts as 0.
    double const factor = jitter > 0 ? std::min(jitter, 1.0) : 0.0;
    result.delay = factor * std::min(backoff, options_->max_delay);
    if (retry_after) result.delay = with_retry_after(result.delay, *retry_after);
    result.retry = true;
    result.reason = retry_reason::retryable_error;
    return result;
}

} // namespace dynasio::aws
