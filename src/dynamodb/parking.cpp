#include "parking.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace dynasio::dynamodb::detail {

namespace asio = boost::asio;

void wake_all(parked_list& list) noexcept {
    while (!list.empty()) {
        parked& front = list.front();
        list.pop_front();
        front.wake();
    }
}

asio::awaitable<void> park(parked_list& list, std::chrono::steady_clock::time_point at, http::deadline& until) {
    auto const executor = co_await asio::this_coro::executor;
    parked self(executor, at, until);
    list.push_back(self);
    co_await self.timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

} // namespace dynasio::dynamodb::detail
