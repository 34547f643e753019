#include <dynasio/aws/rate_limiter.hpp>

#include <algorithm>
#include <cmath>

namespace dynasio::aws {
namespace {

constexpr double beta = 0.7;
constexpr double scale = 0.4;
constexpr double smoothing = 0.8;
constexpr double min_rate = 0.5;
constexpr double min_capacity = 1;
constexpr double buckets_per_second = 2;
constexpr double max_rise = 2; // times the measured rate

double plateau_of(double max_rate) noexcept { return std::cbrt(max_rate * (1 - beta) / scale); }

} // namespace

cubic_rate::cubic_rate(double max_rate, rate_time last_throttle) noexcept
    : max_rate_(max_rate), plateau_(plateau_of(max_rate)), last_throttle_(last_throttle) {}

double cubic_rate::on_success(rate_time now) const noexcept {
    double const t = (now - last_throttle_).count() - plateau_;
    return scale * t * t * t + max_rate_;
}

double cubic_rate::on_throttle(double rate, rate_time now) noexcept {
    *this = cubic_rate(rate, now);
    return rate * beta;
}

rate_limiter::rate_limiter(rate_time now) noexcept : cubic_(0, now), bucket_(std::floor(now.count())), refilled_(now) {}

rate_time rate_limiter::acquire(rate_time now) noexcept {
    if (!enabled_) return rate_time(0);
    refill(now);
    rate_time const missing((1 - tokens_) / rate_);
    // A wait of at most a nanosecond counts as zero, because clocks cannot wait for less and a caller would ask for
    // ever.
    if (missing > std::chrono::nanoseconds(1)) return missing;
    tokens_ = std::max(0.0, tokens_ - 1);
    return rate_time(0);
}

void rate_limiter::on_attempt_end(bool throttled, rate_time now) noexcept {
    measure(now);
    double allowed = 0;
    if (throttled) {
        allowed = cubic_.on_throttle(enabled_ ? std::min(measured_, rate_) : measured_, now);
        enabled_ = true;
    } else {
        allowed = cubic_.on_success(now);
    }
    refill(now); // at the old rate
    double const rate = std::min(allowed, max_rise * measured_);
    rate_ = std::max(rate, min_rate);
    capacity_ = std::max(rate, min_capacity);
    tokens_ = std::min(tokens_, capacity_);
}

void rate_limiter::refill(rate_time now) noexcept {
    double const elapsed = std::max(0.0, (now - refilled_).count());
    tokens_ = std::min(capacity_, tokens_ + elapsed * rate_);
    refilled_ = std::max(refilled_, now);
}

void rate_limiter::measure(rate_time now) noexcept {
    ++count_;
    double const bucket = std::floor(now.count() * buckets_per_second) / buckets_per_second;
    if (bucket <= bucket_) return;
    double const current = static_cast<double>(count_) / (bucket - bucket_);
    measured_ = current * smoothing + measured_ * (1 - smoothing);
    count_ = 0;
    bucket_ = bucket;
}

} // namespace dynasio::aws
