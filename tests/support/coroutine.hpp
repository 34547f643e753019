#ifndef DYNASIO_TESTS_SUPPORT_COROUTINE_HPP
#define DYNASIO_TESTS_SUPPORT_COROUTINE_HPP

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace dynasio::test {

/// Far beyond what any test needs; it only turns a test that hangs into one that fails.
constexpr std::chrono::seconds patience{30};

/// A coroutine that runs beside the test. Throws away nothing: value() rethrows what the coroutine threw.
template <class T> class task {
public:
    task() : shared_(std::make_shared<shared>()) {}

    [[nodiscard]] bool done() const noexcept { return shared_->done; }
    [[nodiscard]] T value() {
        if (!shared_->done) throw std::logic_error("the coroutine is not finished");
        if (shared_->failed) std::rethrow_exception(shared_->failed);
        if constexpr (!std::is_void_v<T>) return std::move(*shared_->result);
    }
    /// Ends it as a caller's cancellation would: at once from within the context, else with its next step. Emitting
    /// from outside is not safe: co_spawn forwards a signal through the queue by a pointer that its coroutine's end
    /// destroys.
    void cancel(boost::asio::cancellation_type type = boost::asio::cancellation_type::terminal) {
        boost::asio::dispatch(*shared_->ctx, [state = shared_, type] {
            if (!state->done) state->signal.emit(type);
        });
    }

    /// Starts `body` on `ctx`; it runs as soon as the context does.
    static task start(boost::asio::io_context& ctx, boost::asio::awaitable<T> body) {
        task result;
        result.shared_->ctx = &ctx;
        auto const state = result.shared_;
        auto const slot = state->signal.slot();
        if constexpr (std::is_void_v<T>) {
            boost::asio::co_spawn(ctx, std::move(body),
                                  boost::asio::bind_cancellation_slot(slot, [state](std::exception_ptr e) {
                                      state->failed = e;
                                      state->done = true;
                                  }));
        } else {
            boost::asio::co_spawn(ctx, std::move(body),
                                  boost::asio::bind_cancellation_slot(slot, [state](std::exception_ptr e, T value) {
                                      state->failed = e;
                                      if (!e) state->result.emplace(std::move(value));
                                      state->done = true;
                                  }));
        }
        return result;
    }

private:
    struct shared {
        boost::asio::io_context* ctx = nullptr;
        bool done = false;
        std::exception_ptr failed{};
        std::optional<std::conditional_t<std::is_void_v<T>, bool, T>> result{};
        boost::asio::cancellation_signal signal{};
    };
    std::shared_ptr<shared> shared_;
};

template <class T> [[nodiscard]] task<T> start(boost::asio::io_context& ctx, boost::asio::awaitable<T> body) {
    return task<T>::start(ctx, std::move(body));
}

/// Runs the context until `condition` holds. Throws when that does not happen.
template <class Condition> void run_until(boost::asio::io_context& ctx, Condition condition) {
    auto const end = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (ctx.stopped()) ctx.restart();
        if (ctx.run_one_until(end) == 0)
            throw std::runtime_error(ctx.stopped() ? "nothing left to run, and the condition does not hold"
                                                   : "the condition did not come true in time");
    }
}

/// Runs the context until the task is finished.
template <class T> T finish(boost::asio::io_context& ctx, task<T>& t) {
    run_until(ctx, [&] { return t.done(); });
    return t.value();
}

/// Runs a coroutine to its end.
template <class T> T run(boost::asio::io_context& ctx, boost::asio::awaitable<T> body) {
    auto t = start(ctx, std::move(body));
    return finish(ctx, t);
}

/// Runs what is left, which has to come to an end by itself: how a test proves that nothing keeps run() going.
inline void run_out(boost::asio::io_context& ctx) {
    if (ctx.stopped()) ctx.restart();
    auto const end = std::chrono::steady_clock::now() + patience;
    while (ctx.run_one_until(end) != 0) {
    }
    if (!ctx.stopped()) throw std::runtime_error("something keeps io_context::run() going");
}

} // namespace dynasio::test

#endif
