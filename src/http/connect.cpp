#include <dynasio/http/name_resolver.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/this_coro.hpp>

#include <openssl/crypto.h>

#include <algorithm>
#include <exception>
#include <tuple>

#include "completion.hpp"
#include "connection_race.hpp"
#include "pool_state.hpp"

namespace dynasio::http::detail {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t max_tunnel_head = 8 * 1024;

/// Interrupts an operation at a given time, in addition to the operation's deadline.
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

/// The state that the steps of making one connection share. After its destruction nothing refers to the operation any
/// more.
class connecting {
public:
    connecting(std::shared_ptr<pool_state> of, operation& op, exchange_result& result)
        : pool(std::move(of)), self(op), out(result), limit(std::make_shared<time_limit>(pool->executor, op)),
          timeout(std::chrono::duration_cast<std::chrono::milliseconds>(pool->options.connect_timeout)),
          began(clock::now()), overall(began + timeout) {}
    ~connecting() {
        limit->disarm();
        self.io = nullptr;
    }
    connecting(connecting const&) = delete;
    connecting& operator=(connecting const&) = delete;

    /// Whether the operation has to stop; sets code and message of the result then.
    bool stop(std::string_view doing) {
        out.code = pool->stopped(self, cancellation);
        if (out.code) out.message = pool->stopped_message(out.code, doing);
        return out.code.failed();
    }
    void timed_out(std::string_view doing) {
        out.code = transport_errc::connect_timeout;
        out.message = "Still " + std::string(doing) + " " + pool->via + " after " + std::to_string(timeout.count()) +
                      " ms (pool_options::connect_timeout). Is it reachable from here?";
    }
    void fail(transport_errc code, std::string message) {
        out.code = code;
        out.message = std::move(message);
    }

    std::shared_ptr<pool_state> pool;
    operation& self;
    exchange_result& out;
    asio::cancellation_state cancellation{};
    std::shared_ptr<time_limit> limit;
    std::chrono::milliseconds timeout;
    clock::time_point began;
    clock::time_point overall;
};

/// One waiter for a look-up.
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

/// Names the endpoint, and the proxy if there is one, because either of them may have closed the connection.
std::string endpoint_and_proxy(pool_state const& pool) {
    return pool.options.proxy ? pool.where + " (through " + pool.via + ')' : pool.where;
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
               ec == asio::error::connection_reset || c.is_of_another_process() || ec == asio::error::broken_pipe) {
        // A server that is overloaded or shutting down closes during the handshake. connection_lost lets the attempt be
        // repeated, because another connection may succeed.
        out.code = transport_errc::connection_lost;
        out.message = endpoint_and_proxy(pool) + " closed the connection while TLS was being set up (" + ec.message() +
                      "). Is it an https endpoint?";
    } else {
        out.code = transport_errc::tls_handshake_failed;
        out.message = "TLS with " + endpoint_and_proxy(pool) + " could not be set up (" + ec.message() +
                      "). Is it an https endpoint?";
    }
}

using endpoints = std::vector<asio::ip::tcp::endpoint>;

void finish_lookup(std::weak_ptr<pool_state> const& weak, resolution& done, std::string reason,
                   endpoints const& found) {
    done.done = true;
    done.reason = std::move(reason);
    if (auto const pool = weak.lock()) {
        if (found.empty()) {
            pool->addresses.lookup_failed(clock::now());
        } else {
            pool->addresses.learn(found, clock::now());
        }
    }
    for (auto* timer : done.waiting) timer->cancel();
}

std::string reason_of(std::exception_ptr const& e) {
    try {
        std::rethrow_exception(e);
    } catch (std::exception const& what) {
        return what.what();
    } catch (...) {
        return "unknown reason";
    }
}

/// Returns the look-up that is running, or starts one.
std::shared_ptr<resolution> look_up(std::shared_ptr<pool_state> const& pool) {
    auto current = pool->resolving.lock();
    if (current && !current->done) return current;
    current = std::make_shared<resolution>(pool->executor);
    pool->resolving = current;
    std::weak_ptr<pool_state> const weak = pool;
    if (auto const custom = pool->options.resolver) {
        auto asking = custom->resolve(pool->target.host, pool->target.port);
        auto done = [weak, current, custom](std::exception_ptr e, endpoints const& found) {
            finish_lookup(weak, *current, e ? reason_of(e) : "the resolver found none", found);
        };
        asio::co_spawn(pool->executor, std::move(asking), std::move(done));
        return current;
    }
    auto const flags = asio::ip::tcp::resolver::numeric_service;
    current->resolver.async_resolve(
        pool->target.host, std::to_string(pool->target.port), flags,
        [weak, current](error_code ec, asio::ip::tcp::resolver::results_type const& results) {
            endpoints found;
            for (auto const& entry : results) found.push_back(entry.endpoint());
            finish_lookup(weak, *current, ec.message(), found);
        });
    return current;
}

/// Fills `found` with the addresses in the order in which they are tried.
asio::awaitable<void> find_addresses(connecting& c, endpoints& found) {
    pool_state& pool = *c.pool;
    if (pool.literal) {
        found.push_back(*pool.literal);
        co_return;
    }
    if (!pool.addresses.fresh(clock::now())) {
        auto const lookup = look_up(c.pool);
        if (!lookup->done) {
            resolution_wait wait(pool.executor, *lookup, c.self);
            // If there are older addresses, the look-up may take a third of the time only, so that the rest is left for
            // trying them.
            c.limit->arm(pool.addresses.empty() ? c.overall : c.began + c.timeout / 3);
            auto woken = wait.timer.async_wait(completion);
            co_await std::move(woken);
        }
        if (c.stop("looking up the address of")) co_return;
        if (!lookup->done && !pool.addresses.empty()) pool.addresses.lookup_failed(clock::now());
        if (pool.addresses.empty()) {
            if (lookup->done) {
                c.fail(transport_errc::resolve_failed, "The host name of " + pool.via + " has no address (" +
                                                           lookup->reason +
                                                           "). Check the endpoint, the region and the name server.");
            } else {
                c.timed_out("looking up the address of");
            }
            co_return;
        }
    }
    found = pool.addresses.next(clock::now());
}

/// Connects to several addresses as connection_race decides. Each attempt keeps the race alive until the attempt has
/// ended.
class race : public std::enable_shared_from_this<race> {
public:
    race(std::shared_ptr<pool_state> pool, endpoints to, clock::duration stagger)
        : over(pool->executor, clock::time_point::max()), pool_(std::move(pool)), to_(std::move(to)),
          runners_(to_.size()), next_(pool_->executor), machine_(to_.size(), stagger) {}

    void go() {
        while (auto const i = machine_.start(clock::now())) {
            runners_[*i] = std::make_unique<connection>(pool_->executor);
            auto ended = [self = shared_from_this(), i = *i](error_code ec) { self->ended(i, ec); };
            runners_[*i]->socket().async_connect(to_[*i], std::move(ended));
            runners_[*i]->close_on_exec();
        }
        if (machine_.lost()) return finish();
        if (auto const at = machine_.wake_at()) {
            next_.expires_at(*at);
            next_.async_wait([self = shared_from_this()](error_code ec) {
                if (!ec && !self->finished_) self->go();
            });
        }
    }
    /// Cancels the attempts that are still running.
    void finish() noexcept {
        finished_ = true;
        for (auto& r : runners_) r.reset();
        next_.cancel();
        over.cancel();
    }

    asio::steady_timer over; ///< Cancelled when there is a winner or all have failed.
    std::unique_ptr<connection> winner{};
    error_code last_error{};

private:
    void ended(std::size_t i, error_code ec) {
        if (finished_) return;
        // A fork() during the attempt gave both processes this one connection, and only the parent may use it.
        if (!ec && runners_[i]->is_of_another_process()) ec = asio::error::connection_aborted;
        if (!ec) runners_[i]->tune(ec);
        if (!ec) {
            pool_->addresses.worked(to_[i]);
            winner = std::move(runners_[i]);
            return finish();
        }
        last_error = ec;
        runners_[i].reset();
        auto const now = clock::now();
        pool_->addresses.failed(to_[i], now);
        machine_.failed(now);
        go();
    }

    std::shared_ptr<pool_state> pool_;
    endpoints to_;
    std::vector<std::unique_ptr<connection>> runners_;
    asio::steady_timer next_;
    connection_race machine_;
    bool finished_ = false;
};

/// Finishes a race when the coroutine that waits for it ends.
class race_end {
public:
    explicit race_end(race& r) noexcept : race_(r) {}
    ~race_end() { race_.finish(); }
    race_end(race_end const&) = delete;
    race_end& operator=(race_end const&) = delete;

private:
    race& race_;
};

asio::awaitable<void> connect_tcp(connecting& c, std::unique_ptr<connection>& made) {
    endpoints to;
    auto finding = find_addresses(c, to);
    co_await std::move(finding);
    if (c.out.code) co_return;
    // The stagger is short enough that every address is tried within the connect time-out.
    clock::duration const share = c.timeout / static_cast<int>(to.size());
    auto const stagger = std::min<clock::duration>(connection_race::usual_stagger, share);
    auto const contest = std::make_shared<race>(c.pool, std::move(to), stagger);
    race_end const ending(*contest);
    contest->go();
    {
        parking parked(c.self, contest->over);
        c.limit->arm(c.overall);
        auto waiting = contest->over.async_wait(completion);
        co_await std::move(waiting);
    }
    if (c.stop("connecting to")) co_return;
    made = std::move(contest->winner);
    if (made) co_return;
    c.pool->addresses.doubt();
    if (c.limit->passed() || contest->last_error == asio::error::timed_out) {
        c.timed_out("connecting to");
    } else {
        c.fail(transport_errc::connect_failed, "No connection to " + c.pool->via + " (" +
                                                   contest->last_error.message() +
                                                   "). Is the server running there, and is the port right?");
    }
}

/// Reads a proxy's answer to CONNECT, of which `head` has been received so far. Returns true when the tunnel is open or
/// the connection has failed, false when more is needed.
bool judge_tunnel(connecting& c, std::string_view head) {
    pool_state const& pool = *c.pool;
    auto const end = head.find("\r\n\r\n");
    bool const plausible = head.substr(0, 7) == std::string_view("HTTP/1.").substr(0, head.size());
    if (plausible && end == std::string_view::npos && head.size() < max_tunnel_head) return false;
    unsigned status = 0;
    if (plausible && end != std::string_view::npos && head.size() >= 12 && head[8] == ' ') {
        for (char digit : head.substr(9, 3)) {
            if (digit >= '0' && digit <= '9') status = status * 10 + static_cast<unsigned>(digit - '0');
        }
    }
    auto const said = " (status " + std::to_string(status) + ")";
    if (status >= 200 && status < 300 && end + 4 == head.size()) return true;
    if (status == 407) {
        c.fail(transport_errc::proxy_authentication, proxy_authentication_message(pool));
    } else if (status >= 500) {
        c.fail(transport_errc::proxy_failed,
               "The proxy " + host_and_port(pool.target) + " could not reach " + pool.where + said + ".");
    } else if (status >= 300) {
        c.fail(transport_errc::proxy_refused, "The proxy " + host_and_port(pool.target) + " does not lead to " +
                                                  pool.where + said +
                                                  ". Allow it there, or except the host with NO_PROXY.");
    } else {
        c.fail(transport_errc::proxy_failed, "What answers as the proxy " + host_and_port(pool.target) +
                                                 " is no HTTP proxy. Check its host and port.");
    }
    return true;
}

/// Asks an HTTP proxy for a tunnel to the endpoint.
asio::awaitable<void> open_tunnel(connecting& c, connection& io) {
    std::string request = "CONNECT " + c.pool->where + " HTTP/1.1\r\nHost: " + c.pool->where + "\r\n";
    auto const authorization = c.pool->options.proxy.authorization();
    request.reserve(request.size() + authorization.size() + 32); // growing would leave the secret in freed memory
    if (!authorization.empty()) request.append("Proxy-Authorization: ").append(authorization).append("\r\n");
    request += "\r\n";
    std::string head(max_tunnel_head, '\0');
    std::size_t received = 0;
    error_code ec;
    for (std::size_t sent = 0; sent < request.size() && !ec;) {
        std::size_t n = 0;
        auto writing = io.socket().async_write_some(asio::buffer(request) + sent, completion);
        std::tie(ec, n) = co_await std::move(writing);
        sent += n;
    }
    ::OPENSSL_cleanse(request.data(), request.size());
    bool judged = false;
    while (!ec && !judged) {
        std::size_t n = 0;
        auto reading = io.socket().async_read_some(asio::buffer(head) + received, completion);
        std::tie(ec, n) = co_await std::move(reading);
        received += n;
        if (!ec) judged = judge_tunnel(c, std::string_view(head).substr(0, received));
    }
    error_code const judgement = c.out.code;
    std::string message = std::move(c.out.message);
    if (c.stop("opening a tunnel to")) co_return;
    c.out.code = judgement;
    c.out.message = std::move(message);
    if (judged) co_return;
    if (c.limit->passed()) {
        c.timed_out("waiting for");
    } else {
        c.fail(transport_errc::proxy_failed,
               "The proxy " + host_and_port(c.pool->target) + " closed the connection (" + ec.message() + ").");
    }
}

asio::awaitable<void> shake_hands(connecting& c, connection& io) {
    pool_state& pool = *c.pool;
    io.start_tls(*pool.tls, pool.endpoint.host, pool.options.tls.verify_peer);
    auto handshake = io.tls()->async_handshake(asio::ssl::stream_base::client, completion);
    auto const [ec] = co_await std::move(handshake);
    if (c.stop("setting up TLS with")) {
    } else if (c.limit->passed()) {
        c.timed_out("setting up TLS with");
    } else if (ec) {
        explain_handshake(pool, io, ec, c.out);
    }
}

asio::awaitable<void> make_connection(connecting& c, std::unique_ptr<connection>& made) {
    pool_state& pool = *c.pool;
    if (c.stop("connecting to")) co_return;
    if (pool.endpoint.tls && !pool.tls) {
        try {
            pool.tls = std::make_unique<tls_client>(pool.options.tls);
        } catch (error const& e) {
            c.out.code = e.code();
            c.out.message = e.info().message;
        }
        if (c.out.code) co_return;
    }
    auto opening = connect_tcp(c, made);
    co_await std::move(opening);
    if (c.out.code) co_return;
    c.self.io = made.get();
    if (pool.endpoint.tls && pool.options.proxy) {
        auto asking = open_tunnel(c, *made);
        co_await std::move(asking);
    }
    if (pool.endpoint.tls && !c.out.code) {
        auto shaking = shake_hands(c, *made);
        co_await std::move(shaking);
    }
    if (!c.out.code) co_return;
    c.self.io = nullptr;
    made.reset();
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
    event.through_proxy = static_cast<bool>(pool.options.proxy);
    event.session_reused = c.tls() && SSL_session_reused(c.tls()->native_handle()) == 1;
    pool.options.listener->on_opened(event);
}

} // namespace

asio::awaitable<void> connect(std::shared_ptr<pool_state> pool, operation& self, std::unique_ptr<connection>& made,
                              exchange_result& out) {
    auto const began = clock::now();
    connecting steps(pool, self, out);
    steps.cancellation = co_await asio::this_coro::cancellation_state;
    auto making = make_connection(steps, made);
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
