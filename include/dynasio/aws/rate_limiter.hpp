#ifndef DYNASIO_AWS_RATE_LIMITER_HPP
#define DYNASIO_AWS_RATE_LIMITER_HPP

#include <chrono>
#include <cstdint>

namespace dynasio::aws {

/// A time, or a span of time, in seconds. Times count from wherever the caller likes, but never backwards.
using rate_time = std::chrono::duration<double>;

/// The rate that CUBIC allows: after a throttling answer it drops to 7/10, rises quickly to about where it was, lingers
/// there, and then tries for more. Rates are in requests per second.
class cubic_rate {
public:
    cubic_rate() = default;
    /// As if throttled at `last_throttle` while `max_rate` was sent.
    cubic_rate(double max_rate, rate_time last_throttle) noexcept;
    /// An answer that was no throttling one.
    [[nodiscard]] double on_success(rate_time now) const noexcept;
    /// A throttling answer while `rate` was sent.
    [[nodiscard]] double on_throttle(double rate, rate_time now) noexcept;

private:
    double max_rate_ = 0;
    double plateau_ = 0; ///< Seconds from a drop until the rate is back where it was.
    rate_time last_throttle_{0};
};

/// The client-side limit of the adaptive retry mode: a bucket of tokens, one for each attempt, whose rate follows the
/// answers. It stays out of the way until the service throttles for the first time. No clock, no timer: times in,
/// decisions out. Not thread-safe.
class rate_limiter {
public:
    explicit rate_limiter(rate_time now = rate_time(0)) noexcept;

    /// Before each attempt. Zero: a token was taken, go ahead. Else none was taken: ask again after that time, or
    /// earlier when an answer has come in.
    [[nodiscard]] rate_time acquire(rate_time now) noexcept;
    /// After each attempt, whatever its end was.
    void on_attempt_end(bool throttled, rate_time now) noexcept;

    /// Whether acquire() can refuse: since the first throttling answer.
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
    double bucket_; ///< Half-second in which attempts are being counted.
    std::uint64_t count_ = 0;
    rate_time refilled_;
    bool enabled_ = false;
};

} // namespace dynasio::aws

#endif
