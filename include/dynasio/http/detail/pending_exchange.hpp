#ifndef DYNASIO_HTTP_DETAIL_PENDING_EXCHANGE_HPP
#define DYNASIO_HTTP_DETAIL_PENDING_EXCHANGE_HPP

#include <dynasio/http/connection_pool.hpp>
#include <dynasio/http/deadline.hpp>

#include <dynasio/core/error.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string_view>

namespace dynasio::http::detail {

struct pool_state;
struct exchange_state;

/// The properties of a request that are known before its text is written; see request_view.
struct exchange_terms {
    bool repeatable = false;
    traffic kind = traffic::single;
    /// True if the answer will probably not fit a small buffer. Beginning with a large one then saves a read.
    bool large_answer = false;
    std::chrono::nanoseconds timeout{0};
    /// The current time, if the caller has just read the clock; otherwise the default value.
    deadline::clock::time_point now{};
};

/// An exchange of a connection_pool, step by step. The caller writes the request only when its turn in the queue has
/// come, so that a waiting call holds no more than a place in the queue and signatures have the time of sending. The
/// caller also does the usual part, a single read, itself, which saves a coroutine and its frame for each request. In
/// everything else it is the same as connection_pool::exchange(), which is built on it.
///
///     pending_exchange e(pool, terms, until, cancellation);
///     if (e.must_wait()) {
///         auto turn = e.turn();
///         co_await std::move(turn);
///     }
///     while (!e.is_over()) {
///         if (e.wants_request()) {
///             e.send(head, body); // sends at once what the socket takes, if there is a connection
///         } else if (e.can_receive()) { // the request has left, its text may go
///             auto reading = e.socket().async_read_some(e.room(), completion);
///             auto const [ec, n] = co_await std::move(reading);
///             e.received(ec, n);
///         } else {
///             auto driving = e.drive();
///             co_await std::move(driving);
///         }
///     }
///     use(e.result());
///
/// The destructor gives up the place among the pool's connections, and the connection unless it has been returned to
/// the pool.
class pending_exchange {
public:
    /// For a child of fork() whose program did not call notify_fork() of the execution context: does it in its place,
    /// which closes the parent's connections here. Does nothing when it was called, and in a process that was not
    /// forked. An exchange that finds a connection of the parent's does the same. It must be called on the executor.
    static void notice_fork(connection_pool const& pool);

    /// The pool, `until` and `cancellation` (the awaiting coroutine's state) must outlive this object.
    pending_exchange(pool_state& pool, exchange_terms const& terms, deadline& until,
                     boost::asio::cancellation_state const& cancellation);
    pending_exchange(connection_pool const& pool, exchange_terms const& terms, deadline& until,
                     boost::asio::cancellation_state const& cancellation);
    ~pending_exchange();
    pending_exchange(pending_exchange const&) = delete;
    pending_exchange& operator=(pending_exchange const&) = delete;

    /// True if all connections are in use. turn() must then be awaited before every other step.
    [[nodiscard]] bool must_wait() const noexcept { return !state_; }
    [[nodiscard]] boost::asio::awaitable<void> turn();

    /// True when it is this exchange's turn and the request is missing. It becomes true a second time when the
    /// connection was lost and the request may be sent again.
    [[nodiscard]] bool wants_request() const noexcept;
    [[nodiscard]] bool is_resend() const noexcept;
    /// `head` and `body` must stay valid until can_receive(), is_over() or wants_request() is true.
    void send(std::string_view head, std::string_view body);
    /// Called instead of a second send(): ends the exchange with the error of the lost connection.
    void give_up();

    /// True when the whole request has been sent over a connection without TLS, so that only the answer is missing.
    [[nodiscard]] bool can_receive() const noexcept;
    [[nodiscard]] boost::asio::ip::tcp::socket& socket() noexcept;
    [[nodiscard]] boost::asio::mutable_buffer room();
    void received(error_code ec, std::size_t n);

    /// Does the steps that have to wait, until the exchange is over or wants its request.
    [[nodiscard]] boost::asio::awaitable<void> drive();

    [[nodiscard]] bool is_over() const noexcept;
    /// Whether part of the request may have been sent.
    [[nodiscard]] bool may_have_sent() const noexcept;
    /// Precondition: is_over().
    [[nodiscard]] exchange_result& result() noexcept;

private:
    pool_state& pool_;
    exchange_terms terms_;
    deadline& until_;
    boost::asio::cancellation_state const& cancellation_;
    std::unique_ptr<exchange_state> state_{};
};

} // namespace dynasio::http::detail

#endif
