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

#include <algorithm>
#include <cstddef>
#include <exception>
#include <list>
#include <utility>

#include "operation.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;

/// What next() and the pages that are read ahead share. Everything happens on the client's executor, so that no lock is
/// needed; the object lives until all have ended.
class page_reader::shared : public std::enable_shared_from_this<page_reader::shared> {
public:
    shared(engine_ptr of, query_spec asked, std::size_t n, std::string from)
        : engine(std::move(of)), arrived(engine->executor(), asio::steady_timer::time_point::max()),
          query_(std::move(asked)), size_(n),
          at_most_(
              std::max<std::size_t>(query_.options.concurrency.value_or(engine->options().pool.max_connections), 1)) {
        // A scan in segments is a query for each of them. What is wrong with their number is told by the first page.
        starts_elsewhere_ = query_.segments && !from.empty();
        count_ = starts_elsewhere_ ? 1 : std::max<std::size_t>(query_.segments.value_or(1), 1);
        parts_.emplace_back().cursor = std::move(from);
    }

    /// Begins to read pages of parts that have none and are not at their ends, as many as may be in memory.
    void read_ahead() {
        while (parts_.size() < at_most_ && begun_ < count_) parts_.emplace_back().number = begun_++;
        for (part& one : parts_)
            if (!one.under_way && !one.page && !one.failed) read_ahead(one);
    }
    [[nodiscard]] bool is_under_way() const noexcept {
        return std::any_of(parts_.begin(), parts_.end(), [](part const& one) { return one.under_way; });
    }
    /// A page that has arrived. Throws the error of a page that did not; the next read_ahead() asks for it again.
    [[nodiscard]] std::optional<query_outcome> take() {
        for (part& one : parts_)
            if (one.failed) std::rethrow_exception(std::exchange(one.failed, nullptr));
        for (auto one = parts_.begin(); one != parts_.end(); ++one) {
            if (!one->page || one->under_way) continue;
            auto page = std::exchange(one->page, std::nullopt);
            one->cursor = page->cursor;
            if (page->cursor.empty())
                parts_.erase(one);
            else
                parts_.splice(parts_.end(), parts_, one); // the others have their turns first
            // The place in one segment is none in the scan.
            if (query_.segments) page->cursor.clear();
            return page;
        }
        return std::nullopt;
    }
    void stop() {
        for (part& one : parts_)
            if (one.under_way) one.stopping.emit(asio::cancellation_type::terminal);
    }

    engine_ptr engine;
    bool taken = false; // a next() is running
    asio::steady_timer arrived;

private:
    /// What is read one page after the other: the query, or one segment of a scan.
    struct part {
        std::size_t number = 0;
        std::string cursor{};
        bool under_way = false;
        std::optional<query_outcome> page{};
        std::exception_ptr failed{};
        asio::cancellation_signal stopping{};
    };

    void read_ahead(part& one) {
        one.under_way = true;
        asio::co_spawn(
            engine->executor(), read(shared_from_this(), one),
            asio::bind_cancellation_slot(one.stopping.slot(), [self = shared_from_this(), &one](std::exception_ptr e) {
                one.failed = std::move(e);
                one.under_way = false;
                self->arrived.cancel();
            }));
    }
    static asio::awaitable<void> read(std::shared_ptr<shared> self, part& into) {
        std::exception_ptr why;
        try {
            query_spec query = self->query_;
            if (query.segments && !self->starts_elsewhere_) query.segment = into.number;
            auto reading = run_page(self->engine, std::move(query), self->size_, into.cursor);
            auto outcome = co_await std::move(reading);
            into.page.emplace(std::move(outcome));
        } catch (...) {
            why = std::current_exception();
        }
        // co_spawn (Asio 1.26) awaits after the end of a coroutine that never suspended. If cancelled, that would throw
        // out of the context's run().
        co_await asio::this_coro::throw_if_cancelled(false);
        if (why) std::rethrow_exception(why);
    }

    query_spec query_;
    std::size_t size_;
    std::size_t at_most_;           // pages that are under way or wait to be given
    std::list<part> parts_{};       // that have begun and are not at their ends; they stay where they are
    std::size_t begun_ = 1;         // parts
    std::size_t count_ = 1;         // parts in all
    bool starts_elsewhere_ = false; // behind a cursor, which a scan in segments has not: run_page() refuses it
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
        for (;;) {
            s->read_ahead();
            std::optional<query_outcome> page = s->take();
            if (page) {
                s->read_ahead();
                co_return page;
            }
            if (!s->is_under_way()) co_return std::nullopt;
            auto const [woken] = co_await s->arrived.async_wait(asio::as_tuple(asio::use_awaitable));
            auto const state = co_await asio::this_coro::cancellation_state;
            // The pages stay under way, for the next call.
            if (woken && s->is_under_way() && state.cancelled() != asio::cancellation_type::none)
                throw boost::system::system_error(asio::error::operation_aborted);
        }
    }(shared_);
    return dynamodb::detail::enter(shared_->engine, std::move(waiting));
}

} // namespace dynasio::detail
