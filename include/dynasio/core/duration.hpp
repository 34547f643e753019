#ifndef DYNASIO_CORE_DURATION_HPP
#define DYNASIO_CORE_DURATION_HPP

#include <chrono>

namespace dynasio {

/// The longest duration that options keep: ten years. Callers pass std::chrono::milliseconds::max() to mean "never";
/// added to a clock's time, that value would overflow and the deadline would have passed at once.
inline constexpr std::chrono::hours longest_duration{10 * 365 * 24};

namespace detail {

/// Converts `value` to `To`, rounded up and clamped to [-longest_duration, longest_duration]. NaN becomes
/// longest_duration.
template <class To, class Rep, class Period>
[[nodiscard]] constexpr To limited_duration(std::chrono::duration<Rep, Period> value) noexcept {
    // The comparison is made in double, which cannot overflow; the lost precision does not matter at ten years.
    using seconds = std::chrono::duration<double>;
    if (!(seconds(value) <= seconds(longest_duration))) return longest_duration;
    if (seconds(value) < -seconds(longest_duration)) return -longest_duration;
    return std::chrono::ceil<To>(value);
}

template <class Duration> constexpr void limit_duration(Duration& value) noexcept {
    value = limited_duration<Duration>(value);
}

} // namespace detail

} // namespace dynasio

#endif
