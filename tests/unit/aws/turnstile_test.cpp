#include <dynasio/core/error.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "aws/turnstile.hpp"
#include "support/coroutine.hpp"

namespace {

using namespace dynasio;
using dynasio::aws::detail::turnstile;
namespace asio = boost::asio;

asio::awaitable<void> pass_through(turnstile& door, int times, std::atomic<int>& inside, int& passed) {
    auto const executor = co_await asio::this_coro::executor;
    for (int i = 0; i < times; ++i) {
        auto entering = door.enter();
        auto const pass = co_await std::move(entering);
        EXPECT_EQ(inside.fetch_add(1), 0);
        ++passed;
        // Others come meanwhile.
        auto posting = asio::post(executor, asio::use_awaitable);
        co_await std::move(posting);
        EXPECT_EQ(inside.fetch_sub(1), 1);
    }
}

asio::awaitable<void> enter_and_stay(turnstile& door, std::optional<turnstile::pass>& pass) {
    auto entering = door.enter();
    auto got = co_await std::move(entering);
    pass.emplace(std::move(got));
}

TEST(turnstile, lets_one_through_at_a_time_on_any_thread) {
    constexpr int coroutines = 8;
    constexpr int times = 200;
    turnstile door;
    std::atomic<int> inside{0};
    int passed = 0;
    asio::io_context one{1};
    asio::io_context shared;
    for (int i = 0; i < coroutines; ++i) {
        asio::co_spawn(one, pass_through(door, times, inside, passed), asio::detached);
        asio::co_spawn(shared, pass_through(door, times, inside, passed), asio::detached);
    }
    std::vector<std::thread> threads;
    threads.emplace_back([&] { one.run(); });
    threads.emplace_back([&] { shared.run(); });
    threads.emplace_back([&] { shared.run(); });
    for (std::thread& t : threads) t.join();
    EXPECT_EQ(passed, 2 * coroutines * times);
}

TEST(turnstile, passes_over_who_is_cancelled_or_gone) {
    turnstile door;
    asio::io_context io{1};
    std::optional<turnstile::pass> first;
    std::optional<turnstile::pass> second;
    test::run(io, enter_and_stay(door, first));
    ASSERT_TRUE(first);
    std::optional<turnstile::pass> none;
    auto cancelled = test::start(io, enter_and_stay(door, none));
    auto waiting = test::start(io, enter_and_stay(door, second));
    {
        asio::io_context other{1};
        auto lost = test::start(other, enter_and_stay(door, none));
        other.poll();
    }
    io.restart();
    io.poll();
    cancelled.cancel();
    EXPECT_THROW(test::finish(io, cancelled), boost::system::system_error);
    EXPECT_FALSE(waiting.done());
    first.reset();
    test::finish(io, waiting);
    EXPECT_TRUE(second);
    EXPECT_FALSE(none);
}

} // namespace
