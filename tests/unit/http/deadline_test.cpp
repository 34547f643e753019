#include <dynasio/http/deadline.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <vector>

#include "support/coroutine.hpp"

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using dynasio::http::deadline;
using dynasio::http::deadline_queue;
using dynasio::http::interruptible;
using dynasio::http::sleep_for;
using namespace dynasio::test;

struct probe final : interruptible {
    void interrupt() noexcept override {
        ++interrupts;
        if (order) order->push_back(name);
    }
    int interrupts = 0;
    int name = 0;
    std::vector<int>* order = nullptr;
};

deadline::clock::time_point in(std::chrono::milliseconds d) { return deadline::clock::now() + d; }

TEST(deadline, interrupts_its_target_once_when_it_passes) {
    asio::io_context ctx;
    deadline_queue queue(ctx.get_executor());
    probe p;
    deadline d(queue, in(5ms));
    d.watch(&p);
    EXPECT_FALSE(d.expired());
    run_until(ctx, [&] { return d.expired(); });
    EXPECT_EQ(p.interrupts, 1);
    EXPECT_GE(deadline::clock::now(), d.at());
    run_out(ctx);
    EXPECT_EQ(p.interrupts, 1);
}

TEST(deadline, interrupts_in_the_order_of_time_whatever_the_order_of_registration) {
    asio::io_context ctx;
    deadline_queue queue(ctx.get_executor());
    auto const start = deadline::clock::now();
    std::vector<int> order;
    probe p[5];
    std::vector<std::unique_ptr<deadline>> deadlines;
    int const delays[5] = {6, 3, 9, 3, 4};
    for (int i = 0; i < 5; ++i) {
        p[i].name = i;
        p[i].order = &order;
        deadlines.push_back(std::make_unique<deadline>(queue, start + std::chrono::milliseconds(10 * delays[i])));
        deadlines.back()->watch(&p[i]);
    }
    run_until(ctx, [&] { return order.size() == 5; });
    EXPECT_EQ(order, (std::vector<int>{1, 3, 4, 0, 2}));
}

TEST(deadline, an_earlier_one_that_comes_later_is_not_missed) {
    asio::io_context ctx;
    deadline_queue queue(ctx.get_executor());
    deadline far(queue, in(1h));
    probe p;
    deadline near(queue, in(5ms));
    near.watch(&p);
    run_until(ctx, [&] { return p.interrupts == 1; });
    EXPECT_FALSE(far.expired());
}

TEST(deadline, interrupts_only_the_target_that_watches_last) {
    asio::io_context ctx;
    deadline_queue queue(ctx.get_executor());
    probe first, second;
    deadline d(queue, in(5ms));
    deadline without(queue, in(5ms));
    d.watch(&first);
    without.watch(&first);
    d.watch(&second);
    without.watch(nullptr);
    run_until(ctx, [&] { return d.expired() && without.expired(); });
    EXPECT_EQ(first.interrupts, 0);
    EXPECT_EQ(second.interrupts, 1);
}

TEST(deadline, in_the_past_is_expired_from_the_start) {
    asio::io_context ctx;
    deadline_queue queue(ctx.get_executor());
    deadline d(queue, deadline::clock::now());
    EXPECT_TRUE(d.expired());
    run_out(ctx);
}

TEST(deadline, keeps_the_context_running_only_while_it_is_registered) {
    asio::io_context ctx;
    deadline_queue queue(ctx.get_executor());
    {
        deadline a(queue, in(1h));
        deadline b(queue, in(2h));
        ctx.poll();
        EXPECT_FALSE(ctx.stopped());
    }
    run_out(ctx);
}

TEST(deadline, works_again_after_the_queue_was_empty) {
    asio::io_context ctx;
    deadline_queue queue(ctx.get_executor());
    for (int i = 0; i < 3; ++i) {
        {
            deadline unused(queue, in(1h));
        }
        // Registered before the queue has noticed that it was empty, and later than what its timer waits for.
        deadline d(queue, in(5ms));
        run_until(ctx, [&] { return d.expired(); });
        run_out(ctx);
    }
}

TEST(deadline, a_timer_armed_for_one_that_left_does_not_expire_the_next_too_early) {
    asio::io_context ctx;
    deadline_queue queue(ctx.get_executor());
    auto gone = std::make_unique<deadline>(queue, in(5ms));
    deadline next(queue, in(40ms));
    gone.reset();
    run_until(ctx, [&] { return next.expired(); });
    EXPECT_GE(deadline::clock::now(), next.at());
}

TEST(deadline, outlives_its_queue) {
    asio::io_context ctx;
    auto queue = std::make_unique<deadline_queue>(ctx.get_executor());
    deadline d(*queue, in(5ms));
    queue.reset();
    run_until(ctx, [&] { return d.expired(); });
}

TEST(deadline, can_be_destroyed_with_the_context) {
    auto ctx = std::make_unique<asio::io_context>();
    deadline_queue queue(ctx->get_executor());
    auto waiting = start(*ctx, [](deadline_queue& q) -> asio::awaitable<void> {
        deadline until(q, in(1h));
        bool const whole = co_await sleep_for(1h, until);
        (void)whole;
    }(queue));
    ctx->poll();
    EXPECT_FALSE(waiting.done());
    // The queue's timer belongs to the context: only the frames and what they registered go first.
    ctx->stop();
}

asio::awaitable<bool> sleep(deadline_queue& queue, std::chrono::milliseconds delay, std::chrono::milliseconds limit) {
    deadline until(queue, in(limit));
    bool const whole = co_await sleep_for(delay, until);
    EXPECT_EQ(until.expired(), !whole);
    co_return whole;
}

TEST(sleep_for, waits_for_the_delay) {
    asio::io_context ctx;
    deadline_queue queue(ctx.get_executor());
    auto const begin = deadline::clock::now();
    EXPECT_TRUE(run(ctx, sleep(queue, 5ms, 1h)));
    EXPECT_GE(deadline::clock::now() - begin, 5ms);
    run_out(ctx);
}

TEST(sleep_for, ends_with_the_deadline) {
    asio::io_context ctx;
    deadline_queue queue(ctx.get_executor());
    EXPECT_FALSE(run(ctx, sleep(queue, 1h, 5ms)));
    EXPECT_FALSE(run(ctx, sleep(queue, 1h, 0ms)));
    run_out(ctx);
}

TEST(sleep_for, ends_when_it_is_cancelled) {
    asio::io_context ctx;
    deadline_queue queue(ctx.get_executor());
    bool cancelled = false;
    auto sleeping = start(ctx, [](deadline_queue& q, bool& out) -> asio::awaitable<bool> {
        deadline until(q, in(1h));
        bool const whole = co_await sleep_for(1h, until);
        auto const state = co_await asio::this_coro::cancellation_state;
        out = state.cancelled() != asio::cancellation_type::none;
        co_return whole;
    }(queue, cancelled));
    ctx.poll();
    asio::post(ctx, [&] { sleeping.cancel(); });
    EXPECT_FALSE(finish(ctx, sleeping));
    EXPECT_TRUE(cancelled);
    run_out(ctx);
}

} // namespace
