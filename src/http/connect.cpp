#include <boost/asio/ssl/error.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <tuple>

#include "completion.hpp"
#include "pool_state.hpp"

namespace dynasio::http::detail {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

namespace {

/// Interrupts an operation at a time of its own, besides the operation's deadline.
class time_limit : public std::enable_shared_from_this<time_limit> {
public:
    time_limit(asio::any_io_executor const& ex, operation& op) : timer_(ex), op_(&op) {}

    void arm(clock::time_point at) {
        passed_ = false;
        timer_.expires_at(at);
        timer_.async_wait([self = shared_from_this(), run = ++run_](error_code ec) {
            if (ec || !self->op_ || run != self->run_) return;
            self->passed_ = true;
            self->op_->interrupt();
        });
    }
    void disarm() noexcept {
        op_ = nullptr;
        timer_.cancel();
    }
    [[nodiscard]] bool passed() const noexcept { return passed_; }

private:
    asio::steady_timer timer_;
    operation* op_;
    unsigned run_ = 0;
    bool passed_ = false;
};

/// Takes an attempt's hands off the operation when the coroutine ends, however it ends.
class attempt {
public:
    attempt(asio::any_io_executor const& ex, operation& self)
        : limit(std::make_shared<time_limit>(ex, self)), self_(self) {}
    ~attempt() {
        limit->disarm();
        self_.io = nullptr;
    }
    attempt(attempt const&) = delete;
    attempt& operator=(attempt const&) = delete;

    std::shared_ptr<time_limit> limit;

private:
    operation& self_;
};

/// A place among those who wait for a look-up.
class resolution_wait {
public:
    resolution_wait(asio::any_io_executor const& ex, resolution& of, operation& self)
        : timer(ex, asio::steady_timer::time_point::max()), of_(of), parking_(self, timer) {
        of_.waiting.push_back(&timer);
    }
    ~resolution_wait() { std::erase(of_.waiting, &timer); }
    resolution_wait(resolution_wait const&) = delete;
    resolution_wait& operator=(resolution_wait const&) = delete;

    asio::steady_timer timer;

private:
    resolution& of_;
    parking parking_;
};

std::string to_text(asio::ip::tcp::endpoint const& at) {
    std::string const address = at.address().to_string();
    return (at.address().is_v6() ? '[' + address + ']' : address) + ':' + std::to_string(at.port());
}

void explain_handshake(pool_state const& pool, connection const& c, error_code ec, exchange_result& out) {
    auto const& verdict = c.verdict();
    if (verdict.untrusted) {
        out.code = transport_errc::certificate_untrusted;
        out.message = "The certificate of " + pool.where + " leads to no trusted authority (" + verdict.reason +
                      "). If it is your own, name its authority in tls_options::authorities_file.";
    } else if (verdict.wrong_host) {
        out.code = transport_errc::certificate_host_name;
        out.message = "The certificate of " + pool.where + " is for another host name than '" + pool.endpoint.host +
                      "'. Use the name that is in it as endpoint.";
    } else if (ec == asio::ssl::error::stream_truncated || ec == asio::error::eof ||
               ec == asio::error::connection_reset || ec == asio::error::broken_pipe) {
        // What a server does that is overloaded or about to end: another connection may fare better.
        out.code = transport_errc::connection_lost;
        out.message = pool.where + " closed the connection while TLS was being set up (" + ec.message() +
                      "). Is it an https endpoint?";
    } else {
        out.code = transport_errc::tls_handshake_failed;
        out.message =
            "TLS with " + pool.where + " could not be set up (" + ec.message() + "). Is it an https endpoint?";
    }
}

} // namespace

std::shared_ptr<resolution> pool_state::resolve() {
    auto current = resolving.lock();
    if (current && !current->done) return current;
    current = std::make_shared<resolution>(executor);
    resolving = current;
    auto const flags = asio::ip::tcp::resolver::numeric_service;
    current->resolver.async_resolve(endpoint.host, std::to_string(endpoint.port), flags,
                                    [current](error_code ec, asio::ip::tcp::resolver::results_type const& results) {
                                        current->done = true;
                                        current->code = ec;
                                        for (auto const& entry : results)
                                            current->endpoints.push_back(entry.endpoint());
                                        for (auto* timer : current->waiting) timer->cancel();
                                    });
    return current;
}

namespace {

asio::awaitable<void> make_connection(std::shared_ptr<pool_state> pool, operation& self,
                                      std::unique_ptr<connection>& made, exchange_result& out) {
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    auto const stop = [&](std::string_view doing) {
        out.code = pool->stopped(self, cancellation);
        if (out.code) out.message = pool->stopped_message(out.code, doing);
        return out.code.failed();
    };
    if (stop("connecting to")) co_return;

    if (pool->endpoint.tls && !pool->tls) {
        try {
            pool->tls = make_tls_context(pool->options.tls);
        } catch (error const& e) {
            out.code = e.code();
            out.message = e.info().message;
        }
        if (out.code) co_return;
    }

    attempt trying(pool->executor, self);
    auto const timeout = std::chrono::duration_cast<std::chrono::milliseconds>(pool->options.connect_timeout);
    auto const overall = clock::now() + timeout;
    auto const timed_out = [&](std::string_view doing) {
        out.code = transport_errc::connect_timeout;
        out.message = "Still " + std::string(doing) + " " + pool->where + " after " + std::to_string(timeout.count()) +
                      " ms (pool_options::connect_timeout). Is it reachable from here?";
    };

    std::vector<asio::ip::tcp::endpoint> endpoints;
    if (pool->literal) {
        endpoints.push_back(*pool->literal);
    } else {
        auto const lookup = pool->resolve();
        if (!lookup->done) {
            resolution_wait wait(pool->executor, *lookup, self);
            trying.limit->arm(overall);
            auto woken = wait.timer.async_wait(completion);
            co_await std::move(woken);
        }
        if (stop("looking up the address of")) co_return;
        if (!lookup->done) {
            timed_out("looking up the address of");
            co_return;
        }
        endpoints = lookup->endpoints;
        if (lookup->code || endpoints.empty()) {
            out.code = transport_errc::resolve_failed;
            out.message = "The host name of " + pool->where + " has no address (" + lookup->code.message() +
                          "). Check the endpoint, the region and the name server.";
            co_return;
        }
    }

    error_code ec;
    bool unreachable = false;
    for (std::size_t i = 0; i < endpoints.size(); ++i) {
        // Each address gets its share of the time, so that a dead one cannot use up that of the others.
        auto const now = clock::now();
        if (now >= overall && i > 0) break;
        auto const share = (overall - now) / static_cast<clock::rep>(endpoints.size() - i);
        made = std::make_unique<connection>(pool->executor);
        self.io = made.get();
        trying.limit->arm(now + share);
        auto connecting = made->socket().async_connect(endpoints[i], completion);
        std::tie(ec) = co_await std::move(connecting);
        if (stop("connecting to")) break;
        unreachable = trying.limit->passed();
        if (!unreachable && !ec) made->tune(ec);
        if (!unreachable && !ec) break;
        self.io = nullptr;
        made.reset();
    }
    if (out.code) {
        self.io = nullptr;
        made.reset();
        co_return;
    }
    if (!made) {
        if (unreachable || ec == asio::error::timed_out) {
            timed_out("connecting to");
        } else {
            out.code = transport_errc::connect_failed;
            out.message = "No connection to " + pool->where + " (" + ec.message() +
                          "). Is the server running there, and is the port right?";
        }
        co_return;
    }

    if (pool->endpoint.tls) {
        made->start_tls(*pool->tls, pool->endpoint.host, pool->options.tls.verify_peer);
        trying.limit->arm(overall);
        auto handshake = made->tls()->async_handshake(asio::ssl::stream_base::client, completion);
        std::tie(ec) = co_await std::move(handshake);
        if (stop("setting up TLS with")) {
        } else if (trying.limit->passed()) {
            timed_out("setting up TLS with");
        } else if (ec) {
            explain_handshake(*pool, *made, ec, out);
        }
        if (out.code) {
            self.io = nullptr;
            made.reset();
            co_return;
        }
    }
}

void announce(pool_state& pool, connection& c, std::chrono::nanoseconds took) {
    connection_opened event;
    error_code ignored;
    auto const peer = c.socket().remote_endpoint(ignored);
    std::string const address = to_text(peer);
    event.number = c.number;
    event.address = address;
    event.took = took;
    event.tls = c.tls() != nullptr;
    event.session_reused = c.tls() && SSL_session_reused(c.tls()->native_handle()) == 1;
    pool.options.listener->on_opened(event);
}

} // namespace

asio::awaitable<void> connect(std::shared_ptr<pool_state> pool, operation& self, std::unique_ptr<connection>& made,
                              exchange_result& out) {
    auto const began = clock::now();
    auto making = make_connection(pool, self, made, out);
    co_await std::move(making);
    auto* const listener = pool->options.listener.get();
    if (made) {
        made->opened_at = clock::now();
        made->retire_at = pool->retirement(made->opened_at);
        made->number = ++pool->counters.connects;
        if (listener) announce(*pool, *made, made->opened_at - began);
    } else if (listener) {
        connection_failed event;
        event.code = out.code;
        event.message = out.message;
        event.took = clock::now() - began;
        listener->on_failed(event);
    }
}

} // namespace dynasio::http::detail
