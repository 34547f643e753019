#include <dynasio/core/detail/gathering.hpp>
#include <dynasio/core/error.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace dynasio::detail {

namespace asio = boost::asio;

gathering::gathering(asio::any_io_executor executor, std::size_t count, std::size_t at_most)
    : executor_(std::move(executor)), count_(count), at_most_(at_most),
      ended_(executor_, asio::steady_timer::time_point::max()) {}
gathering::~gathering() = default;

asio::awaitable<void> gathering::run() {
    if (at_most_ == 0) throw_error(errc::invalid_argument, "concurrency(0) would begin nothing");
    // A cancelled wait must return here instead of throwing, because the workers have to be cancelled and waited for.
    bool const throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    // Code that cleans up after a cancellation runs with the state of that cancellation, which must not end it.
    auto const before = cancellation.cancelled();
    for (std::size_t i = std::min(at_most_, count_); i > 0; --i) start(workers_.emplace_back());
    while (running_ > 0) {
        auto waiting = ended_.async_wait(asio::as_tuple(asio::use_awaitable));
        co_await std::move(waiting);
        if (!cancelled_ && cancellation.cancelled() != before) {
            cancelled_ = true;
            cancel_workers();
        }
    }
    co_await asio::this_coro::throw_if_cancelled(throws);
    if (cancelled_) throw_error(asio::error::operation_aborted, "the operations of when_all() were cancelled");
    if (failure_) std::rethrow_exception(failure_);
}

void gathering::start(signal& cancel) {
    ++running_;
    auto working = work(shared_from_this());
    asio::co_spawn(executor_, std::move(working),
                   asio::bind_cancellation_slot(
                       cancel.slot(), [self = shared_from_this()](std::exception_ptr failed) { self->end(failed); }));
}

asio::awaitable<void> gathering::work(std::shared_ptr<gathering> of) {
    std::exception_ptr failed;
    try {
        while (!of->is_over() && of->next_ < of->count_) {
            auto performing = of->perform(of->next_++);
            co_await std::move(performing);
        }
    } catch (...) {
        failed = std::current_exception();
    }
    // co_spawn (Asio 1.26) awaits after the end of a coroutine that never suspended. If cancelled, that would throw out
    // of the context's run().
    co_await asio::this_coro::throw_if_cancelled(false);
    if (failed) std::rethrow_exception(failed);
}

void gathering::end(std::exception_ptr const& failed) {
    --running_;
    if (failed && !failure_) {
        failure_ = failed;
        cancel_workers();
    }
    ended_.cancel();
}

void gathering::cancel_workers() {
    for (auto& worker : workers_) worker.emit(asio::cancellation_type::terminal);
}

} // namespace dynasio::detail
