#ifndef DYNASIO_CORE_EPOCH_TIME_HPP
#define DYNASIO_CORE_EPOCH_TIME_HPP

#include <dynasio/core/timestamp.hpp>

#include <chrono>
#include <compare>
#include <type_traits>

namespace dynasio {

/// A point in time that is stored as a number: the Units since 1970-01-01T00:00:00 UTC, without leap seconds. Use
/// epoch_seconds or epoch_milliseconds.
///
/// Default-constructed it is *unset* (is_set() is false) and stored as absent. Finer times are rounded down. A number
/// with a fraction ("1700000000.25") is rounded down when it is read.
template <class Unit> class epoch_time {
public:
    static_assert(std::is_same_v<Unit, std::chrono::seconds> || std::is_same_v<Unit, std::chrono::milliseconds>,
                  "dynasio: use epoch_seconds or epoch_milliseconds");
    using duration = Unit;

    constexpr epoch_time() = default;
    /// Implicit, so that a time can be assigned: `session.expires_at = system_now() + 24h`.
    template <class Duration>
    constexpr epoch_time(std::chrono::sys_time<Duration> t) noexcept // NOLINT(google-explicit-constructor)
        : time_(timestamp(std::chrono::floor<Unit>(t))) {}
    constexpr epoch_time(timestamp t) noexcept // NOLINT(google-explicit-constructor)
        : time_(t.is_set() ? timestamp(std::chrono::floor<Unit>(t.time())) : timestamp()) {}
    /// The system's time.
    [[nodiscard]] static epoch_time now() noexcept { return epoch_time(timestamp::now()); }
    /// The time that is stored as this number.
    [[nodiscard]] static constexpr epoch_time from_count(typename Unit::rep count) noexcept {
        return epoch_time(std::chrono::sys_time<Unit>(Unit(count)));
    }

    [[nodiscard]] constexpr bool is_set() const noexcept { return time_.is_set(); }
    [[nodiscard]] constexpr explicit operator bool() const noexcept { return is_set(); }
    /// Epoch when unset.
    [[nodiscard]] constexpr system_time time() const noexcept { return time_.time(); }
    /// The number that is stored; 0 when unset.
    [[nodiscard]] constexpr typename Unit::rep count() const noexcept {
        return std::chrono::floor<Unit>(time_.time()).time_since_epoch().count();
    }
    [[nodiscard]] constexpr timestamp to_timestamp() const noexcept { return time_; }

    /// Unset sorts before every time. A timestamp is compared with all its digits.
    friend constexpr auto operator<=>(epoch_time a, epoch_time b) noexcept { return a.time_ <=> b.time_; }
    friend constexpr bool operator==(epoch_time a, epoch_time b) noexcept { return a.time_ == b.time_; }
    friend constexpr auto operator<=>(epoch_time a, timestamp b) noexcept { return a.time_ <=> b; }
    friend constexpr bool operator==(epoch_time a, timestamp b) noexcept { return a.time_ == b; }

private:
    timestamp time_{};
};

/// A time stored as the number of seconds since 1970: what DynamoDB's time to live (TTL) needs.
using epoch_seconds = epoch_time<std::chrono::seconds>;
/// A time stored as the number of milliseconds since 1970, as JavaScript's Date.now() gives it.
using epoch_milliseconds = epoch_time<std::chrono::milliseconds>;

} // namespace dynasio

#endif
