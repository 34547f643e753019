#ifndef DYNASIO_CORE_DURATION_HPP
#define DYNASIO_CORE_DURATION_HPP

#include <chrono>

namespace dynasio {

/// The longest time that options keep, ten years: whoever says std::chrono::milliseconds::max() means "never", and a
/// time that goes on to be added to a clock's would wrap around and be over at once.
inline constexpr std::chrono::hours longest_duration{10 * 365 * 24};

namespace detail {

/// `value` as `To`, rounded up, but no longer than longest_duration, and no more negative. What is no number is the
/// longest.
template <class To, class Rep, class Period>
[[nodiscard]] constexpr To limited_duration(std::chrono::duration<Rep, Period> value) noexcept {
    // Compared where nothing overflows; a few bits are lost where it does not matter.
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
