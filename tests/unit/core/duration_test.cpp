#include <dynasio/core/duration.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <limits>

namespace {

using namespace std::chrono_literals;
using dynasio::longest_duration;
using dynasio::detail::limit_duration;
using dynasio::detail::limited_duration;

TEST(duration, that_is_longer_than_any_meant_seriously_is_the_longest) {
    EXPECT_EQ(limited_duration<std::chrono::nanoseconds>(std::chrono::milliseconds::max()), longest_duration);
    EXPECT_EQ(limited_duration<std::chrono::nanoseconds>(std::chrono::nanoseconds::max()), longest_duration);
    EXPECT_EQ(limited_duration<std::chrono::nanoseconds>(std::chrono::hours::max()), longest_duration);
    EXPECT_EQ(limited_duration<std::chrono::nanoseconds>(std::chrono::years::max()), longest_duration);
    EXPECT_EQ(limited_duration<std::chrono::milliseconds>(std::chrono::milliseconds::max()), longest_duration);
    std::chrono::duration<double, std::milli> real(1e300);
    limit_duration(real);
    EXPECT_EQ(real, longest_duration);
}

TEST(duration, keeps_its_sign_and_whatever_is_shorter) {
    EXPECT_EQ(limited_duration<std::chrono::nanoseconds>(std::chrono::seconds::min()), -longest_duration);
    EXPECT_EQ(limited_duration<std::chrono::nanoseconds>(std::chrono::nanoseconds::min()), -longest_duration);
    EXPECT_EQ(limited_duration<std::chrono::nanoseconds>(-1ms), -1ms);
    EXPECT_EQ(limited_duration<std::chrono::nanoseconds>(0s), 0ns);
    EXPECT_EQ(limited_duration<std::chrono::nanoseconds>(123456789123456789ns), 123456789123456789ns);
    EXPECT_EQ(limited_duration<std::chrono::nanoseconds>(std::chrono::years(9)), std::chrono::years(9));
    EXPECT_EQ(limited_duration<std::chrono::nanoseconds>(std::chrono::duration<double>(1.5)), 1500ms);
    EXPECT_EQ(limited_duration<std::chrono::milliseconds>(100us), 1ms) << "rounded up";
    using real = std::chrono::duration<double>;
    EXPECT_EQ(limited_duration<std::chrono::nanoseconds>(real(std::numeric_limits<double>::quiet_NaN())),
              longest_duration);
    auto day = 24h;
    limit_duration(day);
    EXPECT_EQ(day, 24h);
}

} // namespace
