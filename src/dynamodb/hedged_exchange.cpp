#include "hedged_exchange.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include <array>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "parking.hpp"

namespace dynasio::dynamodb::detail {

namespace asio = boost::asio;
using steady = std::chrono::steady_clock;

namespace {

/// One or two exchanges of the same request. The exchanges share the object, because they may be destroyed after the
/// waiting coroutine.
struct race {
    explicit race(std::shared_ptr<engine> of) noexcept : owner(std::move(of)) {}

    struct runner {
        asio::cancellation_signal stop{};
        std::optional<http::exchange_result> result{};
        std::exception_ptr failed{};
        bool running = false;
    };

    [[nodiscard]] bool any_running() const noexcept { return runners[0].running || runners[1].running; }
    /// A runner that has ended with an answer of a status below 500.
    [[nodiscard]] runner* winner() noexcept {
        for (runner& r : runners) {
            if (!r.running && r.result && !r.result->code && r.result->answer.status() < 500) return &r;
        }
        return nullptr;
    }

    /// Keeps the deadlines and pools of the exchanges alive. Declared first, so that it is released last.
    std::shared_ptr<engine> owner;
    std::array<runner, 2> runners{};
    unsigned ended = 0;
    parked_list waiting{};
};

asio::awaitable<void> exchange_one(std::shared_ptr<race> r, std::size_t i, engine_state& state,
                                   http::connection_pool& pool, http::request_view view, steady::time_point at) {
    http::deadline until(state.deadlines, at);
    auto exchanging = pool.exchange(view, until);
    http::exchange_result result = co_await std::move(exchanging);
    r->runners[i].result.emplace(std::move(result));
}

void start(std::shared_ptr<race> const& r, std::size_t i, call& c, http::request_view view) {
    race::runner& runner = r->runners[i];
    auto ended = [r, i](std::exception_ptr e) {
        r->runners[i].failed = e;
        r->runners[i].running = false;
        ++r->ended;
        wake_all(r->waiting);
    };
    runner.running = true;
    asio::co_spawn(c.state.executor, exchange_one(r, i, c.state, *c.target->pool, view, c.deadline->at()),
                   asio::bind_cancellation_slot(runner.stop.slot(), std::move(ended)));
}

void stop(race& r) {
    for (race::runner& runner : r.runners) {
        if (runner.running) runner.stop.emit(asio::cancellation_type::terminal);
    }
}

/// Whether a second request may be sent now; if so, takes it from the budget.
bool allowed(call& c) {
    engine_state& state = c.state;
    http::pool_statistics const pool = c.target->pool->statistics();
    bool const room = pool.waiting == 0 && (pool.idle > 0 || pool.open < c.target->pool->options().max_connections);
    if (!room || (state.throttles.any() && state.throttles.concerns(c.targets()))) return false;
    return state.hedging->take();
}

} // namespace

bool may_hedge(call const& c) noexcept {
    return is_read(c.request.op) && c.request.options.hedged() && takes_capacity(c.request.op);
}

asio::awaitable<std::unique_ptr<http::exchange_result>> exchange_hedged(call& c) {
    // The exchanges use memory of the call, so this coroutine waits for their end in every case, also after
    // cancellation.
    bool const throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    hedge_policy& policy = *c.state.hedging;
    auto const began = steady::now();
    auto const patience = policy.on_read(c.request.op);
    auto second_at = patience ? began + *patience : steady::time_point::max();
    auto const terms = c.terms();
    http::request_view const view{c.head, c.separate_body(), terms.repeatable, terms.kind, terms.timeout};
    auto const r = std::make_shared<race>(c.owner);
    start(r, 0, c, view);
    steady::time_point second_sent{};
    bool hedged = false;
    bool stopped = false;
    while (r->any_running()) {
        auto const ended_before = r->ended;
        bool const over = r->winner() != nullptr || cancellation.cancelled() != asio::cancellation_type::none;
        if (over && !stopped) {
            stopped = true;
            stop(*r);
        }
        bool const may = !stopped && !hedged && r->runners[0].running;
        if (may && steady::now() >= second_at) {
            second_at = steady::time_point::max(); // only one second request
            if (!c.deadline->expired() && allowed(c)) {
                hedged = true;
                second_sent = steady::now();
                start(r, 1, c, view);
            }
        }
        // Starting or stopping may have ended an exchange at once, before this coroutine waits. Waiting would then miss
        // it.
        if (r->ended != ended_before) continue;
        auto waiting = park(r->waiting, may ? second_at : steady::time_point::max(), *c.deadline);
        co_await std::move(waiting);
    }
    co_await asio::this_coro::throw_if_cancelled(throws);
    race::runner* const winner = r->winner();
    if (hedged) c.count_hedge(second_sent - began, winner == &r->runners[1]);
    race::runner& best = winner != nullptr ? *winner : r->runners[0];
    if (best.failed) std::rethrow_exception(best.failed);
    if (winner != nullptr && best.result->answer.status() == 200)
        policy.on_latency(c.request.op, steady::now() - began);
    co_return std::make_unique<http::exchange_result>(std::move(*best.result));
}

} // namespace dynasio::dynamodb::detail
