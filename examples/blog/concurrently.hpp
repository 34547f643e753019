#ifndef DYNASIO_EXAMPLES_BLOG_CONCURRENTLY_HPP
#define DYNASIO_EXAMPLES_BLOG_CONCURRENTLY_HPP

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <tuple>
#include <utility>
#include <vector>

namespace blog {

template <class Function>
boost::asio::awaitable<void> take_turns(std::size_t& next, std::size_t count, Function& start) {
    while (next < count) {
        auto const mine = next++;
        co_await start(mine);
    }
}

/// Awaits start(0), start(1), … start(count - 1), `at_once` of them at a time. The first failure cancels the others and
/// is thrown. `start` must outlive the call. For executors of one thread.
template <class Function>
boost::asio::awaitable<void> concurrently(std::size_t count, std::size_t at_once, Function& start) {
    namespace asio = boost::asio;
    auto const executor = co_await asio::this_coro::executor;
    std::size_t next = 0;
    auto const worker = [&] { return asio::co_spawn(executor, take_turns(next, count, start), asio::deferred); };
    std::vector<decltype(worker())> workers;
    for (std::size_t n = std::min(at_once, count); n > 0; --n) workers.push_back(worker());
    if (workers.empty()) co_return;

    auto group = asio::experimental::make_parallel_group(std::move(workers));
    auto const ended = co_await group.async_wait(asio::experimental::wait_for_one_error(), asio::use_awaitable);
    auto const& [order, failures] = ended;
    for (auto const i : order)
        if (failures[i]) std::rethrow_exception(failures[i]);
}

} // namespace blog

#endif
