#include "drive.hpp"

#include <dynasio/core/error.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <list>
#include <string>

namespace dynasio::detail {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

namespace {

dynamodb::detail::raw_request lower(graph_request&& request, call_options const& call, http::traffic kind) {
    dynamodb::detail::raw_request raw{
        .op = request.op, .body = std::move(request.body), .repeatable = true, .options = call, .kind = kind};
    return raw;
}

/// The relation that a request is for, as its label for the client's observer; empty when there is none to tell.
std::string label_of(engine_ptr const& engine, graph const& g, std::size_t id, call_options const& call) {
    if (!engine->options().observer || !call.label().empty()) return {};
    diagnostics d;
    g.locate(id, d);
    return std::move(d.relation_path);
}

[[noreturn]] void rethrow_located(error const& e, graph const& g, std::size_t id) {
    diagnostics d = e.info();
    g.locate(id, d);
    throw_error(e.code(), std::move(d));
}

void take_answer(graph& g, std::size_t id, dynamodb::detail::raw_reply const& reply, double jitter) {
    try {
        g.on_answer(id, reply.body(), clock::now(), jitter);
    } catch (error const& e) {
        diagnostics d = e.info();
        name_answer(d, reply);
        throw_error(e.code(), std::move(d));
    }
}

// Several requests at a time. A worker is a coroutine that sends one request after the other while there are any.
class crew {
public:
    crew(engine_ptr engine, graph& g, call_options call, clock::time_point until, std::size_t limit)
        : engine_(std::move(engine)), graph_(g), call_(std::move(call)), until_(until), limit_(limit),
          wake_(engine_->executor()) {}

    asio::awaitable<void> run() {
        // A cancelled wait must come back here, where the workers are cancelled and waited for.
        bool const throws = co_await asio::this_coro::throw_if_cancelled();
        co_await asio::this_coro::throw_if_cancelled(false);
        bool cancelled = false;
        for (;;) {
            if (!failure_ && !cancelled) hire();
            if (running_ == 0 && (failure_ || cancelled || graph_.done())) break;
            auto const at = graph_.wake_at();
            bool const timed = at && running_ < limit_ && !failure_ && !cancelled;
            wake_.expires_at(timed ? *at : clock::time_point::max());
            co_await wake_.async_wait(asio::as_tuple(asio::use_awaitable));
            auto const state = co_await asio::this_coro::cancellation_state;
            if (!cancelled && state.cancelled() != asio::cancellation_type::none) {
                cancelled = true;
                cancel_workers();
                co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
            }
        }
        co_await asio::this_coro::throw_if_cancelled(throws);
        if (cancelled) {
            diagnostics d;
            d.message = "the load was cancelled";
            throw_error(asio::error::operation_aborted, std::move(d));
        }
        if (failure_) std::rethrow_exception(failure_);
    }

private:
    struct worker {
        asio::cancellation_signal cancel{};
    };

    void hire() {
        auto const now = clock::now();
        while (running_ < limit_ && !failure_ && graph_.ready(now)) {
            auto request = graph_.next(now);
            if (!request) break;
            if (idle_.empty()) {
                workers_.emplace_back();
                idle_.push_back(&workers_.back());
            }
            worker* const w = idle_.back();
            idle_.pop_back();
            ++running_;
            asio::co_spawn(engine_->executor(), work(std::move(*request)),
                           asio::bind_cancellation_slot(w->cancel.slot(), [this, w](std::exception_ptr failed) {
                               --running_;
                               idle_.push_back(w);
                               if (failed && !failure_) {
                                   failure_ = failed;
                                   cancel_workers();
                               }
                               wake_.cancel();
                           }));
        }
    }

    asio::awaitable<void> work(graph_request request) {
        std::optional<graph_request> current(std::move(request));
        while (current) {
            std::size_t const id = current->id;
            try {
                // A deadline serves one request at a time: each worker has its own with the same time.
                http::deadline until(engine_->deadlines(), until_);
                std::string const label = label_of(engine_, graph_, id, call_);
                auto raw = lower(std::move(*current), call_, http::traffic::fan_out);
                if (!label.empty()) raw.options.label(label);
                auto const reply = co_await engine_->perform(std::move(raw), &until);
                take_answer(graph_, id, reply, engine_->jitter());
            } catch (error const& e) {
                rethrow_located(e, graph_, id);
            }
            current.reset();
            if (failure_) co_return;
            current = graph_.next(clock::now());
            hire();
        }
    }

    void cancel_workers() {
        for (auto& w : workers_) w.cancel.emit(asio::cancellation_type::terminal);
    }

    engine_ptr engine_;
    graph& graph_;
    call_options call_;
    clock::time_point until_;
    std::size_t limit_;
    asio::steady_timer wake_;
    std::list<worker> workers_;
    std::vector<worker*> idle_;
    std::size_t running_ = 0;
    std::exception_ptr failure_;
};

} // namespace

void name_answer(diagnostics& d, dynamodb::detail::raw_reply const& reply) {
    if (reply.body().empty()) return;
    if (d.request_id.empty()) d.request_id = reply.request_id();
    if (d.attempts == 0) d.attempts = reply.attempts;
    if (d.http_status == 0) d.http_status = 200; // no other one gives a reply
}

std::exception_ptr with_prefix(error const& e, engine_ptr const& engine) {
    diagnostics d = e.info();
    if (!d.table.empty()) d.table.insert(0, engine->options().table_prefix);
    return std::make_exception_ptr(error(e.code(), std::move(d)));
}

asio::awaitable<void> drive(engine_ptr engine, graph& g, operation_options options, bool continues) {
    // Requests check it too, but the deadlines and timers made here must not be touched elsewhere either.
    auto const executor = co_await asio::this_coro::executor;
    if (continues) {
        engine->check_executor(executor);
    } else {
        engine->admit(executor);
    }
    auto const until = engine->deadline_of(options.call);
    if (options.concurrency == 0u) throw_error(errc::invalid_argument, "concurrency(0) would send nothing");
    std::size_t const limit = options.concurrency.value_or(engine->options().pool.max_connections);
    // One request after the other needs no crew.
    while (g.sequential()) {
        auto request = g.next(clock::now());
        if (!request) break;
        std::size_t const id = request->id;
        try {
            http::deadline at(engine->deadlines(), until);
            std::string const label = label_of(engine, g, id, options.call);
            auto raw = lower(std::move(*request), options.call, http::traffic::single);
            if (!label.empty()) raw.options.label(label);
            auto const reply = co_await engine->perform(std::move(raw), &at);
            take_answer(g, id, reply, engine->jitter());
        } catch (error const& e) {
            rethrow_located(e, g, id);
        }
    }
    if (g.done()) co_return;
    crew all(std::move(engine), g, options.call, until, std::max<std::size_t>(limit, 1));
    co_await all.run();
}

} // namespace dynasio::detail
