#ifndef DYNASIO_SRC_HTTP_CONNECTION_RACE_HPP
#define DYNASIO_SRC_HTTP_CONNECTION_RACE_HPP

#include <chrono>
#include <cstddef>
#include <optional>

namespace dynasio::http::detail {

/// Decides when to try which of several addresses (RFC 8305, 5): one after the other, each at an interval after the
/// previous one or as soon as one has failed. Slow attempts are not given up; the first that connects wins. Does no
/// I/O.
class connection_race {
public:
    using clock = std::chrono::steady_clock;

    /// The delay that RFC 8305 recommends between two attempts.
    static constexpr std::chrono::milliseconds usual_stagger{250};

    connection_race(std::size_t candidates, clock::duration stagger) noexcept
        : candidates_(candidates), stagger_(stagger) {}

    /// The candidate that is due now, if any. Call it until it returns nothing.
    [[nodiscard]] std::optional<std::size_t> start(clock::time_point now) noexcept {
        if (next_ == candidates_ || (next_ != 0 && now < next_at_)) return std::nullopt;
        ++running_;
        next_at_ = now + stagger_;
        return next_++;
    }
    /// One of the started attempts has failed, so the next one need not wait (RFC 8305, 5).
    void failed(clock::time_point now) noexcept {
        --running_;
        next_at_ = now;
    }
    /// When to call start() again, unless an attempt fails before that.
    [[nodiscard]] std::optional<clock::time_point> wake_at() const noexcept {
        if (next_ == candidates_) return std::nullopt;
        return next_at_;
    }
    /// Whether all candidates have failed.
    [[nodiscard]] bool lost() const noexcept { return running_ == 0 && next_ == candidates_; }

private:
    std::size_t candidates_;
    clock::duration stagger_;
    std::size_t next_ = 0;
    std::size_t running_ = 0;
    clock::time_point next_at_{};
};

} // namespace dynasio::http::detail

#endif
