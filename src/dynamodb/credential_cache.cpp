#include <dynasio/dynamodb/detail/credential_cache.hpp>

#include <utility>

namespace dynasio::dynamodb::detail {

credential_cache::action credential_cache::next(system_time now) noexcept {
    bool const valid = current_ && (!current_->expires_at || *current_->expires_at > now);
    if (valid) {
        bool const expires_soon = current_->expires_at && *current_->expires_at - now <= refresh_margin;
        bool const quiet = quiet_until_ && now < *quiet_until_;
        if (!expires_soon || refreshing_ || quiet) return action::use;
        refreshing_ = true;
        return action::use_and_refresh;
    }
    if (refreshing_) return action::wait;
    refreshing_ = true;
    return action::refresh_and_wait;
}

void credential_cache::fetched(aws::credentials value) {
    current_ = std::move(value);
    quiet_until_.reset();
    ++generation_;
    refreshing_ = false;
}

void credential_cache::failed(system_time now) noexcept {
    quiet_until_ = now + pause_after_failure;
    refreshing_ = false;
}

void credential_cache::drop(std::uint64_t generation) noexcept {
    if (generation == generation_) current_.reset();
}

} // namespace dynasio::dynamodb::detail
