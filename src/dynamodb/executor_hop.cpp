#include "executor_hop.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <memory>
#include <utility>

namespace dynasio::dynamodb::detail {

namespace asio = boost::asio;

namespace {

/// Runs `op` with all types of cancellation enabled. The caller's own cancellation state decides which types arrive
/// here.
asio::awaitable<void> accept_cancellation(asio::awaitable<void> op) {
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    std::exception_ptr failed;
    try {
        co_await std::move(op);
    } catch (...) {
        failed = std::current_exception();
    }
    // co_spawn (Asio 1.26) awaits after the end of a coroutine that never suspended. If cancelled, that would throw out
    // of the context's run().
    co_await asio::this_coro::throw_if_cancelled(false);
    if (failed) std::rethrow_exception(failed);
}

/// Does the same as co_spawn(executor, op, use_awaitable), except for cancellation: in co_spawn the caller's slot owns
/// the signal, which may be destroyed before the cancellation arrives on the other executor.
struct hop_initiation {
    template <class Handler>
    void operator()(Handler&& handler, asio::any_io_executor const& executor, asio::awaitable<void> op) const {
        auto signal = std::make_shared<asio::cancellation_signal>();
        auto slot = asio::get_associated_cancellation_slot(handler);
        auto const caller = asio::get_associated_executor(handler, executor);
        if (slot.is_connected()) {
            slot.assign([signal, executor](asio::cancellation_type type) {
                asio::dispatch(executor, [signal, type] { signal->emit(type); });
            });
        }
        auto done = [handler = std::forward<Handler>(handler), slot, signal](std::exception_ptr e) mutable {
            if (slot.is_connected()) slot.clear();
            std::move(handler)(e);
        };
        asio::co_spawn(executor, accept_cancellation(std::move(op)),
                       asio::bind_cancellation_slot(signal->slot(), asio::bind_executor(caller, std::move(done))));
    }
};

} // namespace

asio::awaitable<void> hop_to(asio::any_io_executor executor, asio::awaitable<void> op) {
    auto hopping = asio::async_initiate<asio::use_awaitable_t<> const, void(std::exception_ptr)>(
        hop_initiation(), asio::use_awaitable, executor, std::move(op));
    co_await std::move(hopping);
}

} // namespace dynasio::dynamodb::detail
