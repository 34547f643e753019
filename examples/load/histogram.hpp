#ifndef DYNASIO_EXAMPLES_LOAD_HISTOGRAM_HPP
#define DYNASIO_EXAMPLES_LOAD_HISTOGRAM_HPP

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

/// Counts of durations in microseconds. A bucket is at most a sixteenth of its values wide, from microseconds to hours,
/// so that a percentile read off it is at most 6.25 % too high; adding allocates nothing.
class histogram {
public:
    void add(std::uint64_t value) noexcept {
        ++counts_[index_of(value)];
        ++total_;
        max_ = std::max(max_, value);
    }
    void add(histogram const& other) noexcept {
        for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
        total_ += other.total_;
        max_ = std::max(max_, other.max_);
    }

    [[nodiscard]] std::uint64_t total() const noexcept { return total_; }
    [[nodiscard]] std::uint64_t max() const noexcept { return max_; }
    /// The smallest bound that `fraction` of the values do not exceed; 0 without values.
    [[nodiscard]] std::uint64_t percentile(double fraction) const noexcept {
        auto const wanted = static_cast<std::uint64_t>(std::ceil(fraction * static_cast<double>(total_)));
        std::uint64_t seen = 0;
        for (std::size_t i = 0; i < counts_.size(); ++i) {
            seen += counts_[i];
            if (seen >= wanted && seen > 0) return std::min(upper_bound_of(i), max_);
        }
        return max_;
    }
    /// How many values lie in [from, to), exact for powers of two.
    [[nodiscard]] std::uint64_t between(std::uint64_t from, std::uint64_t to) const noexcept {
        std::uint64_t sum = 0;
        for (auto i = index_of(from); i < index_of(to); ++i) sum += counts_[i];
        return sum;
    }

private:
    static constexpr std::size_t steps = 16, octaves = 40;

    static std::size_t index_of(std::uint64_t value) noexcept {
        value = std::min(value, (std::uint64_t{1} << octaves) - 1);
        if (value < steps) return value;
        auto const shift = static_cast<std::size_t>(std::bit_width(value)) - 5;
        return shift * steps + (value >> shift);
    }
    static std::uint64_t upper_bound_of(std::size_t index) noexcept {
        if (index < steps) return index;
        auto const shift = index / steps - 1;
        return ((index % steps + steps + 1) << shift) - 1;
    }

    std::array<std::uint64_t, steps * octaves> counts_{};
    std::uint64_t total_ = 0, max_ = 0;
};

#endif
