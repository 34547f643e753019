#ifndef DYNASIO_HTTP_POOL_LISTENER_HPP
#define DYNASIO_HTTP_POOL_LISTENER_HPP

#include <dynasio/http/traffic.hpp>

#include <dynasio/core/error.hpp>

#include <chrono>
#include <cstdint>
#include <string_view>

namespace dynasio::http {

/// A connection has been opened and can carry exchanges.
struct connection_opened {
    std::uint64_t number = 0;        ///< Counts the pool's connections from 1.
    std::string_view address{};      ///< "192.0.2.1:443" or "[2001:db8::1]:443"; the proxy's, if there is one.
    std::chrono::nanoseconds took{}; ///< Look-up, TCP, proxy and TLS together.
    bool tls = false;                ///< Whether the connection uses TLS.
    bool session_reused = false;     ///< TLS resumed an earlier session, without certificates and with less work.
    bool through_proxy = false;
};

/// A connection could not be made, or was given up before it was made because no operation needed it any more.
struct connection_failed {
    error_code code{};
    std::string_view message{}; ///< For people: with host, port and what to do.
    std::chrono::nanoseconds took{};
};

enum class close_reason : unsigned char {
    idle,  ///< Unused for pool_options::idle_lifetime.
    age,   ///< Older than pool_options::max_age.
    peer,  ///< The peer closed it, or announced that it would.
    error, ///< The bytes received were not an answer, or writing failed.
    /// Deadline, attempt time-out or cancellation, in the middle of an exchange; in a child of fork() also that the
    /// connection is the parent's.
    interrupted,
    shutdown ///< The pool was closed.
};

struct connection_closed {
    std::uint64_t number = 0; ///< As in connection_opened.
    close_reason reason = close_reason::idle;
    std::uint64_t exchanges = 0;    ///< Requests that the connection carried.
    std::chrono::nanoseconds age{}; ///< Since it was opened.
};

/// A request that found no connection free has stopped waiting for one.
struct queue_wait_ended {
    std::chrono::nanoseconds waited{};
    traffic kind = traffic::single;
    bool served = false; ///< Got a connection or may open one. False: deadline, cancellation or the pool's end.
};

/// Receives the events of a connection_pool, on the pool's executor and in the middle of the pool's work: return soon,
/// and call no function of the pool but connection_pool::statistics(). The views in an event are valid during the call.
///
/// Without a listener an event costs one comparison with null. Requests that find a free connection cause no event.
class pool_listener {
public:
    virtual ~pool_listener() = default;

    virtual void on_opened(connection_opened const&) noexcept {}
    virtual void on_failed(connection_failed const&) noexcept {}
    virtual void on_closed(connection_closed const&) noexcept {}
    virtual void on_queue_wait(queue_wait_ended const&) noexcept {}

protected:
    pool_listener() = default;
    pool_listener(pool_listener const&) = default;
    pool_listener& operator=(pool_listener const&) = default;
};

[[nodiscard]] constexpr std::string_view to_string(close_reason reason) noexcept {
    switch (reason) {
    case close_reason::idle:
        return "idle";
    case close_reason::age:
        return "age";
    case close_reason::peer:
        return "peer";
    case close_reason::error:
        return "error";
    case close_reason::interrupted:
        return "interrupted";
    case close_reason::shutdown:
        return "shutdown";
    }
    return "";
}

} // namespace dynasio::http

#endif
