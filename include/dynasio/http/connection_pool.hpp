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
    bool verify_peer = true; ///< Verify chain and host name. Switch it off for experiments only.
    bool use_system_authorities = true;
    std::string authorities_file{};      ///< PEM file of additional trusted authorities.
    std::string authorities_pem{};       ///< The same as text.
    std::string authorities_directory{}; ///< Directory of PEM files named by hash (openssl rehash).
};

struct pool_options {
    std::size_t max_connections = 64;
    /// Number of connections that are opened ahead of their use: by warm_up(), and in the background when an exchange
    /// finds fewer (after a failure, at most once a second). An idle pool opens none; connections that the service
    /// closes in the meantime are opened again with the next exchange.
    std::size_t min_connections = 0;
    /// Number of operations that may wait for a connection; the next one fails at once with errc::pool_exhausted.
    std::size_t max_waiting = 100'000;
    /// Limit for name resolution, TCP, proxy and TLS together. Several addresses are tried in parallel (RFC 8305): an
    /// attempt starts 250 ms after the previous one (or this time divided by the number of addresses, if that is less),
    /// or as soon as one fails; the first connection is used.
    std::chrono::milliseconds connect_timeout{3'000};
    /// How long the addresses of a look-up are used. Each new connection begins with another of them. Afterwards the
    /// host is looked up again; if the look-up fails or takes longer than a third of connect_timeout, the older
    /// addresses are used.
    std::chrono::milliseconds resolve_interval{30'000};
    std::shared_ptr<name_resolver> resolver{}; ///< Empty: the system's resolver.
    /// Connections that were idle for longer are closed instead of used again. The service closes them after about a
    /// minute.
    std::chrono::milliseconds idle_lifetime{50'000};
    /// Connections older than this are closed between two exchanges, so that changes of the endpoint's addresses take
    /// effect. Each connection lives for 80 to 100 % of this time, so that connections opened together do not all end
    /// together.
    std::chrono::milliseconds max_age{600'000};
    std::size_t max_head_bytes = 16 * 1024;
    std::size_t max_body_bytes = 64 * 1024 * 1024;
    tls_options tls{};
    http::proxy proxy{};                       ///< None: the endpoint is connected to directly.
    std::shared_ptr<pool_listener> listener{}; ///< Receives the pool's events. Empty: none.
};

/// State and counters of a pool at one moment.
struct pool_statistics {
    std::size_t open = 0;        ///< Connections that exist, connecting ones included.
    std::size_t idle = 0;        ///< Open and unused.
    std::size_t waiting = 0;     ///< Operations in the queue.
    std::uint64_t connects = 0;  ///< Connections made since the start.
    std::uint64_t exchanges = 0; ///< Requests sent since the start.
    std::uint64_t resends = 0;   ///< Requests sent again because a reused connection was lost.
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;

    /// Adds every member, for the sum over several pools.
    pool_statistics& operator+=(pool_statistics const& other) noexcept;
};

/// A request, ready to be written: `head` ends with an empty line. Both views must stay valid until the exchange ends.
struct request_view {
    std::string_view head;
    std::string_view body;
    /// True if sending the request twice does no harm. If it loses a reused connection before any byte of the answer
    /// arrives, it may be sent again on a fresh connection, without counting as an attempt.
    bool repeatable = false;
    traffic kind = traffic::single; ///< Its class in the queue for connections.
    /// Limit from the request's turn in the queue to the end of the answer: connecting, writing, reading, and the one
    /// resend. Waiting in the queue does not count. Zero: only the deadline bounds the exchange.
    std::chrono::nanoseconds timeout{0};
};

struct exchange_result {
    error_code code{};     ///< See connection_pool::exchange().
    std::string message{}; ///< What happened, with host and port: for diagnostics::message. Empty on success.
    bool sent = false;     ///< At least one byte of the request was sent: the peer may have acted on it.
    /// The request had been sent before, at least in part, on a connection that was lost: the peer may have acted on
    /// that copy too.
    bool resent = false;
    bool reused = false; ///< The (last) connection had carried another exchange before.
    response answer{};   ///< Set only if `code` is clear.
};

namespace detail {
class pending_exchange;
}

/// Keeps connections to one endpoint alive and runs exchanges of one request and one response on them.
///
/// A child of fork() uses none of its parent's connections and TLS sessions: it closes the connections, without TLS's
/// close_notify, and opens its own. An exchange that is under way at the time of the fork loses its connection in the
/// child if the program calls execution_context::notify_fork(), as Asio demands.
///
/// At most max_connections are open at a time; further operations wait in a fair queue (see `traffic`). Not
/// thread-safe: everything runs on `executor`. Idle connections do no I/O, so they do not keep io_context::run()
/// running.
class connection_pool : public std::enable_shared_from_this<connection_pool> {
public:
    [[nodiscard]] static std::shared_ptr<connection_pool> create(boost::asio::any_io_executor executor, url endpoint,
                                                                 pool_options options);
    ~connection_pool();

    /// Sends a request and receives its answer. Failures of the network are reported in the result, not thrown.
    ///
    /// Precondition: it is awaited on `executor`, where it also resumes. The pool may be destroyed during the exchange
    /// (see close()).
    ///
    /// `until` bounds everything: waiting for a connection, connecting, writing, reading. When it passes, the exchange
    /// ends with errc::deadline_exceeded. It must outlive the exchange, and nothing else may watch it during the
    /// exchange. Cancellation (of every type that the awaiting coroutine's cancellation state lets through: only
    /// terminal by Asio's default) ends the exchange with boost::asio::error::operation_aborted. In both cases the
    /// connection in use is closed, so that no other exchange gets a connection with half an answer on it; an answer
    /// that was already complete is still delivered.
    ///
    /// Other codes: transport_errc (attempt_timeout when request_view::timeout passes, with the same consequences);
    /// errc::pool_exhausted when max_waiting operations wait already; errc::client_closed; errc::invalid_configuration
    /// when the authorities of tls_options cannot be loaded.
    ///
    /// A request whose reused connection turns out to be closed is sent again on a fresh connection if no byte of the
    /// request had been sent, or if the request is repeatable and no byte of an answer had arrived. Before a request
    /// that is not repeatable, the pool checks whether the idle connection is still open (one system call), unless the
    /// connection has carried 64 exchanges and was in use less than 50 microseconds ago; before a repeatable one it
    /// checks only a connection that was idle for at least a second.
    [[nodiscard]] boost::asio::awaitable<exchange_result> exchange(request_view request, deadline& until);

    struct warm_up_result {
        error_code code{};     ///< The code that an exchange would have had.
        std::string message{}; ///< For people. Empty on success.
    };
    /// Opens connections, proxy and TLS included, until pool_options::min_connections (but at least one) exist.
    /// Completes when each is open or has failed, with the first failure. Precondition: it is awaited on `executor`.
    /// When `until` passes or the operation is cancelled, only the waiting ends: connections that are being opened go
    /// on, within connect_timeout.
    [[nodiscard]] boost::asio::awaitable<warm_up_result> warm_up(deadline& until);

    /// Closes idle connections (over TLS with close_notify) and refuses new exchanges. Exchanges that are running or
    /// waiting end with errc::client_closed. Destroying the pool does the same.
    void close() noexcept;

    [[nodiscard]] pool_statistics statistics() const noexcept;
    [[nodiscard]] url const& endpoint() const noexcept;
    [[nodiscard]] pool_options const& options() const noexcept;

private:
    friend class detail::pending_exchange;
    struct state; // shared with running exchanges, which may outlive the pool
    explicit connection_pool(std::shared_ptr<state> s) noexcept;
    std::shared_ptr<state> state_;
};

} // namespace dynasio::http

#endif
