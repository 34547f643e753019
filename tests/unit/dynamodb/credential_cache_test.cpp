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
    cache.fetched(credentials("AKID", "secret"), noon, 0);
    EXPECT_EQ(cache.next(noon), action::use);
    EXPECT_EQ(cache.current().access_key_id(), "AKID");
    EXPECT_EQ(cache.next(noon + std::chrono::years(1)), action::use);
}

TEST(credential_cache, dying_credentials_are_refreshed_without_waiting) {
    credential_cache cache;
    static_cast<void>(cache.next(noon));
    cache.fetched(expiring(noon + std::chrono::minutes(15)), noon, 0);
    EXPECT_EQ(cache.next(noon + std::chrono::minutes(10) - std::chrono::milliseconds(1)), action::use);
    EXPECT_EQ(cache.next(noon + std::chrono::minutes(10)), action::use_and_refresh);
    EXPECT_EQ(cache.next(noon + std::chrono::minutes(10)), action::use);
    EXPECT_EQ(cache.next(noon + std::chrono::minutes(15)), action::wait);
}

TEST(credential_cache, clients_that_started_together_do_not_refresh_together) {
    credential_cache cache;
    static_cast<void>(cache.next(noon));
    cache.fetched(expiring(noon + std::chrono::minutes(15)), noon, 0.5);
    auto const due = noon + std::chrono::minutes(9) + std::chrono::seconds(30);
    EXPECT_EQ(cache.next(due - std::chrono::milliseconds(1)), action::use);
    EXPECT_EQ(cache.next(due), action::use_and_refresh);
}

TEST(credential_cache, credentials_that_come_dying_are_not_fetched_again_at_once) {
    credential_cache cache;
    static_cast<void>(cache.next(noon));
    cache.fetched(expiring(noon + std::chrono::minutes(4)), noon, 0);
    EXPECT_EQ(cache.next(noon), action::use);
    EXPECT_EQ(cache.next(noon + credential_cache::refresh_pause - std::chrono::milliseconds(1)), action::use);
    EXPECT_EQ(cache.next(noon + credential_cache::refresh_pause), action::use_and_refresh);
    // Half of what is left, when that is less.
    cache.fetched(expiring(noon + std::chrono::seconds(40)), noon, 0.9);
    EXPECT_EQ(cache.next(noon + std::chrono::seconds(20) - std::chrono::milliseconds(1)), action::use);
    EXPECT_EQ(cache.next(noon + std::chrono::seconds(20)), action::use_and_refresh);
}

TEST(credential_cache, a_failed_refresh_is_tried_again_after_a_pause) {
    credential_cache cache;
    static_cast<void>(cache.next(noon));
    cache.fetched(expiring(noon + std::chrono::minutes(4)), noon - std::chrono::minutes(1), 0);
    EXPECT_EQ(cache.next(noon), action::use_and_refresh);
    cache.failed(noon);
    EXPECT_EQ(cache.next(noon + credential_cache::refresh_pause - std::chrono::milliseconds(1)), action::use);
    EXPECT_EQ(cache.next(noon + credential_cache::refresh_pause), action::use_and_refresh);
    cache.failed(noon + credential_cache::refresh_pause);
    EXPECT_EQ(cache.next(noon + std::chrono::minutes(4)), action::refresh_and_wait);
}

TEST(credential_cache, only_the_credentials_that_were_refused_are_dropped) {
    credential_cache cache;
    static_cast<void>(cache.next(noon));
    cache.fetched(credentials("OLD", "secret"), noon, 0);
    auto const old = cache.generation();
    cache.fetched(credentials("NEW", "secret"), noon, 0);
    cache.drop(old);
    EXPECT_EQ(cache.next(noon), action::use);
    cache.drop(cache.generation());
    EXPECT_EQ(cache.next(noon), action::refresh_and_wait);
}

} // namespace
