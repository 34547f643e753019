#include <dynasio/dynamodb/detail/credential_cache.hpp>

#include <algorithm>
#include <utility>

namespace dynasio::dynamodb::detail {

credential_cache::action credential_cache::next(system_time now) noexcept {
    if (usable(now)) {
        if (!refresh_at_ || now < *refresh_at_ || refreshing_) return action::use;
        refreshing_ = true;
        return action::use_and_refresh;
    }
    if (refreshing_) return action::wait;
    refreshing_ = true;
    return action::refresh_and_wait;
}

void credential_cache::fetched(aws::credentials value, system_time now, double jitter) {
    current_ = std::move(value);
    refresh_at_.reset();
    if (current_->expires_at) {
        std::chrono::duration<double, std::milli> const spread = refresh_spread * jitter;
        auto const margin = refresh_margin + std::chrono::floor<std::chrono::milliseconds>(spread);
        auto const pause = std::min<system_time::duration>(refresh_pause, (*current_->expires_at - now) / 2);
        refresh_at_ = std::max(*current_->expires_at - margin, now + pause);
    }
    ++generation_;
    refreshing_ = false;
}

void credential_cache::failed(system_time now) noexcept {
    refresh_at_ = now + refresh_pause;
    refreshing_ = false;
}

void credential_cache::drop(std::uint64_t generation) noexcept {
    if (generation == generation_) current_.reset();
}

} // namespace dynasio::dynamodb::detail
