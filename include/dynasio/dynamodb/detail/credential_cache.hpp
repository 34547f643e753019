#ifndef DYNASIO_DYNAMODB_DETAIL_CREDENTIAL_CACHE_HPP
#define DYNASIO_DYNAMODB_DETAIL_CREDENTIAL_CACHE_HPP

#include <dynasio/aws/credentials.hpp>

#include <dynasio/core/clock.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

namespace dynasio::dynamodb::detail {

/// Decides when credentials are used, fetched again or waited for. It uses no clock and does no I/O; the caller passes
/// times and outcomes.
class credential_cache {
public:
    /// Credentials are fetched again this long before they expire, so that no request is signed with a token that is
    /// about to expire, and up to refresh_spread earlier, so that clients that started together do not fetch together.
    static constexpr std::chrono::minutes refresh_margin{5};
    static constexpr std::chrono::minutes refresh_spread{1};
    /// The minimum time between two refreshes while the credentials are valid. It applies after a successful refresh
    /// too, because a source may give credentials that expire soon (then half of the remaining time, if that is less).
    static constexpr std::chrono::seconds refresh_pause{30};

    enum class action {
        use,              ///< current() is valid.
        use_and_refresh,  ///< current() is valid but expires soon: fetch, without waiting.
        refresh_and_wait, ///< No valid credentials: fetch, and wait for the outcome.
        wait,             ///< No valid credentials, but a fetch is running.
    };
    /// The action of one request at `now`. A refresh that it returns counts as running from then on.
    [[nodiscard]] action next(system_time now) noexcept;

    /// `jitter` is a random number in [0, 1).
    void fetched(aws::credentials value, system_time now, double jitter);
    void failed(system_time now) noexcept;

    /// Drops the credentials of `generation`, which the service refused; newer ones stay.
    void drop(std::uint64_t generation) noexcept;

    /// Whether there are credentials that are valid at `now`.
    [[nodiscard]] bool usable(system_time now) const noexcept {
        return current_ && (!current_->expires_at || *current_->expires_at > now);
    }
    [[nodiscard]] aws::credentials const& current() const noexcept { return *current_; }
    /// Counts the credentials fetched so far, to find out whether the credentials of a request are still the current
    /// ones.
    [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }
    [[nodiscard]] bool refreshing() const noexcept { return refreshing_; }

private:
    std::optional<aws::credentials> current_;
    std::optional<system_time> refresh_at_; ///< Nothing for credentials that do not expire.
    std::uint64_t generation_ = 0;
    bool refreshing_ = false;
};

} // namespace dynasio::dynamodb::detail

#endif
