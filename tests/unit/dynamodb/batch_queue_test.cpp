#include <dynasio/dynamodb/detail/batch_queue.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <vector>

namespace dynasio::dynamodb {
namespace {

using namespace std::chrono_literals;
using queue = detail::batch_queue<int>;
using entries = std::vector<int>;

struct batch_queue_test : testing::Test {
    batch_queue_test() {
        policy.max_attempts = 3;
        policy.base_delay = 10ms;
        policy.max_delay = 100ms;
    }
    entries put_back(std::size_t sent, entries const& left, double jitter = 1) {
        return q.put_back(sent, left, now, jitter,
                          [this](int e) -> std::optional<progress_guard>& { return guards[e]; });
    }

    aws::retry_policy policy{};
    queue q{2, policy};
    std::map<int, std::optional<progress_guard>> guards{};
    queue::time_point now = queue::time_point(1h);
};

TEST_F(batch_queue_test, entries_leave_in_their_order_and_no_more_than_the_limit) {
    for (int const e : {1, 2, 3}) q.add(e);
    EXPECT_TRUE(q.full());
    EXPECT_EQ(q.take(), (entries{1, 2}));
    EXPECT_FALSE(q.full());
    EXPECT_EQ(q.take(), entries{3});
    EXPECT_TRUE(q.empty());
    EXPECT_TRUE(q.take().empty());
}

TEST_F(batch_queue_test, after_progress_the_rest_leaves_at_once_and_before_others) {
    for (int const e : {1, 2, 3}) q.add(e);
    static_cast<void>(q.take());
    EXPECT_TRUE(put_back(2, {2}).empty());
    EXPECT_EQ(q.wake_at(), std::nullopt);
    EXPECT_EQ(q.take(), (entries{2, 3}));
}

TEST_F(batch_queue_test, without_progress_entries_pause_longer_each_time) {
    EXPECT_TRUE(put_back(2, {1, 2}, 0.5).empty());
    EXPECT_EQ(q.waiting(), 0U);
    EXPECT_EQ(q.size(), 2U);
    EXPECT_TRUE(q.pauses());
    EXPECT_EQ(q.wake_at(), now + 5ms);
    q.end_pauses(now + 4ms);
    EXPECT_EQ(q.waiting(), 0U);
    now += 5ms;
    q.end_pauses(now);
    EXPECT_EQ(q.take(), (entries{1, 2}));
    EXPECT_TRUE(put_back(2, {1, 2}).empty());
    EXPECT_EQ(q.wake_at(), now + 20ms);
}

TEST_F(batch_queue_test, an_entry_that_is_never_answered_is_given_up) {
    for (int i = 0; i < 2; ++i) EXPECT_TRUE(put_back(1, {7}).empty());
    EXPECT_EQ(put_back(1, {7}), entries{7});
    q.end_pauses(now + 1h);
    EXPECT_EQ(q.take(), (entries{7, 7})) << "the two that came before";
    EXPECT_TRUE(q.empty());
}

TEST_F(batch_queue_test, the_progress_of_another_request_does_not_save_an_entry) {
    for (int i = 0; i < 2; ++i) {
        EXPECT_TRUE(put_back(1, {7}).empty());
        EXPECT_TRUE(put_back(2, {8}).empty());
    }
    EXPECT_EQ(put_back(1, {7}), entries{7});
    EXPECT_TRUE(put_back(2, {8}).empty());
}

TEST_F(batch_queue_test, progress_of_its_own_request_makes_an_entry_start_anew) {
    for (int i = 0; i < 5; ++i) {
        EXPECT_TRUE(put_back(1, {7}).empty());
        EXPECT_TRUE(put_back(1, {7}).empty());
        EXPECT_TRUE(put_back(2, {7}).empty());
    }
}

} // namespace
} // namespace dynasio::dynamodb
