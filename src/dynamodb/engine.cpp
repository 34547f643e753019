#include <dynasio/dynamodb/detail/engine.hpp>

#include <dynasio/http/connection_pool.hpp>
#include <dynasio/http/deadline.hpp>
#include <dynasio/http/detail/pending_exchange.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <new>
#include <utility>

#include "call.hpp"
#include "credential_fetch.hpp"
#include "engine_state.hpp"
#include "executor_hop.hpp"
#include "hedged_exchange.hpp"
#include "rate_turn.hpp"
#include "throttle_wait.hpp"

namespace dynasio::dynamodb::detail {

namespace asio = boost::asio;
using steady = std::chrono::steady_clock;

namespace {

// Returns errors as values and, unlike use_awaitable, makes no coroutine frame for the operation.
constexpr auto completion = asio::as_tuple(asio::deferred);

// Every call pays for the size of run()'s frame, so large objects that only errors need are made in functions of their
// own.

[[noreturn]] void refuse_executor(operation op) {
    diagnostics d;
    d.operation = to_string(op);
    throw_error(errc::wrong_executor, std::move(d));
}

[[noreturn]] void refuse_closing(call& c) {
    diagnostics d;
    d.operation = to_string(c.request.op);
    d.table = c.table();
    d.message = "the client was closed before";
    throw_error(errc::client_closed, std::move(d));
}

raw_reply reply_of(call const& c, http::exchange_result& result) {
    raw_reply reply;
    reply.response = std::move(result.answer);
    reply.attempts = c.attempts;
    return reply;
}

/// The call owns the engine, so that the coroutine has no second parameter that the destructor of the first one needs.
asio::awaitable<raw_reply> run(prepared_call request, http::deadline* until) {
    prepared_call const held = std::move(request); // destroyed with the body, before the awaiting coroutine resumes
    call& c = *held;
    std::shared_ptr<engine> const& self = c.owner;
    engine_state& state = c.state;
    auto const executor = co_await asio::this_coro::executor;
    if (executor != state.executor) {
        refuse_executor(c.request.op);
    }
    if (state.closing && until == nullptr) refuse_closing(c);
    state.notice_fork();
    c.begin(until);
    if (state.watcher != nullptr) [[unlikely]]
        c.begin_observed();
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    error_code unexpected;
    try {
        for (;;) {
            c.check(cancellation.cancelled(), "preparing the request");
            if (state.throttles.any() && c.held_back()) [[unlikely]] {
                auto waiting = wait_for_turn(c);
                co_await std::move(waiting);
                c.time_has_passed();
            }
            if (state.turns && !state.turns->take()) {
                auto waiting = wait_for_rate(self, c);
                co_await std::move(waiting);
                c.time_has_passed();
            }
            // The credentials are requested again after the waits above, because another call may have dropped refused
            // ones in the meantime.
            auto const action = next_credentials(*self, state, c.system_now());
            if (action != credential_cache::action::use) {
                auto waiting = wait_for_credentials(self, c, action);
                co_await std::move(waiting);
                c.time_has_passed();
            }
            if (state.targets.by_account(c.request.op)) c.choose_endpoint();
            auto step = call::step::fail;
            if (state.hedging && may_hedge(c)) [[unlikely]] {
                c.write_text();
                if (state.watcher != nullptr) c.begin_attempt_observed();
                auto racing = exchange_hedged(c);
                auto const result = co_await std::move(racing);
                c.release_text();
                step = c.judge(*result);
                if (step == call::step::done) co_return reply_of(c, *result);
            } else {
                http::detail::pending_exchange exchange(*c.target->pool, c.terms(), *c.deadline, cancellation);
                if (exchange.must_wait()) {
                    auto turn = exchange.turn();
                    co_await std::move(turn);
                    c.time_has_passed();
                    if (!exchange.is_over() && !c.may_sign()) [[unlikely]]
                        continue; // queues again once it can be signed
                }
                if (state.watcher != nullptr) [[unlikely]] {
                    if (!exchange.is_over()) c.write_text();
                    c.begin_attempt_observed();
                }
                try {
                    while (!exchange.is_over()) {
                        if (exchange.wants_request()) {
                            if (!c.write_text_for(exchange)) continue;
                            exchange.send(c.head, c.separate_body());
                            if (exchange.can_receive()) c.release_text();
                        } else if (exchange.can_receive()) {
                            auto reading = exchange.socket().async_read_some(exchange.room(), completion);
                            auto const [ec, n] = co_await std::move(reading);
                            exchange.received(ec, n);
                        } else {
                            auto driving = exchange.drive();
                            co_await std::move(driving);
                        }
                    }
                } catch (...) { // Asio's own, see below: the request may have taken effect
                    c.break_off(exchange.may_have_sent());
                    throw;
                }
                c.release_text();
                step = c.judge(exchange.result());
                if (step == call::step::done) co_return reply_of(c, exchange.result());
            }
            if (step == call::step::fail) c.fail();
            ++state.counts.retries;
            if (state.watcher != nullptr) [[unlikely]]
                c.retry_observed();
            if (c.delay.count() > 0) {
                auto const delay = std::chrono::ceil<steady::duration>(c.delay);
                // An attempt that cannot start before the deadline is not waited for; the call fails at once.
                if (steady::now() + delay >= c.deadline->at())
                    c.fail(errc::deadline_exceeded, "the deadline passes before the next attempt may start");
                auto const wake_at = steady::now() + delay;
                auto sleeping = park(state.sleepers, wake_at, *c.deadline);
                co_await std::move(sleeping);
                c.check(cancellation.cancelled(), "waiting for the next attempt");
            }
        }
    } catch (error const&) {
        throw;
    } catch (boost::system::system_error const& e) {
        // Asio throws this when a coroutine is awaited after its cancellation.
        unexpected = e.code();
    }
    c.fail(unexpected, {});
}

/// Runs a call for a caller on another executor. The answer is copied, because its storage must stay on the client's
/// executor.
asio::awaitable<raw_reply> run_and_detach(prepared_call request) {
    auto running = run(std::move(request), nullptr);
    raw_reply reply = co_await std::move(running);
    raw_reply out;
    out.attempts = reply.attempts;
    out.detached = std::make_unique<raw_reply::detached_answer>();
    out.detached->body = reply.body();
    out.detached->request_id = reply.response.head().request_id;
    co_return out;
}

asio::awaitable<raw_reply> run_from_anywhere(prepared_call request, http::deadline* until) {
    auto const executor = co_await asio::this_coro::executor;
    std::shared_ptr<engine> const self = request->owner;
    if (executor == self->executor()) {
        auto running = run(std::move(request), until);
        raw_reply reply = co_await std::move(running);
        co_return reply;
    }
    if (until != nullptr)
        throw_error(errc::wrong_executor, "a deadline was given to a call from another executor than its own");
    auto running = run_and_detach(std::move(request));
    auto hopping = hop_with_result(self, std::move(running));
    raw_reply reply = co_await std::move(hopping);
    co_return reply;
}

/// Takes the steps of a call before signing. Credentials come first, because the host may depend on them.
asio::awaitable<void> warm_connections(std::shared_ptr<engine> self, engine_state& state, call_options options) {
    auto const executor = co_await asio::this_coro::executor;
    if (executor != state.executor) throw_error(errc::wrong_executor, diagnostics());
    self->admit(executor);
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    raw_request none{operation::describe_endpoints, {}, true, std::move(options)};
    call c(state, std::move(none));
    c.begin(nullptr);
    try {
        c.check(cancellation.cancelled(), "preparing connections");
        auto const action = next_credentials(*self, state, c.system_now());
        if (action != credential_cache::action::use) {
            auto waiting = wait_for_credentials(self, c, action);
            co_await std::move(waiting);
        }
        if (state.targets.by_account(c.request.op)) c.choose_endpoint();
        auto warming = c.target->pool->warm_up(*c.deadline);
        auto const result = co_await std::move(warming);
        if (result.code) throw_error(result.code, result.message);
    } catch (error const& e) {
        diagnostics d = e.info();
        d.operation.clear(); // there was no operation
        throw_error(e.code(), std::move(d));
    }
}

/// Marks a part of a larger operation that is not a call. Closing waits for it as for calls.
class working {
public:
    explicit working(engine_state& state) noexcept : state_(state) { state_.begin_work(); }
    ~working() { state_.end_work(); }
    working(working const&) = delete;
    working& operator=(working const&) = delete;

private:
    engine_state& state_;
};

void stop_now(engine_state& state) noexcept {
    state.closing = true;
    state.closed = true;
    state.targets.close();
    if (state.turns) state.turns->close();
    wake_all(state.sleepers);
    wake_all(state.credential_waiters);
    wake_all(state.closers);
    cancel_fetch(state);
}

/// Closes the client: waits for running calls for at most `grace`, then ends the rest. A cancellation ends them at
/// once.
asio::awaitable<void> close_on(std::shared_ptr<engine> self, engine_state& state, std::chrono::nanoseconds grace) {
    auto const executor = co_await asio::this_coro::executor;
    self->check_executor(executor);
    bool const throws = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    auto const cancelled = [&] { return cancellation.cancelled() != asio::cancellation_type::none; };
    state.closing = true;
    {
        auto const now = steady::now();
        http::deadline until(state.deadlines,
                             grace < steady::time_point::max() - now ? now + grace : steady::time_point::max());
        while (state.under_way > 0 && !state.closed && !until.expired() && !cancelled()) {
            auto waiting = park(state.closers, steady::time_point::max(), until);
            co_await std::move(waiting);
        }
    }
    stop_now(state);
    // Interrupted calls end with their next step.
    http::deadline never(state.deadlines, steady::time_point::max());
    while (state.under_way > 0 && !cancelled()) {
        auto waiting = park(state.closers, steady::time_point::max(), never);
        co_await std::move(waiting);
    }
    co_await asio::this_coro::throw_if_cancelled(throws);
    if (cancelled()) throw_error(asio::error::operation_aborted, "the client was closed at once");
}

asio::awaitable<void> sleep_on([[maybe_unused]] std::shared_ptr<engine> self, engine_state& state,
                               steady::duration delay, http::deadline& until) {
    working const counted(state);
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    bool const already = cancellation.cancelled() != asio::cancellation_type::none || state.closed || until.expired();
    if (!already) {
        auto const wake_at = steady::now() + delay;
        auto sleeping = park(state.sleepers, wake_at, until);
        co_await std::move(sleeping);
    }
    if (cancellation.cancelled() != asio::cancellation_type::none)
        throw_error(asio::error::operation_aborted, diagnostics());
    if (state.closed) throw_error(errc::client_closed, "the client was closed while waiting");
    if (until.expired()) throw_error(errc::deadline_exceeded, "the deadline passed while waiting");
}

} // namespace

engine::engine(std::unique_ptr<engine_state> s) : state_(std::move(s)) {}

engine::~engine() {
    cancel_fetch(*state_);
    if (!state_->options.thread_safe) return;
    // The last handle may be destroyed on any thread, while connections are being opened ahead on the client's
    // executor. The state is therefore released there.
    try {
        auto const executor = state_->executor;
        asio::dispatch(executor, [state = std::move(state_)] {});
    } catch (...) {
        // Out of memory: the state has been released on this thread.
    }
}

void call_deleter::operator()(call* c) const noexcept {
    engine_state& state = c->state;
    auto const owner = std::move(c->owner); // released when the memory has been returned
    c->~call();
    state.calls_memory.put(std::unique_ptr<std::byte[]>(reinterpret_cast<std::byte*>(c)));
}

raw_request const& request_of(prepared_call const& prepared) noexcept { return prepared->request; }

std::shared_ptr<engine> engine::create(asio::any_io_executor executor, client_options options) {
    return create(std::move(executor), std::move(options), aws::environment::process());
}

std::shared_ptr<engine> engine::create(asio::any_io_executor executor, client_options options,
                                       aws::environment const& env) {
    if (!executor) throw_error(errc::invalid_configuration, "executor: empty");
    auto resolved = resolve(std::move(options), env);
    if (resolved.options.thread_safe) executor = asio::make_strand(executor);
    if (!resolved.options.pool.listener) resolved.options.pool.listener = resolved.options.observer;
    auto state = std::make_unique<engine_state>(std::move(executor), std::move(resolved), env);
    return std::shared_ptr<engine>(new engine(std::move(state)));
}

prepared_call engine::prepare(raw_request request) {
    static_assert(alignof(call) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
    auto memory = state_->calls_memory.take(sizeof(call));
    prepared_call made(new (memory.get()) call(*state_, std::move(request)));
    static_cast<void>(memory.release());
    made->owner = shared_from_this();
    return made;
}

asio::awaitable<raw_reply> engine::perform(prepared_call request, http::deadline* until) {
    if (state_->options.thread_safe) return run_from_anywhere(std::move(request), until);
    return run(std::move(request), until);
}

asio::awaitable<void> engine::warm_up(call_options options) {
    return warm_connections(shared_from_this(), *state_, std::move(options));
}

asio::awaitable<void> engine::sleep(steady::duration delay, http::deadline& until) {
    return sleep_on(shared_from_this(), *state_, delay, until);
}

steady::time_point engine::deadline_of(call_options const& options) const noexcept {
    return state_->deadline_of(options, steady::now());
}

std::string engine::borrow_body() { return state_->strings.take(); }

void engine::check_executor(asio::any_io_executor const& caller) const {
    if (caller == state_->executor)
        state_->notice_fork();
    else if (!state_->options.thread_safe)
        throw_error(errc::wrong_executor, diagnostics());
}

asio::awaitable<void> engine::hop(asio::awaitable<void> op) { return hop_to(state_->executor, std::move(op)); }

void engine::stop() noexcept {
    if (!state_->options.thread_safe) {
        stop_now(*state_);
        return;
    }
    try {
        asio::dispatch(state_->executor, [self = shared_from_this()] { stop_now(*self->state_); });
    } catch (...) {
        // Out of memory: the client stays open, because there is no way to report the failure.
    }
}

asio::awaitable<void> engine::close(std::chrono::nanoseconds grace) {
    return enter(shared_from_this(), close_on(shared_from_this(), *state_, grace));
}

void engine::admit(asio::any_io_executor const& caller) const {
    check_executor(caller);
    if (state_->closing) throw_error(errc::client_closed, "the client was closed before");
}

asio::any_io_executor const& engine::executor() const noexcept { return state_->executor; }
client_options const& engine::options() const noexcept { return state_->options; }
aws::retry_policy const& engine::retry() const noexcept { return state_->retry; }
http::deadline_queue& engine::deadlines() noexcept { return state_->deadlines; }
request_counts const& engine::counts() const noexcept { return state_->counts; }
std::vector<throttled_resource> engine::throttled() const {
    state_->throttles.expire(steady::now());
    return state_->throttles.snapshot();
}
system_time engine::service_time() const { return state_->options.clock() + state_->clock_offset; }
http::pool_statistics engine::pool() const noexcept { return state_->targets.statistics(); }
double engine::jitter() noexcept { return state_->jitter(); }

} // namespace dynasio::dynamodb::detail
