#ifndef DYNASIO_HTTP_CONNECTION_POOL_HPP
#define DYNASIO_HTTP_CONNECTION_POOL_HPP

#include <dynasio/http/deadline.hpp>
#include <dynasio/http/pool_listener.hpp>
#include <dynasio/http/proxy.hpp>
#include <dynasio/http/response.hpp>
#include <dynasio/http/traffic.hpp>
#include <dynasio/http/url.hpp>

#include <dynasio/core/error.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace dynasio::http {

class name_resolver;

/// At least TLS 1.2, HTTP/1.1 (ALPN).
struct tls_options {
    bool verify_peer = true; ///< Chain and host name. Switch it off for experiments only.
    bool use_system_authorities = true;
    std::string authorities_file{};      ///< PEM file of additional trusted authorities.
    std::string authorities_pem{};       ///< The same as text.
    std::string authorities_directory{}; ///< Directory of further ones, with names by hash (openssl rehash).
};

struct pool_options {
    std::size_t max_connections = 64;
    /// So many connections are opened ahead of their use: by warm_up(), and in the background while exchanges find
    /// fewer (at most once a second when that fails). An idle pool opens none: it does nothing at all, and what the
    /// service closes meanwhile is opened again with the next exchange.
    std::size_t min_connections = 0;
    /// Operations that may wait for a connection; one more fails at once with errc::pool_exhausted.
    std::size_t max_waiting = 100'000;
    /// Name resolution, TCP, proxy and TLS together. Several addresses are tried side by side, each 250 ms (or its
    /// share of this time, if that is less) after the one before or as soon as one fails; the first to connect is taken
    /// (RFC 8305).
    std::chrono::milliseconds connect_timeout{3'000};
    /// New connections use the addresses of a look-up for so long, each beginning with another one; then they are
    /// looked up again. If that fails, or takes longer than a third of connect_timeout, the older addresses serve on.
    std::chrono::milliseconds resolve_interval{30'000};
    std::shared_ptr<name_resolver> resolver{}; ///< Empty: the system's.
    /// Connections idle for longer are closed instead of used again (the service closes them after about a minute).
    std::chrono::milliseconds idle_lifetime{50'000};
    /// Connections older than this are closed between two exchanges, so that changes of the endpoint's addresses take
    /// effect. Each lives for 80 to 100 % of it: connections opened together do not all end together.
    std::chrono::milliseconds max_age{600'000};
    std::size_t max_head_bytes = 16 * 1024;
    std::size_t max_body_bytes = 64 * 1024 * 1024;
    tls_options tls{};
    http::proxy proxy{};                       ///< None: connections go to the endpoint itself.
    std::shared_ptr<pool_listener> listener{}; ///< Told what happens. Empty: nobody.
};

/// What can be read off a pool at any time.
struct pool_statistics {
    std::size_t open = 0;        ///< Connections that exist, connecting ones included.
    std::size_t idle = 0;        ///< Open and unused.
    std::size_t waiting = 0;     ///< Operations in the queue.
    std::uint64_t connects = 0;  ///< Connections made since the start.
    std::uint64_t exchanges = 0; ///< Requests sent since the start.
    std::uint64_t resends = 0;   ///< Requests sent once more because a reused connection was gone.
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;

    /// For the sum over several pools.
    pool_statistics& operator+=(pool_statistics const& other) noexcept;
};

/// A request, ready to be written: `head` ends with an empty line. Both views must stay valid until the exchange ends.
struct request_view {
    std::string_view head;
    std::string_view body;
    /// Sending it twice does no harm: a request that lost a reused connection before any byte of the answer may be sent
    /// once more on a fresh one without counting as an attempt.
    bool repeatable = false;
    traffic kind = traffic::single; ///< Its class in the queue for connections.
    /// From the moment it has its turn to the end of the answer: connecting, writing, reading, and the one resend.
    /// Waiting for the turn does not count. Zero: only the deadline bounds it.
    std::chrono::nanoseconds timeout{0};
};

struct exchange_result {
    error_code code{};     ///< See connection_pool::exchange().
    std::string message{}; ///< What happened, with host and port: for diagnostics::message. Empty on success.
    bool sent = false;     ///< At least one byte of the request left: the peer may have acted on it.
    /// It had been sent before, on a connection that was lost, at least in part: the peer may have acted on that one
    /// too.
    bool resent = false;
    bool reused = false; ///< The connection had carried another exchange before (the last one, if it was sent twice).
    response answer{};   ///< Only when code is clear.
};

namespace detail {
class pending_exchange;
}

/// Keep-alive connections to one endpoint, and one exchange of request and response on them.
///
/// At most max_connections at a time; operations past that wait in a fair queue (see `traffic`). Not
/// thread-safe: everything runs on `executor`. Idle connections do no I/O, so they do not keep io_context::run() going.
class connection_pool : public std::enable_shared_from_this<connection_pool> {
public:
    [[nodiscard]] static std::shared_ptr<connection_pool> create(boost::asio::any_io_executor executor, url endpoint,
                                                                 pool_options options);
    ~connection_pool();

    /// Sends a request and receives its answer. Does not throw for anything the network does.
    ///
    /// To be awaited on `executor`, where it also resumes. The pool may be destroyed meanwhile (see close()).
    ///
    /// `until` bounds everything: waiting for a connection, connecting, writing, reading; errc::deadline_exceeded then.
    /// It must outlive the exchange, and nothing else may watch it meanwhile. Cancellation (whatever type the awaiting
    /// coroutine's cancellation state lets through: only terminal by Asio's default) ends it with
    /// boost::asio::error::operation_aborted. In both cases the connection in use is closed, never handed on with half
    /// an answer in it; an answer that was complete by then is still delivered.
    ///
    /// Other codes: transport_errc (attempt_timeout when request_view::timeout passes, with the same consequences);
    /// errc::pool_exhausted when max_waiting operations wait already; errc::client_closed; errc::invalid_configuration
    /// when the authorities of tls_options cannot be loaded.
    ///
    /// A request that finds its reused connection dead is sent once more on a fresh one if no byte of it had left, or
    /// if it is repeatable and no byte of an answer had come. Before one that is not repeatable, an idle connection is
    /// asked whether it is still open (one system call), unless it has carried 64 exchanges and was in use less than
    /// 50 microseconds ago; before a repeatable one, when it was idle for a second.
    [[nodiscard]] boost::asio::awaitable<exchange_result> exchange(request_view request, deadline& until);

    struct warm_up_result {
        error_code code{};     ///< As of an exchange that could not be sent.
        std::string message{}; ///< For people. Empty on success.
    };
    /// Opens connections, with all that belongs to it, until pool_options::min_connections (but at least one) exist.
    /// Completes when each is open or has failed, with the first failure. To be awaited on `executor`. When `until`
    /// passes, or it is cancelled, only the waiting ends: what is being opened goes on, within connect_timeout.
    [[nodiscard]] boost::asio::awaitable<warm_up_result> warm_up(deadline& until);

    /// Closes idle connections (over TLS with close_notify) and refuses new exchanges; exchanges under way and waiting
    /// end with errc::client_closed. Destroying the pool does the same.
    void close() noexcept;

    [[nodiscard]] pool_statistics statistics() const noexcept;
    [[nodiscard]] url const& endpoint() const noexcept;
    [[nodiscard]] pool_options const& options() const noexcept;

private:
    friend class detail::pending_exchange;
    struct state; // shared with the exchanges under way, which may outlive the pool
    explicit connection_pool(std::shared_ptr<state> s) noexcept;
    std::shared_ptr<state> state_;
};

} // namespace dynasio::http

#endif
