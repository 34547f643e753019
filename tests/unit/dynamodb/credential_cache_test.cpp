#include <dynasio/dynamodb/detail/credential_cache.hpp>

#include <gtest/gtest.h>

namespace {

using dynasio::system_time;
using dynasio::aws::credentials;
using dynasio::dynamodb::detail::credential_cache;
using action = credential_cache::action;

constexpr system_time noon{std::chrono::hours(12)};

credentials expiring(system_time at) {
    credentials c("AKID", "secret", "token");
    c.expires_at = at;
    return c;
}

TEST(credential_cache, the_first_request_fetches_and_others_wait) {
    credential_cache cache;
    EXPECT_EQ(cache.next(noon), action::refresh_and_wait);
    EXPECT_EQ(cache.next(noon), action::wait);
    EXPECT_TRUE(cache.refreshing());
    cache.fetched(credentials("AKID", "secret"));
    EXPECT_EQ(cache.next(noon), action::use);
    EXPECT_EQ(cache.current().access_key_id(), "AKID");
    EXPECT_EQ(cache.next(noon + std::chrono::years(1)), action::use);
}

TEST(credential_cache, dying_credentials_are_refreshed_without_waiting) {
    credential_cache cache;
    static_cast<void>(cache.next(noon));
    cache.fetched(expiring(noon + std::chrono::minutes(15)));
    EXPECT_EQ(cache.next(noon + std::chrono::minutes(10) - std::chrono::milliseconds(1)), action::use);
    EXPECT_EQ(cache.next(noon + std::chrono::minutes(10)), action::use_and_refresh);
    EXPECT_EQ(cache.next(noon + std::chrono::minutes(10)), action::use);
    EXPECT_EQ(cache.next(noon + std::chrono::minutes(15)), action::wait);
}

TEST(credential_cache, a_failed_refresh_is_tried_again_after_a_pause) {
    credential_cache cache;
    static_cast<void>(cache.next(noon));
    cache.fetched(expiring(noon + std::chrono::minutes(4)));
    EXPECT_EQ(cache.next(noon), action::use_and_refresh);
    cache.failed(noon);
    EXPECT_EQ(cache.next(noon + credential_cache::pause_after_failure - std::chrono::milliseconds(1)), action::use);
    EXPECT_EQ(cache.next(noon + credential_cache::pause_after_failure), action::use_and_refresh);
    cache.failed(noon + credential_cache::pause_after_failure);
    EXPECT_EQ(cache.next(noon + std::chrono::minutes(4)), action::refresh_and_wait);
}

TEST(credential_cache, only_the_credentials_that_were_refused_are_dropped) {
    credential_cache cache;
    static_cast<void>(cache.next(noon));
    cache.fetched(credentials("OLD", "secret"));
    auto const old = cache.generation();
    cache.fetched(credentials("NEW", "secret"));
    cache.drop(old);
    EXPECT_EQ(cache.next(noon), action::use);
    cache.drop(cache.generation());
    EXPECT_EQ(cache.next(noon), action::refresh_and_wait);
}

} // namespace
