#include "turnstile.hpp"

#include <dynasio/core/error.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace dynasio::aws::detail {

namespace asio = boost::asio;

/// A waiter is part of the waiting coroutine's frame, so that it is destroyed with its io_context. Other threads access
/// its timer, but only while they hold the mutex.
struct turnstile::waiter {
    waiter(turnstile& o, asio::any_io_executor const& executor) : of(o), timer(executor) {
        timer.expires_at(asio::steady_timer::time_point::max());
        std::lock_guard const lock(of.mutex_);
        // The previous holder may have left in the meantime and will then not wake this waiter.
        woken = !of.inside_; // NOLINT(cppcoreguidelines-prefer-member-initializer): protected by the mutex
        of.waiters_.push_back(this);
    }
    ~waiter() {
        std::lock_guard const lock(of.mutex_);
        of.waiters_.erase(std::find(of.waiters_.begin(), of.waiters_.end(), this));
    }
    waiter(waiter const&) = delete;
    waiter& operator=(waiter const&) = delete;

    turnstile& of;
    asio::steady_timer timer;
    bool woken = false;
};

struct turnstile::wait_initiation {
    template <class Handler> void operator()(Handler&& handler, waiter* w) const {
        std::lock_guard const lock(w->of.mutex_);
        // A waiter that was woken before it slept waits for a time in the past, so that the wait ends at once.
        if (w->woken) w->timer.expires_at(asio::steady_timer::time_point());
        w->timer.async_wait(std::forward<Handler>(handler));
    }
};

bool turnstile::try_enter() {
    std::lock_guard const lock(mutex_);
    return !std::exchange(inside_, true);
}

void turnstile::leave() noexcept {
    std::lock_guard const lock(mutex_);
    inside_ = false;
    // All waiters are woken. If only one were woken, it might be cancelled at this moment, and the others would wait
    // for ever.
    for (waiter* const w : waiters_) {
        w->woken = true;
        w->timer.cancel();
    }
}

asio::awaitable<turnstile::pass> turnstile::enter() {
    auto const executor = co_await asio::this_coro::executor;
    while (!try_enter()) {
        waiter w(*this, executor);
        auto waiting = asio::async_initiate<asio::as_tuple_t<asio::use_awaitable_t<>> const, void(error_code)>(
            wait_initiation(), asio::as_tuple(asio::use_awaitable), &w);
        auto const [ec] = co_await std::move(waiting);
        std::lock_guard const lock(mutex_);
        if (ec && !w.woken) throw boost::system::system_error(ec);
    }
    co_return pass(*this);
}

} // namespace dynasio::aws::detail
