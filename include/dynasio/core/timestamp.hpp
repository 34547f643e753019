#ifndef DYNASIO_CORE_TIMESTAMP_HPP
#define DYNASIO_CORE_TIMESTAMP_HPP

#include <dynasio/core/clock.hpp>

#include <compare>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace dynasio {

/// A point in time in UTC with milliseconds, stored as RFC 3339 text ("2026-11-21T07:30:00.123Z").
///
/// The text has a fixed width, so string order is time order: usable as a sort key. Default-constructed it is *unset*
/// (is_set() is false), which is how `created_at` reads before the first save; an unset timestamp is stored as absent.
/// Range: years 0000 to 9999.
class timestamp {
public:
    constexpr timestamp() = default;
    /// Times finer than milliseconds are rounded down.
    template <class Duration>
    constexpr explicit timestamp(std::chrono::sys_time<Duration> t) noexcept
        : time_(std::chrono::floor<std::chrono::milliseconds>(t)), set_(true) {}
    /// The system's time.
    [[nodiscard]] static timestamp now() noexcept { return timestamp(system_now()); }

    [[nodiscard]] constexpr bool is_set() const noexcept { return set_; }
    [[nodiscard]] constexpr explicit operator bool() const noexcept { return set_; }
    /// Epoch when unset.
    [[nodiscard]] constexpr system_time time() const noexcept { return time_; }

    /// The first time past the range, which to_string() refuses.
    static constexpr system_time end_time = std::chrono::sys_days(std::chrono::year(10000) / 1 / 1);

    /// RFC 3339, always with three decimals and 'Z'; empty when unset. Throws errc::invalid_argument outside the range.
    [[nodiscard]] std::string to_string() const;
    static constexpr std::size_t text_size = 24;
    /// Writes the text of to_string() to the text_size bytes at `out`, without a terminating zero. Returns the number
    /// of bytes written: 0 when unset.
    std::size_t to_chars(char* out) const;
    /// Reads RFC 3339 (decimals past milliseconds are cut off), with a space or 'T', and with "Z", " UTC", "+hh:mm",
    /// "+hhmm" or "+hh", also behind a space. Returns nothing for other texts: a time without an offset may be any. A
    /// leap second (23:59:60 UTC at the end of a month) is read as the millisecond before it, ":60" nowhere else.
    [[nodiscard]] static std::optional<timestamp> parse(std::string_view text) noexcept;

    /// Unset sorts before every time.
    friend constexpr auto operator<=>(timestamp a, timestamp b) noexcept {
        if (a.set_ != b.set_) return a.set_ <=> b.set_;
        return a.time_.time_since_epoch().count() <=> b.time_.time_since_epoch().count();
    }
    friend constexpr bool operator==(timestamp a, timestamp b) noexcept { return (a <=> b) == 0; }

private:
    system_time time_{};
    bool set_{};
};

} // namespace dynasio

#endif
