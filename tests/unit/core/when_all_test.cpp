#include <dynasio/core/error.hpp>
#include <dynasio/core/when_all.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/coroutine.hpp"

namespace dynasio {
namespace {

namespace asio = boost::asio;

/// Operations that end when the test says so.
class stage {
public:
    explicit stage(asio::io_context& ctx) : ctx_(ctx) {}

    /// Gives `i` when it is let go.
    asio::awaitable<std::unique_ptr<int>> operation(int i) {
        auto waiting = wait(i);
        co_await std::move(waiting);
        co_return std::make_unique<int>(i);
    }
    asio::awaitable<void> silent(int i) { return wait(i); }

    void let_go(int i) {
        at(i).cancel();
        run();
    }
    void fail(int i) {
        failing_ = i;
        let_go(i);
    }
    /// Runs until everything waits.
    void run() {
        ctx_.restart();
        while (ctx_.poll() != 0) {
        }
    }

    std::string begun{}, cancelled{};
    int under_way = 0;

private:
    asio::awaitable<void> wait(int i) {
        begun += std::to_string(i);
        ++under_way;
        auto waiting = at(i).async_wait(asio::as_tuple(asio::use_awaitable));
        co_await std::move(waiting);
        --under_way;
        auto const state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none) {
            cancelled += std::to_string(i);
            throw_error(asio::error::operation_aborted, "cancelled");
        }
        if (failing_ == i) throw_error(errc::not_found, "operation " + std::to_string(i));
    }
    asio::steady_timer& at(int i) {
        while (timers_.size() <= static_cast<std::size_t>(i))
            timers_.push_back(std::make_unique<asio::steady_timer>(ctx_, asio::steady_timer::time_point::max()));
        return *timers_[static_cast<std::size_t>(i)];
    }

    asio::io_context& ctx_;
    std::vector<std::unique_ptr<asio::steady_timer>> timers_{};
    int failing_ = -1;
};

class when_all_test : public ::testing::Test {
protected:
    std::vector<asio::awaitable<std::unique_ptr<int>>> operations(int count) {
        std::vector<asio::awaitable<std::unique_ptr<int>>> all;
        for (int i = 0; i < count; ++i) all.push_back(on.operation(i));
        return all;
    }
    static std::string numbers(std::vector<std::unique_ptr<int>> const& all) {
        std::string out;
        for (auto const& one : all) out += std::to_string(*one);
        return out;
    }

    asio::io_context ctx{};
    stage on{ctx};
};

TEST_F(when_all_test, gives_results_in_the_order_of_the_operations) {
    auto task = test::start(ctx, when_all(operations(3), concurrency(3)));
    on.run();
    EXPECT_EQ(on.begun, "012");
    on.let_go(2);
    on.let_go(0);
    EXPECT_FALSE(task.done());
    on.let_go(1);
    ASSERT_TRUE(task.done());
    EXPECT_EQ(numbers(task.value()), "012") << "results need not be copied";
}

TEST_F(when_all_test, begins_no_more_than_are_permitted) {
    auto task = test::start(ctx, when_all(operations(5), concurrency(2)));
    on.run();
    EXPECT_EQ(on.begun, "01");
    on.let_go(1);
    EXPECT_EQ(on.begun, "012");
    EXPECT_EQ(on.under_way, 2);
    on.let_go(0);
    on.let_go(3);
    on.let_go(2);
    EXPECT_EQ(on.begun, "01234");
    on.let_go(4);
    EXPECT_EQ(numbers(task.value()), "01234");
}

TEST_F(when_all_test, the_first_failure_cancels_the_rest_and_is_thrown_when_all_have_ended) {
    auto task = test::start(ctx, when_all(operations(5), concurrency(3)));
    on.run();
    on.fail(1);
    ASSERT_TRUE(task.done());
    EXPECT_EQ(on.begun, "012") << "the others did not begin";
    EXPECT_EQ(on.cancelled, "02");
    EXPECT_EQ(on.under_way, 0);
    try {
        (void)task.value();
        ADD_FAILURE() << "no error";
    } catch (error const& e) {
        EXPECT_EQ(e.code(), errc::not_found);
        EXPECT_EQ(e.info().message, "operation 1");
    }
}

TEST_F(when_all_test, results_of_all_are_given_where_failures_are_results) {
    auto task = test::start(ctx, when_all_results(operations(4), concurrency(2)));
    on.run();
    on.fail(0);
    EXPECT_EQ(on.cancelled, "");
    on.let_go(1);
    on.let_go(2);
    on.let_go(3);
    ASSERT_TRUE(task.done());
    auto const all = task.value();
    ASSERT_EQ(all.size(), 4U);
    ASSERT_TRUE(all[0].has_error());
    EXPECT_EQ(all[0].error().code, errc::not_found);
    EXPECT_EQ(*all[3].value(), 3);
}

TEST_F(when_all_test, a_cancellation_reaches_all_and_is_thrown_when_they_have_ended) {
    for (bool const as_results : {false, true}) {
        on.begun.clear();
        on.cancelled.clear();
        bool aborted = false;
        auto body = [](asio::awaitable<void> op, bool& noted) -> asio::awaitable<void> {
            try {
                co_await std::move(op);
            } catch (error const& e) {
                noted = e.code() == asio::error::operation_aborted;
            }
        };
        auto plain = [](std::vector<asio::awaitable<std::unique_ptr<int>>> all, bool results) -> asio::awaitable<void> {
            if (results) {
                auto gathering = when_all_results(std::move(all), concurrency(2));
                (void)co_await std::move(gathering);
            } else {
                auto gathering = when_all(std::move(all), concurrency(2));
                (void)co_await std::move(gathering);
            }
        };
        auto task = test::start(ctx, body(plain(operations(4), as_results), aborted));
        on.run();
        task.cancel();
        on.run();
        ASSERT_TRUE(task.done());
        EXPECT_TRUE(aborted);
        EXPECT_EQ(on.under_way, 0);
        EXPECT_TRUE(as_results ? on.cancelled.size() >= 2 : on.cancelled == "01") << on.cancelled;
    }
}

TEST_F(when_all_test, operations_may_give_nothing_or_end_at_once) {
    std::vector<asio::awaitable<void>> silent;
    for (int i = 0; i < 3; ++i) silent.push_back(on.silent(i));
    auto task = test::start(ctx, when_all(std::move(silent), concurrency(8)));
    on.run();
    for (int i = 0; i < 3; ++i) on.let_go(i);
    EXPECT_TRUE(task.done());
    task.value();

    std::vector<asio::awaitable<bool>> many;
    for (int i = 0; i < 10'000; ++i) many.push_back([](int n) -> asio::awaitable<bool> { co_return n % 2 == 0; }(i));
    auto const all = test::run(ctx, when_all(std::move(many), concurrency(3)));
    EXPECT_EQ(all.size(), 10'000U);
    EXPECT_TRUE(all[4] && !all[5]);
    EXPECT_TRUE(test::run(ctx, when_all(std::vector<asio::awaitable<int>>(), concurrency(3))).empty());
}

TEST_F(when_all_test, other_exceptions_are_thrown_as_they_are) {
    auto throws = []() -> asio::awaitable<int> {
        throw std::runtime_error("mine");
        co_return 1;
    };
    std::vector<asio::awaitable<int>> one, two;
    one.push_back(throws());
    two.push_back(throws());
    EXPECT_THROW((void)test::run(ctx, when_all(std::move(one), concurrency(1))), std::runtime_error);
    EXPECT_THROW((void)test::run(ctx, when_all_results(std::move(two), concurrency(1))), std::runtime_error);
}

TEST_F(when_all_test, nothing_at_a_time_is_refused) {
    auto const refused = test::run(ctx, as_result(when_all(operations(1), concurrency(0))));
    ASSERT_TRUE(refused.has_error());
    EXPECT_EQ(refused.error().code, errc::invalid_argument);
}

TEST_F(when_all_test, what_is_under_way_ends_with_its_context) {
    auto const alive = std::make_shared<int>(1);
    {
        asio::io_context own;
        auto holding = [](std::shared_ptr<int> kept) -> asio::awaitable<void> {
            asio::steady_timer never(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
            auto waiting = never.async_wait(asio::use_awaitable);
            co_await std::move(waiting);
            (void)kept;
        };
        std::vector<asio::awaitable<void>> all;
        for (int i = 0; i < 5; ++i) all.push_back(holding(alive));
        auto task = test::start(own, when_all(std::move(all), concurrency(2)));
        while (own.poll() != 0) {
        }
        EXPECT_GT(alive.use_count(), 1);
    }
    EXPECT_EQ(alive.use_count(), 1);
}

TEST_F(when_all_test, runs_on_a_strand_of_several_threads) {
    asio::thread_pool pool(4);
    int counted = 0; // what the strand protects
    auto hop = [](int& count) -> asio::awaitable<int> {
        auto const executor = co_await asio::this_coro::executor;
        for (int i = 0; i < 50; ++i) {
            auto posting = asio::post(executor, asio::use_awaitable);
            co_await std::move(posting);
            ++count;
        }
        co_return 1;
    };
    std::vector<asio::awaitable<int>> all;
    for (int i = 0; i < 40; ++i) all.push_back(hop(counted));
    auto done = asio::co_spawn(asio::make_strand(pool), when_all(std::move(all), concurrency(16)), asio::use_future);
    EXPECT_EQ(done.get().size(), 40U);
    pool.join();
    EXPECT_EQ(counted, 2000);
}

} // namespace
} // namespace dynasio
