#include "hedge_policy.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace dynasio::dynamodb::detail {

std::size_t latency_quantile::bucket_of(std::chrono::nanoseconds latency) noexcept {
    auto const units = static_cast<std::uint64_t>(std::max<std::int64_t>(latency.count(), 0)) / 1'000 * steps;
    if (units < steps) return 0;
    // 2^k * steps <= units < 2^(k+1) * steps
    auto const octave = static_cast<std::size_t>(std::bit_width(units / steps)) - 1;
    auto const step = static_cast<std::size_t>(units >> octave) - steps;
    return std::min(octave * steps + step, steps * octaves - 1);
}

std::chrono::nanoseconds latency_quantile::end_of(std::size_t bucket) noexcept {
    auto const octave = bucket / steps;
    auto const step = bucket % steps + 1;
    return std::chrono::nanoseconds(static_cast<std::int64_t>((steps + step) * 1'000 / steps) << octave);
}

void latency_quantile::add(std::chrono::nanoseconds latency) noexcept {
    ++counts_[bucket_of(latency)];
    ++total_;
    ++samples_;
    if (total_ >= window) {
        total_ = 0;
        for (auto& count : counts_) {
            count = static_cast<std::uint16_t>(count / 2);
            total_ += count;
        }
    }
    // With many samples the value changes slowly, so it is computed only for every 32nd sample.
    if (samples_ < 64 || samples_ % 32 == 0) find_value();
}

void latency_quantile::find_value() noexcept {
    auto const rank = static_cast<std::uint32_t>(std::ceil(quantile_ * total_));
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        sum += counts_[i];
        if (sum >= rank && sum > 0) {
            value_ = end_of(i);
            return;
        }
    }
}

hedge_policy::hedge_policy(hedging_options options) noexcept : options_(options) {}

std::optional<std::chrono::nanoseconds> hedge_policy::on_read(operation op) noexcept {
    saved_ = std::min(saved_ + options_.budget, std::max(options_.burst, 1.0));
    auto const& quantile = quantiles_[static_cast<std::size_t>(op)];
    if (!quantile || quantile->samples() < options_.min_samples) return std::nullopt;
    return std::max<std::chrono::nanoseconds>(quantile->value(), options_.min_delay);
}

bool hedge_policy::take() noexcept {
    // The sum of 20 times 0.05 is slightly less than 1 in floating point.
    if (saved_ < 1 - 1e-9) return false;
    saved_ -= 1;
    return true;
}

void hedge_policy::on_latency(operation op, std::chrono::nanoseconds latency) {
    auto& quantile = quantiles_[static_cast<std::size_t>(op)];
    if (!quantile) quantile = std::make_unique<latency_quantile>(options_.percentile);
    quantile->add(latency);
}

} // namespace dynasio::dynamodb::detail
