#ifndef DYNASIO_SRC_DYNAMODB_HEDGE_POLICY_HPP
#define DYNASIO_SRC_DYNAMODB_HEDGE_POLICY_HPP

#include <dynasio/dynamodb/hedging.hpp>
#include <dynasio/dynamodb/operation.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace dynasio::dynamodb::detail {

/// A quantile of the recent durations, from a histogram of fixed size with 16 steps per power of two (so it is at most
/// 1/16 too long). The counts are halved whenever their sum reaches `window`, so that a duration counted two windows
/// ago has a quarter of its weight. Allocates nothing.
class latency_quantile {
public:
    static constexpr std::uint32_t window = 2'000;

    explicit latency_quantile(double quantile) noexcept : quantile_(quantile) {}
    void add(std::chrono::nanoseconds latency) noexcept;
    /// The upper end of the quantile's step; 0 before the first add().
    [[nodiscard]] std::chrono::nanoseconds value() const noexcept { return value_; }
    /// Durations added so far.
    [[nodiscard]] std::uint64_t samples() const noexcept { return samples_; }

private:
    static constexpr std::size_t steps = 16;
    // Powers of two from 1 us to more than an hour.
    static constexpr std::size_t octaves = 32;
    [[nodiscard]] static std::size_t bucket_of(std::chrono::nanoseconds latency) noexcept;
    [[nodiscard]] static std::chrono::nanoseconds end_of(std::size_t bucket) noexcept;
    void find_value() noexcept;

    double quantile_;
    std::array<std::uint16_t, steps * octaves> counts_{};
    std::uint32_t total_ = 0;
    std::uint64_t samples_ = 0;
    std::chrono::nanoseconds value_{};
};

/// Decides when a second request may be sent. It does no I/O and uses no clock.
class hedge_policy {
public:
    explicit hedge_policy(hedging_options options) noexcept;

    /// A read begins. Returns the time after which a second request may be sent; nothing while there are too few
    /// samples.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> on_read(operation op) noexcept;
    /// Takes one second request from the budget; false if there is none.
    [[nodiscard]] bool take() noexcept;
    /// Adds the latency of a read. If its second request won, it is the time until that answer.
    void on_latency(operation op, std::chrono::nanoseconds latency);

private:
    hedging_options options_;
    double saved_ = 0;
    std::array<std::unique_ptr<latency_quantile>, operation_count> quantiles_{};
};

} // namespace dynasio::dynamodb::detail

#endif
