#include "credential_fetch.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace dynasio::dynamodb::detail {

namespace asio = boost::asio;
using steady = std::chrono::steady_clock;

namespace {

asio::awaitable<aws::credentials> ask(std::shared_ptr<aws::credentials_provider const> provider) {
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    std::optional<aws::credentials> given;
    std::exception_ptr failed;
    try {
        auto asked = (*provider)();
        if (!asked.valid())
            throw_error(errc::no_credentials, "the credentials provider returned an empty awaitable: it has to be a "
                                              "coroutine, or to return what one returned");
        given.emplace(co_await std::move(asked));
    } catch (...) {
        failed = std::current_exception();
    }
    // The client may be stopped from within the provider. co_spawn() posts the end of a coroutine that was never
    // suspended, and if the coroutine was cancelled, that throws out of io_context::run(). Switching the throwing off
    // prevents it.
    co_await asio::this_coro::throw_if_cancelled(false);
    if (failed) std::rethrow_exception(failed);
    co_return std::move(*given);
}

/// Whether `text` has only printable characters. Access key and token must, because they become header text.
bool fit_for_headers(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

/// Tells the observer about a fetch. The event has only the error code, because a provider's message may contain more
/// than a log should.
void tell(engine_state& state, std::chrono::nanoseconds took, std::optional<system_time> const& expires_at) {
    credentials_fetched event;
    event.took = took;
    if (state.last_failed_fetch + 1 == state.fetches_ended) {
        try {
            std::rethrow_exception(state.fetch_error);
        } catch (boost::system::system_error const& e) {
            event.code = e.code();
        } catch (...) {
            event.code = errc::no_credentials;
        }
    } else {
        event.expires_at = expires_at;
    }
    state.watcher->on_credentials(event);
}

/// Starts one call of the provider in a coroutine of its own, so that cancelling or destroying one waiting call does
/// not lose the credentials for the others.
void start_fetch(engine& self, engine_state& state) {
    auto cancellation = std::make_shared<asio::cancellation_signal>();
    state.fetch_cancellation = cancellation;
    auto const began = steady::now();
    auto done = [weak = self.weak_from_this(), &state, cancellation, began](std::exception_ptr e,
                                                                            aws::credentials value) {
        auto const alive = weak.lock();
        if (!alive) return;
        std::optional<system_time> const expires_at = value.expires_at;
        try {
            if (e) std::rethrow_exception(e);
            if (value.access_key_id().empty() || value.secret_access_key().empty())
                throw_error(errc::no_credentials, "the credentials provider gave an empty access key or secret");
            if (!fit_for_headers(value.access_key_id()) || !fit_for_headers(value.session_token()))
                throw_error(errc::no_credentials,
                            "the credentials provider gave an access key or session token with characters that fit no "
                            "header: look for blanks and line ends in it");
            if (value.expires_at && *value.expires_at <= state.options.clock())
                throw_error(errc::no_credentials, "the credentials provider gave credentials that have expired");
            state.credentials.fetched(std::move(value), state.options.clock(), state.jitter());
        } catch (...) {
            state.fetch_error = std::current_exception();
            state.last_failed_fetch = state.fetches_ended;
            state.credentials.failed(state.options.clock());
        }
        ++state.fetches_ended;
        if (state.watcher != nullptr) tell(state, steady::now() - began, expires_at);
        state.fetch_cancellation.reset();
        wake_all(state.credential_waiters);
    };
    asio::co_spawn(state.executor, ask(state.provider),
                   asio::bind_cancellation_slot(cancellation->slot(), std::move(done)));
}

} // namespace

credential_cache::action next_credentials(engine& self, engine_state& state, system_time now) {
    auto const action = state.credentials.next(now);
    if (action != credential_cache::action::use_and_refresh) return action;
    start_fetch(self, state);
    return credential_cache::action::use;
}

/// Cancels the fetch. The signal is emitted on the executor only: emitted elsewhere, Asio (1.81) posts a pointer that
/// the end of the fetch invalidates.
void cancel_fetch(engine_state& state) noexcept {
    if (!state.fetch_cancellation) return;
    try {
        asio::dispatch(state.executor, [cancellation = state.fetch_cancellation] {
            cancellation->emit(asio::cancellation_type::terminal);
        });
    } catch (...) {
        // Out of memory: the fetch is not cancelled and ends by itself.
    }
}

asio::awaitable<void> wait_for_credentials(std::shared_ptr<engine> self, call& c, credential_cache::action action) {
    engine_state& state = c.state;
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    for (;;) {
        if (action == credential_cache::action::refresh_and_wait) start_fetch(*self, state);
        auto const number = state.fetches_ended;
        while (state.fetches_ended == number) {
            auto waiting = park(state.credential_waiters, steady::time_point::max(), *c.deadline);
            co_await std::move(waiting);
            c.check(cancellation.cancelled(), "waiting for credentials");
        }
        if (state.last_failed_fetch != number) {
            action = next_credentials(*self, state, state.options.clock());
            if (action == credential_cache::action::use) co_return;
            continue; // the service has refused them in the meantime
        }
        // The fetch that this call waited for failed. All waiting calls fail with its error instead of each starting
        // another fetch.
        std::string message;
        error_code code = errc::no_credentials;
        try {
            std::rethrow_exception(state.fetch_error);
        } catch (error const& e) {
            if (e.code() != asio::error::operation_aborted) code = e.code();
            message = e.info().message;
            c.take_over_answer(e.info());
        } catch (boost::system::system_error const& e) {
            message = "the credentials provider failed: " + e.code().message();
        } catch (std::exception const& e) {
            message = "the credentials provider failed: " + std::string(e.what());
        } catch (...) {
            message = "the credentials provider failed";
        }
        if (message.empty()) message = "the credentials provider failed";
        c.fail(code, std::move(message));
    }
}

} // namespace dynasio::dynamodb::detail
