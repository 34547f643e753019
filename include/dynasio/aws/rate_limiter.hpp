#ifndef DYNASIO_AWS_RATE_LIMITER_HPP
#define DYNASIO_AWS_RATE_LIMITER_HPP

#include <chrono>
#include <cstdint>

namespace dynasio::aws {

/// A time or a duration in seconds. The caller chooses the origin of times; they must not decrease.
using rate_time = std::chrono::duration<double>;

/// The rate that CUBIC allows, in requests per second. After a throttling answer it drops to 7/10, rises quickly to
/// about the previous rate, stays near it for a while, and then rises further.
class cubic_rate {
public:
    cubic_rate() = default;
    /// The state after a throttling answer at `last_throttle` while requests were sent at `max_rate`.
    cubic_rate(double max_rate, rate_time last_throttle) noexcept;
    /// The allowed rate after an answer that was not a throttling one.
    [[nodiscard]] double on_success(rate_time now) const noexcept;
    /// The allowed rate after a throttling answer while requests were sent at `rate`.
    [[nodiscard]] double on_throttle(double rate, rate_time now) noexcept;

private:
    double max_rate_ = 0;
    double plateau_ = 0; ///< Seconds from a drop until the rate has its previous value.
    rate_time last_throttle_{0};
};

/// The client-side limit of the adaptive retry mode: a token bucket, one token for each attempt, whose rate depends on
/// the answers. It does not limit anything until the service throttles for the first time. It uses no clock and no
/// timer; the caller passes the times. Not thread-safe.
class rate_limiter {
public:
    explicit rate_limiter(rate_time now = rate_time(0)) noexcept;

    /// Call it before each attempt. Zero: a token was taken and the attempt may start. Otherwise no token was taken:
    /// call it again after the returned time, or earlier when an answer has arrived.
    [[nodiscard]] rate_time acquire(rate_time now) noexcept;
    /// Call it after each attempt, whatever its result.
    void on_attempt_end(bool throttled, rate_time now) noexcept;

    /// Whether acquire() limits attempts, which it does from the first throttling answer on.
    [[nodiscard]] bool enabled() const noexcept { return enabled_; }
    [[nodiscard]] double rate() const noexcept { return rate_; }              ///< Tokens a second, at least 0.5.
    [[nodiscard]] double measured_rate() const noexcept { return measured_; } ///< Attempts a second, smoothed.
    [[nodiscard]] double tokens() const noexcept { return tokens_; }          ///< Never negative.
    [[nodiscard]] double capacity() const noexcept { return capacity_; }      ///< At least 1.

private:
    void refill(rate_time now) noexcept;
    void measure(rate_time now) noexcept;

    cubic_rate cubic_;
    double rate_ = 0.5;
    double capacity_ = 1;
    double tokens_ = 0;
    double measured_ = 0;
    double bucket_; ///< The half-second in which attempts are counted.
    std::uint64_t count_ = 0;
    rate_time refilled_;
    bool enabled_ = false;
};

} // namespace dynasio::aws

#endif
