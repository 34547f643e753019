#include <dynasio/dynamodb/progress.hpp>

#include <gtest/gtest.h>

#include <chrono>

namespace dynasio::dynamodb {
namespace {

using action = progress_guard::action;
using namespace std::chrono_literals;

aws::retry_policy options(unsigned max_attempts) {
    aws::retry_policy result;
    result.max_attempts = max_attempts;
    result.base_delay = 10ms;
    result.max_delay = 50ms;
    return result;
}

TEST(progress_guard, is_done_when_nothing_is_left) {
    auto const o = options(4);
    progress_guard guard(o);
    EXPECT_EQ(guard.on_answer(100, 0, 1).next, action::done);
}

TEST(progress_guard, resends_at_once_after_progress_however_often) {
    auto const o = options(1);
    progress_guard guard(o);
    for (std::size_t left = 1000; left != 1; --left) {
        auto const decision = guard.on_answer(left, left - 1, 1);
        ASSERT_EQ(decision.next, action::resend);
        ASSERT_EQ(decision.delay, aws::retry_delay::zero());
    }
    EXPECT_EQ(guard.on_answer(1, 0, 1).next, action::done);
}

TEST(progress_guard, waits_twice_as_long_after_each_fruitless_answer_up_to_the_longest_pause) {
    auto const o = options(6);
    progress_guard guard(o);
    for (auto const expected : {10ms, 20ms, 40ms, 50ms, 50ms}) {
        auto const decision = guard.on_answer(5, 5, 1);
        EXPECT_EQ(decision.next, action::resend);
        EXPECT_EQ(decision.delay, expected);
    }
    EXPECT_EQ(guard.on_answer(5, 5, 1).next, action::give_up);
}

TEST(progress_guard, jitter_shortens_the_pause) {
    auto const o = options(6);
    progress_guard guard(o);
    EXPECT_EQ(guard.on_answer(5, 5, 0.5).delay, 5ms);
    EXPECT_EQ(guard.on_answer(5, 5, 0).delay, 0ms);
    EXPECT_EQ(guard.on_answer(5, 5, 0.25).delay, 10ms);
    EXPECT_EQ(guard.on_answer(5, 5, 7).delay, 50ms);
    EXPECT_EQ(guard.on_answer(5, 5, -7).delay, 0ms);
}

TEST(progress_guard, progress_starts_the_count_and_the_pauses_again) {
    auto const o = options(3);
    progress_guard guard(o);
    EXPECT_EQ(guard.on_answer(5, 5, 1).delay, 10ms);
    EXPECT_EQ(guard.on_answer(5, 5, 1).delay, 20ms);
    EXPECT_EQ(guard.on_answer(5, 4, 1).delay, 0ms);
    EXPECT_EQ(guard.on_answer(4, 4, 1).delay, 10ms);
    EXPECT_EQ(guard.on_answer(4, 4, 1).next, action::resend);
    EXPECT_EQ(guard.on_answer(4, 4, 1).next, action::give_up);
}

TEST(progress_guard, more_left_than_was_sent_is_no_progress) {
    auto const o = options(1);
    progress_guard guard(o);
    EXPECT_EQ(guard.on_answer(1, 2, 1).next, action::give_up);
}

TEST(progress_guard, gives_up_at_the_first_fruitless_answer_when_retries_are_off) {
    for (unsigned max_attempts : {0U, 1U}) {
        auto const o = options(max_attempts);
        progress_guard guard(o);
        EXPECT_EQ(guard.on_answer(5, 5, 1).next, action::give_up);
    }
}

TEST(progress_guard, the_pause_stays_finite_after_very_many_fruitless_answers) {
    auto const o = options(5000);
    progress_guard guard(o);
    for (int i = 0; i != 4000; ++i) static_cast<void>(guard.on_answer(1, 1, 1));
    EXPECT_EQ(guard.on_answer(1, 1, 1).delay, 50ms);
}

} // namespace
} // namespace dynasio::dynamodb
