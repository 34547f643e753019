#include <dynasio/core/detail/process_generation.hpp>
#include <dynasio/core/error.hpp>
#include <dynasio/core/ulid.hpp>

#include <openssl/rand.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <ostream>
#include <utility>

namespace dynasio {
namespace {

constexpr std::size_t text_length = 26;
constexpr std::size_t time_length = 10;
constexpr std::size_t random_length = 10;
/// The bits of `high` that a UUID of version 7 has.
constexpr std::uint16_t uuid_high_mask = (1 << 10) - 1;
constexpr std::uint64_t max_milliseconds = (std::uint64_t(1) << 48) - 1;
constexpr char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void openssl_random(std::span<unsigned char> out) {
    if (::RAND_bytes(out.data(), static_cast<int>(out.size())) != 1)
        throw_error(boost::system::errc::make_error_code(boost::system::errc::io_error),
                    "OpenSSL's random generator gives no bytes: check how it is seeded");
}

/// What one turn of the generator gives.
struct drawn {
    std::uint64_t milliseconds;
    std::uint64_t high;
    std::uint64_t low;
};

int digit_value(char c) noexcept {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c >= '0' && c <= '9') return c - '0';
    switch (c) {
    case 'I':
    case 'L':
    case 'O':
    case 'U':
        return -1;
    default:
        break;
    }
    if (c < 'A' || c > 'Z') return -1;
    int const skipped = (c > 'I') + (c > 'L') + (c > 'O') + (c > 'U');
    return c - 'A' + 10 - skipped;
}

} // namespace

struct ulid_generator::state {
    wall_clock clock;
    random_source random;
    std::mutex mutex{};
    bool started = false;
    // A forked child inherits its parent's last value and batch of random bytes and must use neither, or both processes
    // would make the same ULIDs.
    unsigned process = detail::process_generation();
    std::uint64_t milliseconds = 0;
    std::uint16_t high = 0; // The upper 16 of the 80 random bits.
    std::uint64_t low = 0;
    // Random bytes are fetched for 32 ULIDs at a time, because one call of OpenSSL costs more than making several
    // ULIDs.
    std::array<unsigned char, random_length * 32> batch{};
    std::size_t used = batch.size();

    state(wall_clock c, random_source r) : clock(std::move(c)), random(std::move(r)) {}

    void fill() {
        if (used == batch.size()) {
            random(batch);
            used = 0;
        }
        high = static_cast<std::uint16_t>(batch[used] << 8 | batch[used + 1]);
        low = 0;
        for (std::size_t i = 2; i < random_length; ++i) low = low << 8 | batch[used + i];
        used += random_length;
    }

    void start(std::uint64_t at) {
        if (at > max_milliseconds)
            throw_error(errc::invalid_argument, "the clock is past the year 10889, the last that a ULID can hold");
        fill();
        milliseconds = at;
        started = true;
    }

    void advance() {
        auto const count = clock().time_since_epoch().count();
        auto const now = count < 0 ? std::uint64_t(0) : static_cast<std::uint64_t>(count);
        if (auto const seen = detail::process_generation(); seen != process) {
            used = batch.size();
            start(started && now <= milliseconds ? milliseconds + 1 : now);
            process = seen;
        } else if (!started || now > milliseconds) {
            start(now);
        } else if (++low == 0 && (++high & uuid_high_mask) == 0) {
            // The lower 74 bits overflowed within one millisecond, so the next millisecond is used ahead of the clock.
            low = UINT64_MAX;
            --high;
            start(milliseconds + 1);
        }
    }

    drawn draw() {
        std::lock_guard const lock(mutex);
        advance();
        return {milliseconds, high, low};
    }
};

namespace {

void write_text(drawn made, char* to) noexcept {
    for (std::size_t i = time_length; i-- > 0; made.milliseconds >>= 5) to[i] = alphabet[made.milliseconds & 31];
    for (std::size_t i = text_length; i-- > time_length;) {
        to[i] = alphabet[made.low & 31];
        made.low = made.low >> 5 | (made.high & 31) << 59;
        made.high >>= 5;
    }
}

/// Writes the lower bytes of `value` in network order.
void put(unsigned char* to, std::size_t size, std::uint64_t value) noexcept {
    for (std::size_t i = size; i-- > 0; value >>= 8) to[i] = static_cast<unsigned char>(value & 0xff);
}
std::uint64_t get(unsigned char const* from, std::size_t size) noexcept {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 8 | from[i];
    return value;
}

/// Sets the bits that tell the version and the variant of RFC 9562.
void mark(uuid_bytes& bytes, unsigned version) noexcept {
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | version << 4);
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
}

} // namespace

ulid_generator::ulid_generator(wall_clock clock) : ulid_generator(std::move(clock), openssl_random) {}

ulid_generator::ulid_generator(wall_clock clock, random_source random) {
    detail::watch_forks();
    state_ = std::make_unique<state>(std::move(clock), std::move(random));
}

ulid_generator::~ulid_generator() = default;

std::string ulid_generator::next() {
    std::string text(text_length, '0');
    write_text(state_->draw(), text.data());
    return text;
}

uuid_bytes ulid_generator::next_uuid() {
    drawn const made = state_->draw();
    // 48 bits of time, 4 of the version, 12 random ones, 2 of the variant, 62 random ones.
    uuid_bytes bytes{};
    put(bytes.data(), 6, made.milliseconds);
    put(bytes.data() + 6, 2, (made.high & uuid_high_mask) << 2 | made.low >> 62);
    put(bytes.data() + 8, 8, made.low);
    mark(bytes, 7);
    return bytes;
}

uuid_bytes ulid_generator::random_uuid() {
    uuid_bytes bytes{};
    {
        std::lock_guard const lock(state_->mutex);
        state_->random(bytes);
    }
    mark(bytes, 4);
    return bytes;
}

std::optional<ulid> ulid::parse(std::string_view text) noexcept {
    if (!ulid_time(text)) return std::nullopt;
    std::array<unsigned char, 16> bytes{};
    // 26 characters of 5 bits; the first two of these 130 bits are zero.
    std::uint64_t high = 0, low = 0;
    for (char const c : text) {
        high = high << 5 | low >> 59;
        low = low << 5 | static_cast<std::uint64_t>(digit_value(c));
    }
    put(bytes.data(), 8, high);
    put(bytes.data() + 8, 8, low);
    return from_bytes(bytes);
}

system_time ulid::time() const noexcept {
    return system_time(std::chrono::milliseconds(static_cast<std::int64_t>(get(bytes_.data(), 6))));
}

void ulid::to_chars(char* to) const noexcept {
    write_text({get(bytes_.data(), 6), get(bytes_.data() + 6, 2), get(bytes_.data() + 8, 8)}, to);
}

std::string ulid::to_string() const {
    std::string text(text_size, '0');
    to_chars(text.data());
    return text;
}

std::ostream& operator<<(std::ostream& out, ulid const& id) { return out << id.to_string(); }

std::optional<system_time> ulid_time(std::string_view text) noexcept {
    // 26 characters hold 130 bits and a ULID has 128, so the first character may use only three of its bits.
    if (text.size() != text_length || text.front() > '7') return std::nullopt;
    std::uint64_t milliseconds = 0;
    for (std::size_t i = 0; i < text_length; ++i) {
        int const value = digit_value(text[i]);
        if (value < 0) return std::nullopt;
        if (i < time_length) milliseconds = milliseconds << 5 | static_cast<std::uint64_t>(value);
    }
    return system_time(std::chrono::milliseconds(static_cast<std::int64_t>(milliseconds)));
}

} // namespace dynasio
