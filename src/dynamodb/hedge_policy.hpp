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

/// A quantile of the latest durations: a histogram of fixed size with 16 steps per power of two (so at most 1/16 too
/// long), whose counts are halved whenever they reach `window`: what was counted two windows ago weighs a quarter.
/// Allocates nothing.
class latency_quantile {
public:
    static constexpr std::uint32_t window = 2'000;

    explicit latency_quantile(double quantile) noexcept : quantile_(quantile) {}
    void add(std::chrono::nanoseconds latency) noexcept;
    /// The upper end of the quantile's step; 0 before anything was added.
    [[nodiscard]] std::chrono::nanoseconds value() const noexcept { return value_; }
    /// Durations added so far.
    [[nodiscard]] std::uint64_t samples() const noexcept { return samples_; }

private:
    static constexpr std::size_t steps = 16;
    // From 1 us, in powers of two, to more than an hour.
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

/// When a second request may be sent. No I/O, no clock.
class hedge_policy {
public:
    explicit hedge_policy(hedging_options options) noexcept;

    /// A read begins: how long to wait for it before a second request; nothing while too little is known.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> on_read(operation op) noexcept;
    /// Takes one second request off the budget, or answers false.
    [[nodiscard]] bool take() noexcept;
    /// What a read took: of one whose second request won, the time until then.
    void on_latency(operation op, std::chrono::nanoseconds latency);

private:
    hedging_options options_;
    double saved_ = 0;
    std::array<std::unique_ptr<latency_quantile>, operation_count> quantiles_{};
};

} // namespace dynasio::dynamodb::detail

#endif
