#include <dynasio/orm/detail/page_reader.hpp>

#include <dynasio/core/error.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <utility>

#include "operation.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;

/// What next() and the page that is read ahead share. Everything happens on the client's executor, so that no lock is
/// needed; the object lives until both have ended.
class page_reader::shared : public std::enable_shared_from_this<page_reader::shared> {
public:
    shared(engine_ptr of, query_spec asked, std::size_t n, std::string from)
        : engine(std::move(of)), query(std::move(asked)), size(n), cursor(std::move(from)),
          arrived(engine->executor(), asio::steady_timer::time_point::max()) {}

    /// Begins to read the page at the cursor.
    void read_ahead() {
        under_way = true;
        failed = nullptr;
        page.reset();
        asio::co_spawn(engine->executor(), read(shared_from_this()),
                       asio::bind_cancellation_slot(stopping.slot(), [self = shared_from_this()](std::exception_ptr e) {
                           self->failed = std::move(e);
                           self->under_way = false;
                           self->arrived.cancel();
                       }));
    }
    void stop() {
        if (under_way) stopping.emit(asio::cancellation_type::terminal);
    }

    engine_ptr engine;
    query_spec query;
    std::size_t size;
    std::string cursor;
    bool done = false;
    bool taken = false; // a next() is running
    bool under_way = false;
    std::optional<query_outcome> page{};
    std::exception_ptr failed{};
    asio::steady_timer arrived;
    asio::cancellation_signal stopping{};

private:
    static asio::awaitable<void> read(std::shared_ptr<shared> self) {
        std::exception_ptr why;
        try {
            auto reading = run_page(self->engine, self->query, self->size, self->cursor);
            auto outcome = co_await std::move(reading);
            self->page.emplace(std::move(outcome));
        } catch (...) {
            why = std::current_exception();
        }
        // co_spawn (Asio 1.26) awaits after the end of a coroutine that never suspended. If cancelled, that would throw
        // out of the context's run().
        co_await asio::this_coro::throw_if_cancelled(false);
        if (why) std::rethrow_exception(why);
    }
};

namespace {

/// Whether a next() is running, for its lifetime.
class turn {
public:
    explicit turn(bool& taken) : taken_(taken) {
        if (taken_)
            throw_error(errc::invalid_argument, "one next() at a time: another one of these pages has not completed");
        taken_ = true;
    }
    ~turn() { taken_ = false; }
    turn(turn const&) = delete;
    turn& operator=(turn const&) = delete;

private:
    bool& taken_;
};

} // namespace

page_reader::page_reader(engine_ptr engine, query_spec query, std::size_t size, std::string from)
    : shared_(std::make_shared<shared>(std::move(engine), std::move(query), size, std::move(from))) {}

page_reader& page_reader::operator=(page_reader&& other) noexcept {
    stop();
    shared_ = std::move(other.shared_);
    return *this;
}

page_reader::~page_reader() { stop(); }

void page_reader::stop() noexcept {
    if (!shared_) return;
    // The signal belongs to the client's executor. Without a page under way there is nothing to do there, but only that
    // executor may look.
    auto const executor = shared_->engine->executor();
    asio::dispatch(executor, [state = std::move(shared_)] { state->stop(); });
}

asio::awaitable<std::optional<query_outcome>> page_reader::next() const {
    auto waiting = [](std::shared_ptr<shared> s) -> asio::awaitable<std::optional<query_outcome>> {
        s->engine->check_executor(co_await asio::this_coro::executor);
        turn const mine(s->taken);
        if (s->done) co_return std::nullopt;
        if (!s->under_way && !s->page && !s->failed) s->read_ahead();
        while (s->under_way) {
            auto const [woken] = co_await s->arrived.async_wait(asio::as_tuple(asio::use_awaitable));
            auto const state = co_await asio::this_coro::cancellation_state;
            // The page stays under way, for the next call.
            if (s->under_way && woken && state.cancelled() != asio::cancellation_type::none)
                throw boost::system::system_error(asio::error::operation_aborted);
        }
        if (s->failed) std::rethrow_exception(std::exchange(s->failed, nullptr));
        std::optional<query_outcome> page = std::exchange(s->page, std::nullopt);
        s->done = page->cursor.empty();
        s->cursor = page->cursor;
        if (!s->done) s->read_ahead();
        co_return page;
    }(shared_);
    return dynamodb::detail::enter(shared_->engine, std::move(waiting));
}

} // namespace dynasio::detail
