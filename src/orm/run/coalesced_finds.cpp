#include <dynasio/orm/detail/find_gatherer.hpp>

#include <dynasio/core/duration.hpp>
#include <dynasio/core/error.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <exception>
#include <utility>
#include <vector>

#include "../wire/decided_write.hpp"
#include "../wire/key_gathering.hpp"
#include "operation.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

/// The keys of one window, and who waits for them.
struct find_gatherer::batch {
    explicit batch(asio::any_io_executor const& executor) : window(executor) {}

    key_gathering keys{};
    asio::steady_timer window;
    bool is_closed = false; // nobody can join any more
    bool is_done = false;
    std::exception_ptr failed{};
    std::shared_ptr<void> entities{};
    std::vector<bad_item> bad{}; // items that are not what the entity is
    std::vector<waiter*> waiting{};
    asio::cancellation_signal stopping{};
};

/// One caller's wait. A coroutine that is destroyed while it waits, with its io_context, leaves no pointer behind.
struct find_gatherer::waiter {
    waiter(batch& in, asio::any_io_executor const& executor, clock::time_point until)
        : timer(executor, until), of(in), at(in.waiting.size()) {
        of.waiting.push_back(this);
    }
    ~waiter() {
        // The last one takes its place, so that thousands can leave at once.
        of.waiting[at] = of.waiting.back();
        of.waiting[at]->at = at;
        of.waiting.pop_back();
    }
    waiter(waiter const&) = delete;
    waiter& operator=(waiter const&) = delete;

    asio::steady_timer timer;
    batch& of;
    std::size_t at; ///< Its place in `of.waiting`.
};

find_gatherer::find_gatherer(engine_ptr engine, entity_type const& type, coalescing how,
                             place_functions const& functions)
    : engine_(std::move(engine)), type_(type), how_(how), functions_(functions) {
    if (how_.window < std::chrono::nanoseconds::zero())
        throw_error(errc::invalid_argument, "the window of coalesced finds must not be negative");
    if (how_.most_keys == 0) throw_error(errc::invalid_argument, "most_keys of coalesced finds must be greater than 0");
    how_.window = limited_duration<std::chrono::nanoseconds>(how_.window);
}

void find_gatherer::throw_not_found(std::string const& key) const {
    diagnostics d;
    d.key = key;
    d.message = "there is no " + type_.name + " with the key " + key + "; use find() where an entity may be missing";
    throw about(error(errc::not_found, std::move(d)), engine_, type_);
}

asio::awaitable<gathered_find> find_gatherer::find(lowered_key key, std::optional<std::chrono::nanoseconds> patience) {
    return begin_operation<gathered_find>(engine_, type_, [&] {
        std::string json = std::move(key).json();
        return wait(shared_from_this(), std::move(json), patience);
    });
}

std::shared_ptr<find_gatherer::batch> find_gatherer::open_batch() {
    if (!gathering_) {
        gathering_ = std::make_shared<batch>(engine_->executor());
        start(gathering_);
    }
    return gathering_;
}

void find_gatherer::start(std::shared_ptr<batch> const& made) {
    asio::co_spawn(engine_->executor(), read(shared_from_this(), made),
                   asio::bind_cancellation_slot(made->stopping.slot(), [made](std::exception_ptr e) {
                       made->failed = std::move(e);
                       made->is_done = true;
                       for (auto* const each : made->waiting) each->timer.cancel();
                   }));
}

/// Lets nobody join any more, and the window end.
void find_gatherer::end(std::shared_ptr<batch> const& of) {
    if (gathering_ == of) gathering_.reset();
    of->is_closed = true;
    of->window.cancel();
}

asio::awaitable<void> find_gatherer::read(std::shared_ptr<find_gatherer> self, std::shared_ptr<batch> into) {
    auto const executor = co_await asio::this_coro::executor;
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    // It is not to be thrown by whichever co_await comes next: one of them is Asio's own, behind the end of this one.
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await asio::post(executor, asio::use_awaitable);
    if (!into->is_closed && self->how_.window != std::chrono::nanoseconds::zero()) {
        into->window.expires_after(std::chrono::duration_cast<clock::duration>(self->how_.window));
        auto const [ended_early] = co_await into->window.async_wait(asio::as_tuple(asio::use_awaitable));
        static_cast<void>(ended_early);
    }
    self->end(into);
    if (cancellation.cancelled() != asio::cancellation_type::none) co_return; // nobody waits
    auto keys = into->keys.take();
    self->figures_.keys += keys.size();
    ++self->figures_.reads;
    into->entities = self->functions_.make(keys.size());
    operation_options options;
    options.consistent = self->how_.consistent;
    options.which = trashed::with;
    options.everything = true;
    options.bad_items.leave_out = true;
    options.bad_items.into = &into->bad;
    auto const places = self->functions_.places(into->entities.get());
    auto reading = find_many(self->engine_, self->type_, std::move(keys), {}, options, places);
    co_await std::move(reading);
    // A related entity that is brought by autoload<> belongs to no single caller.
    for (auto const& each : into->bad)
        if (each.why.info->entity != self->type_.name) throw error(each.why.code, *each.why.info);
}

asio::awaitable<gathered_find> find_gatherer::wait(std::shared_ptr<find_gatherer> self, std::string key,
                                                   std::optional<std::chrono::nanoseconds> patience) {
    auto const executor = co_await asio::this_coro::executor;
    self->engine_->admit(executor);
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    ++self->figures_.finds;
    auto const until = patience ? clock::now() + std::chrono::duration_cast<clock::duration>(
                                                     limited_duration<std::chrono::nanoseconds>(*patience))
                                : clock::time_point::max();
    auto const mine = self->open_batch();
    std::size_t const place = mine->keys.add(std::move(key));
    if (mine->keys.size() >= self->how_.most_keys) self->end(mine);
    waiter waiting(*mine, executor, until);
    auto const is_cancelled = [&] { return cancellation.cancelled() != asio::cancellation_type::none; };
    while (!mine->is_done && !is_cancelled() && clock::now() < until) {
        auto const [woken] = co_await waiting.timer.async_wait(asio::as_tuple(asio::use_awaitable));
        static_cast<void>(woken);
    }
    if (!mine->is_done) {
        mine->keys.leave(place);
        if (mine->keys.waiting() == 0) {
            self->end(mine);
            mine->stopping.emit(asio::cancellation_type::terminal);
        }
        diagnostics d;
        if (is_cancelled()) throw_error(asio::error::operation_aborted, std::move(d));
        d.message = "the call gave up; others may still wait for the same request";
        throw about(error(errc::deadline_exceeded, std::move(d)), self->engine_, self->type_);
    }
    if (mine->failed) std::rethrow_exception(mine->failed);
    if (!mine->bad.empty()) {
        auto const identity = key_identity(mine->keys.text(place));
        for (auto const& each : mine->bad)
            if (key_identity(each.why.info->key) == identity) throw error(each.why.code, *each.why.info);
    }
    gathered_find found;
    found.entities = mine->entities;
    found.place = mine->keys.place(place);
    found.is_shared = mine->keys.is_shared(place);
    co_return found;
}

} // namespace dynasio::detail
