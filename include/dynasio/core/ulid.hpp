#ifndef DYNASIO_CORE_ULID_HPP
#define DYNASIO_CORE_ULID_HPP

#include <dynasio/core/clock.hpp>
#include <dynasio/core/uuid.hpp>

#include <array>
#include <compare>
#include <cstddef>
#include <cstring>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace dynasio {

/// A ULID in 16 bytes. Made by default it is nil, which stands for none. The order of ULIDs is that of their texts and
/// of their times.
class ulid {
public:
    static constexpr std::size_t text_size = 26;

    constexpr ulid() = default;
    /// The time in the first 48 bits, random bits behind it.
    [[nodiscard]] static constexpr ulid from_bytes(std::array<unsigned char, 16> const& bytes) noexcept {
        ulid made;
        made.bytes_ = bytes;
        return made;
    }
    /// Nothing when `text` is not a ULID. Lower case is accepted.
    [[nodiscard]] static std::optional<ulid> parse(std::string_view text) noexcept;

    [[nodiscard]] constexpr bool is_nil() const noexcept { return bytes_ == std::array<unsigned char, 16>{}; }
    [[nodiscard]] constexpr std::array<unsigned char, 16> const& bytes() const noexcept { return bytes_; }
    [[nodiscard]] system_time time() const noexcept;
    /// 26 characters in upper case.
    [[nodiscard]] std::string to_string() const;
    /// Writes the text_size characters of to_string().
    void to_chars(char* to) const noexcept;

    friend bool operator==(ulid const&, ulid const&) = default;
    friend auto operator<=>(ulid const&, ulid const&) = default;

private:
    std::array<unsigned char, 16> bytes_{};
};
/// The text of the ULID.
std::ostream& operator<<(std::ostream& out, ulid const& id);

/// Makes ULIDs: 26 characters of Crockford's base 32, 48 bits of milliseconds and 80 random bits
/// (github.com/ulid/spec). Monotonic: each ULID is greater than the previous one of the same generator, also within one
/// millisecond, across threads, and when the clock steps back. Safe to share between threads. A child of fork() draws
/// new random bits, so that parent and child make different ULIDs.
///
/// Within one millisecond the random bits of the first ULID are incremented. If the lower 74 of them overflow, which
/// are those of a UUID, the next millisecond is used ahead of the clock.
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
    /// A UUID of version 7 (RFC 9562, 5.7): the milliseconds and 74 random bits. It is greater than every UUID of
    /// version 7 that the generator has made before (method 2 of RFC 9562, 6.2). Throws what next() throws.
    [[nodiscard]] uuid_bytes next_uuid();
    /// A UUID of version 4 (RFC 9562, 5.4): 122 random bits. Throws as next() does when there are no random bytes.
    [[nodiscard]] uuid_bytes random_uuid();

private:
    struct state;
    std::unique_ptr<state> state_;
};

/// The time inside a ULID; nothing when `text` is not a ULID. Lower case is accepted.
[[nodiscard]] std::optional<system_time> ulid_time(std::string_view text) noexcept;

} // namespace dynasio

template <> struct std::hash<dynasio::ulid> {
    std::size_t operator()(dynasio::ulid const& id) const noexcept {
        // The last bytes differ most.
        std::size_t last = 0;
        std::memcpy(&last, id.bytes().data() + id.bytes().size() - sizeof last, sizeof last);
        std::size_t first = 0;
        std::memcpy(&first, id.bytes().data(), sizeof first);
        return last ^ (first * 31);
    }
};

#endif
