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
    /// Fetched again this long before they expire, so that no request is signed with a dying token.
    static constexpr std::chrono::minutes refresh_margin{5};
    /// After a failed refresh the credentials at hand, while they are valid, are used for so long without another one.
    static constexpr std::chrono::seconds pause_after_failure{30};

    enum class action {
        use,              ///< current() is good.
        use_and_refresh,  ///< current() is good but expires soon: fetch new ones; nobody needs to wait.
        refresh_and_wait, ///< Nothing usable: fetch, and wait for the outcome.
        wait,             ///< Nothing usable, but a fetch is under way.
    };
    /// For one request at `now`. A refresh that is asked for counts as under way from here.
    [[nodiscard]] action next(system_time now) noexcept;

    void fetched(aws::credentials value);
    void failed(system_time now) noexcept;

    /// Forget the credentials of `generation` (the service refused them); newer ones stay.
    void drop(std::uint64_t generation) noexcept;

    [[nodiscard]] aws::credentials const& current() const noexcept { return *current_; }
    /// Counts the credentials fetched so far: tells whether those a request was signed with are still current.
    [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }
    [[nodiscard]] bool refreshing() const noexcept { return refreshing_; }

private:
    std::optional<aws::credentials> current_;
    std::optional<system_time> quiet_until_;
    std::uint64_t generation_ = 0;
    bool refreshing_ = false;
};

} // namespace dynasio::dynamodb::detail

#endif
