#ifndef DYNASIO_CORE_ULID_HPP
#define DYNASIO_CORE_ULID_HPP

#include <dynasio/core/clock.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace dynasio {

/// Makes ULIDs: 26 characters of Crockford's base 32, 48 bits of milliseconds and 80 random bits
/// (github.com/ulid/spec). Monotonic: each ULID is greater than the previous one of the same generator, also within one
/// millisecond, across threads, and when the clock steps back. Safe to share between threads. A child of fork() draws
/// new random bits, so that parent and child make different ULIDs.
///
/// Within one millisecond the random bits of the first ULID are incremented. If they overflow, the next millisecond is
/// used ahead of the clock.
class ulid_generator {
public:
    /// Fills the span with random bytes.
    using random_source = std::function<void(std::span<unsigned char>)>;

    /// Random bits come from OpenSSL's generator. `clock` is called by one thread at a time.
    explicit ulid_generator(wall_clock clock = system_now);
    /// Takes the random bits from `random`, for tests.
    ulid_generator(wall_clock clock, random_source random);
    ~ulid_generator();
    ulid_generator(ulid_generator const&) = delete;
    ulid_generator& operator=(ulid_generator const&) = delete;

    /// Throws dynasio::error with a code of the system when OpenSSL has no random bytes, errc::invalid_argument when
    /// the clock is past the year 10889. Times before 1970 count as 1970.
    [[nodiscard]] std::string next();

private:
    struct state;
    std::unique_ptr<state> state_;
};

/// The time inside a ULID; nothing when `text` is not a ULID. Lower case is accepted.
[[nodiscard]] std::optional<system_time> ulid_time(std::string_view text) noexcept;

} // namespace dynasio

#endif
