#ifndef DYNASIO_DYNAMODB_DETAIL_CREDENTIAL_CACHE_HPP
#define DYNASIO_DYNAMODB_DETAIL_CREDENTIAL_CACHE_HPP

#include <dynasio/aws/credentials.hpp>

#include <dynasio/core/clock.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

namespace dynasio::dynamodb::detail {

/// Decides when credentials are used, fetched again or waited for. No clock, no I/O: times and outcomes in, next action
/// out.
class credential_cache {
public:
    /// Fetched again this long before they expire, so that no request is signed with a dying token; up to
    /// refresh_spread sooner, so that clients that started together do not ask together.
    static constexpr std::chrono::minutes refresh_margin{5};
    static constexpr std::chrono::minutes refresh_spread{1};
    /// After a refresh the credentials at hand, while they are valid, are used for so long without another one: also
    /// when it succeeded, because a source may give what expires soon (then for half of what is left, if that is less).
    static constexpr std::chrono::seconds refresh_pause{30};

    enum class action {
        use,              ///< current() is good.
        use_and_refresh,  ///< current() is good but expires soon: fetch new ones; nobody needs to wait.
        refresh_and_wait, ///< Nothing usable: fetch, and wait for the outcome.
        wait,             ///< Nothing usable, but a fetch is under way.
    };
    /// For one request at `now`. A refresh that is asked for counts as under way from here.
    [[nodiscard]] action next(system_time now) noexcept;

    /// `jitter` is a random number in [0, 1).
    void fetched(aws::credentials value, system_time now, double jitter);
    void failed(system_time now) noexcept;

    /// Forget the credentials of `generation` (the service refused them); newer ones stay.
    void drop(std::uint64_t generation) noexcept;

    /// Whether there are any that a request may be signed with at `now`.
    [[nodiscard]] bool usable(system_time now) const noexcept {
        return current_ && (!current_->expires_at || *current_->expires_at > now);
    }
    [[nodiscard]] aws::credentials const& current() const noexcept { return *current_; }
    /// Counts the credentials fetched so far: tells whether those a request was signed with are still current.
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
