#include <dynasio/dynamodb/detail/request_source.hpp>

#include <dynasio/http/deadline.hpp>

#include <dynasio/core/error_context.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <list>
#include <utility>
#include <vector>

namespace dynasio::dynamodb::detail {

namespace asio = boost::asio;
using steady = std::chrono::steady_clock;

bool request_source::takes_failure(std::size_t, error const&) { return false; }
void request_source::on_failure(std::size_t, error const&) {}
void request_source::describe_whole(diagnostics&) const {}

void add_answer_facts(diagnostics& d, raw_reply const& reply) {
    if (reply.detached == nullptr && reply.response.status() == 0) return;
    error_context known;
    known.request_id = reply.request_id();
    known.attempts = reply.attempts;
    known.http_status = 200; // the engine returns answers of this status only
    add_context(d, known);
}

namespace {

/// A request of a source that is under way. It must not be moved, because its call points to repeated_in_doubt.
struct order {
    std::size_t id;
    prepared_call call{};
    bool repeated_in_doubt = false; ///< See raw_request::repeated_in_doubt.
};

/// Takes requests from the source of one operation, and passes answers and failures back to it.
class dispatcher {
public:
    dispatcher(std::shared_ptr<engine> self, request_source& source, drive_options options)
        : engine_(std::move(self)), source_(source), options_(std::move(options)),
          until_(options_.until ? *options_.until : engine_->deadline_of(options_.call)) {}

    [[nodiscard]] engine& sender() noexcept { return *engine_; }
    [[nodiscard]] request_source& source() noexcept { return source_; }
    [[nodiscard]] steady::time_point until() const noexcept { return until_; }

    /// Puts the next request of the source into `into`. Returns false, and leaves `into` empty, when the source has no
    /// request now.
    [[nodiscard]] bool next(std::optional<order>& into, http::traffic kind) {
        into.reset();
        auto asked = source_.next(steady::now());
        if (!asked) return false;
        order& made = into.emplace(order{asked->id});
        raw_request raw{asked->op, std::move(asked->body), asked->repeatable, options_.call,
                        kind,      &made.repeated_in_doubt};
        raw.about = asked->about;
        raw.report_capacity = options_.report_capacity;
        raw.repeats_cancelled = asked->repeats_cancelled;
        raw.retries = asked->retries;
        raw.reads_whole_answer = true; // request_source::on_answer()
        made.call = engine_->prepare(std::move(raw));
        return true;
    }

    void take_answer(order const& answered, raw_reply const& reply) {
        request_source::answer const got{reply, answered.repeated_in_doubt, steady::now(), engine_->jitter()};
        try {
            source_.on_answer(answered.id, got);
        } catch (error const& e) {
            diagnostics d = e.info();
            add_answer_facts(d, reply);
            throw error(e.code(), std::move(d));
        }
    }

    /// Call it in a catch block. Reports the failure of a request to the source and returns the exception with what the
    /// source adds to it; null when the source takes the failure for an outcome.
    [[nodiscard]] std::exception_ptr take_failure(std::size_t id) {
        failure failed;
        try {
            throw;
        } catch (error const& e) {
            failed = e.as_failure();
        } catch (boost::system::system_error const& e) {
            // Asio throws this itself when an operation is awaited after the coroutine was cancelled.
            failed = failure(e.code(), diagnostics());
        } catch (...) {
            return std::current_exception();
        }
        diagnostics d = *failed.info;
        source_.describe(id, d);
        error const described(failed.code, std::move(d));
        if (source_.takes_failure(id, described)) return nullptr;
        source_.on_failure(id, described);
        return std::make_exception_ptr(described);
    }

    /// Ends the operation with a failure, to which the source adds what it knows.
    [[noreturn]] void fail(std::exception_ptr const& why) const {
        try {
            std::rethrow_exception(why);
        } catch (error const& e) {
            diagnostics d = e.info();
            source_.describe_whole(d);
            throw error(e.code(), std::move(d));
        } catch (boost::system::system_error const& e) {
            // Asio's own, of a pause that was awaited after the cancellation.
            diagnostics d;
            source_.describe_whole(d);
            throw error(e.code(), std::move(d));
        }
    }
    [[noreturn]] void fail_cancelled() const {
        diagnostics d;
        source_.describe_whole(d);
        throw_error(asio::error::operation_aborted, std::move(d));
    }

    /// Waits until `at`, the time when the source has a request although no answer came. Throws as engine::sleep()
    /// does.
    [[nodiscard]] asio::awaitable<void> pause(steady::time_point at) {
        http::deadline end(engine_->deadlines(), until_);
        auto sleeping = engine_->sleep(std::max(at - steady::now(), steady::duration::zero()), end);
        co_await std::move(sleeping);
    }

private:
    std::shared_ptr<engine> engine_;
    request_source& source_;
    drive_options options_;
    steady::time_point until_;
};

/// Sends several requests at a time. A worker is a coroutine that sends one request after the other while the source
/// has any. Workers share the ownership of the crew, because they may outlast the coroutine that waits for them when
/// their io_context is destroyed.
class crew : public std::enable_shared_from_this<crew> {
public:
    crew(dispatcher& d, std::size_t limit)
        : engine_(d.sender().shared_from_this()), dispatcher_(d), limit_(limit), wake_(engine_->executor()) {}

    asio::awaitable<void> run() {
        // A cancelled wait must return here instead of throwing, because the workers have to be cancelled and waited
        // for.
        bool const throws = co_await asio::this_coro::throw_if_cancelled();
        co_await asio::this_coro::throw_if_cancelled(false);
        auto const cancellation = co_await asio::this_coro::cancellation_state;
        // Code that cleans up after a cancellation runs with the state of that cancellation, which must not end it.
        auto const before = cancellation.cancelled();
        for (;;) {
            hire();
            // An observer, which is told what workers do, may have cancelled while they were hired.
            if (!cancelled_ && cancellation.cancelled() != before) {
                cancelled_ = true;
                cancel_workers();
            }
            if (running_ == 0) {
                if (over() || dispatcher_.source().done()) break;
                auto pausing = pause();
                co_await std::move(pausing);
            } else {
                bool const may_hire = !over() && running_ < limit_;
                auto const at = may_hire ? dispatcher_.source().wake_at() : std::nullopt;
                wake_.expires_at(at.value_or(steady::time_point::max()));
                auto waiting = wake_.async_wait(asio::as_tuple(asio::use_awaitable));
                co_await std::move(waiting);
            }
        }
        co_await asio::this_coro::throw_if_cancelled(throws);
        if (cancelled_) dispatcher_.fail_cancelled();
        if (failure_) dispatcher_.fail(failure_);
    }

private:
    struct worker {
        asio::cancellation_signal cancel{};
        std::optional<order> current{};
    };

    [[nodiscard]] bool over() const noexcept { return failure_ || cancelled_; }

    void hire() {
        while (running_ < limit_ && !over() && dispatcher_.source().ready(steady::now())) {
            if (idle_.empty()) idle_.push_back(&workers_.emplace_back());
            worker* const w = idle_.back();
            if (!dispatcher_.next(w->current, http::traffic::fan_out)) break;
            idle_.pop_back();
            ++running_;
            auto ended = [self = shared_from_this(), w](std::exception_ptr failed) { self->end(*w, failed); };
            auto working = work(shared_from_this(), w);
            asio::co_spawn(dispatcher_.sender().executor(), std::move(working),
                           asio::bind_cancellation_slot(w->cancel.slot(), std::move(ended)));
        }
    }

    static asio::awaitable<void> work(std::shared_ptr<crew> of, worker* self) {
        dispatcher& d = of->dispatcher_;
        std::optional<order>& current = self->current;
        while (current) {
            std::exception_ptr failed;
            try {
                // A deadline object can bound one request at a time, so each worker has its own with the same time.
                http::deadline until(d.sender().deadlines(), d.until());
                auto performing = d.sender().perform(std::move(current->call), &until);
                auto const reply = co_await std::move(performing);
                d.take_answer(*current, reply);
            } catch (...) {
                failed = d.take_failure(current->id);
            }
            if (failed) std::rethrow_exception(failed);
            if (of->over()) co_return;
            static_cast<void>(d.next(current, http::traffic::fan_out));
            of->hire();
        }
    }

    void end(worker& w, std::exception_ptr const& failed) {
        --running_;
        idle_.push_back(&w);
        if (failed && !failure_) {
            failure_ = failed;
            cancel_workers();
        }
        wake_.cancel();
    }

    /// Waits for the source's wake_at() while no request is under way, so that no answer can come.
    asio::awaitable<void> pause() {
        auto const at = dispatcher_.source().wake_at();
        try {
            auto pausing = dispatcher_.pause(at.value_or(steady::time_point::max()));
            co_await std::move(pausing);
        } catch (...) {
            failure_ = std::current_exception();
        }
    }

    void cancel_workers() {
        for (worker& w : workers_) w.cancel.emit(asio::cancellation_type::terminal);
    }

    // Calls that have not begun give their memory back to the engine: it must be there as long as the workers are.
    std::shared_ptr<engine> engine_;
    dispatcher& dispatcher_;
    std::size_t limit_;
    asio::steady_timer wake_;
    std::list<worker> workers_;
    std::vector<worker*> idle_;
    std::size_t running_ = 0;
    std::exception_ptr failure_;
    bool cancelled_ = false;
};

} // namespace

asio::awaitable<void> drive(std::shared_ptr<engine> self, request_source& source, drive_options options) {
    // Each request checks the executor as well, but the deadlines and timers that are made here must not be used on
    // another one either.
    auto const executor = co_await asio::this_coro::executor;
    if (options.until) {
        self->check_executor(executor);
    } else {
        self->admit(executor);
    }
    auto const limit = std::max<std::size_t>(options.concurrency, 1);
    dispatcher d(std::move(self), source, std::move(options));
    // Requests that can only be sent one after the other need no workers.
    std::optional<order> current;
    while (source.sequential()) {
        std::exception_ptr failed;
        bool const sends = d.next(current, http::traffic::single);
        auto const wake_at = sends ? std::nullopt : source.wake_at();
        if (!sends && !wake_at) break;
        try {
            if (sends) {
                http::deadline until(d.sender().deadlines(), d.until());
                auto performing = d.sender().perform(std::move(current->call), &until);
                auto const reply = co_await std::move(performing);
                d.take_answer(*current, reply);
            } else {
                auto pausing = d.pause(*wake_at);
                co_await std::move(pausing);
            }
        } catch (...) {
            failed = sends ? d.take_failure(current->id) : std::current_exception();
        }
        if (failed) d.fail(failed);
    }
    if (source.done()) co_return;
    auto const all = std::make_shared<crew>(d, limit);
    auto running = all->run();
    co_await std::move(running);
}

} // namespace dynasio::dynamodb::detail
