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

/// What is known of a request before its text is; see request_view.
struct exchange_terms {
    bool repeatable = false;
    traffic kind = traffic::single;
    /// The answer will hardly fit a small buffer: to begin with a large one spares a read.
    bool large_answer = false;
    std::chrono::nanoseconds timeout{0};
    /// If the caller has just looked at the clock.
    deadline::clock::time_point now{};
};

/// An exchange of a connection_pool, step by step, for a caller that writes the request when its turn has come (whoever
/// waits then holds no more than a place in the queue, and signatures are of the moment of sending) and does the usual
/// part, a single read, itself (which saves a coroutine for each request, and its frame). The same as
/// connection_pool::exchange() otherwise, which is made of it.
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
/// The connection, unless it is back in the pool by then, and the place among the pool's connections are given up when
/// it is destroyed.
class pending_exchange {
public:
    /// The pool, `until` and `cancellation`, which is the awaiting coroutine's, must outlive this.
    pending_exchange(pool_state& pool, exchange_terms const& terms, deadline& until,
                     boost::asio::cancellation_state const& cancellation);
    pending_exchange(connection_pool const& pool, exchange_terms const& terms, deadline& until,
                     boost::asio::cancellation_state const& cancellation);
    ~pending_exchange();
    pending_exchange(pending_exchange const&) = delete;
    pending_exchange& operator=(pending_exchange const&) = delete;

    /// All connections are in use: turn() comes before everything else.
    [[nodiscard]] bool must_wait() const noexcept { return !state_; }
    [[nodiscard]] boost::asio::awaitable<void> turn();

    /// It has its turn and no request; a second time when the connection was lost before the request could do anything.
    [[nodiscard]] bool wants_request() const noexcept;
    [[nodiscard]] bool is_resend() const noexcept;
    /// Both must stay valid until can_receive(), is_over() or wants_request().
    void send(std::string_view head, std::string_view body);
    /// Instead of sending again: it is over, with the connection's loss.
    void give_up();

    /// The whole request has left by a connection without TLS: what comes next is the answer.
    [[nodiscard]] bool can_receive() const noexcept;
    [[nodiscard]] boost::asio::ip::tcp::socket& socket() noexcept;
    [[nodiscard]] boost::asio::mutable_buffer room();
    void received(error_code ec, std::size_t n);

    /// Does whatever is to be waited for now, until it is over or wants the request.
    [[nodiscard]] boost::asio::awaitable<void> drive();

    [[nodiscard]] bool is_over() const noexcept;
    /// Part of the request may have left by now.
    [[nodiscard]] bool may_have_sent() const noexcept;
    /// When it is over.
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
