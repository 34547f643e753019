#ifndef DYNASIO_HTTP_DETAIL_PENDING_EXCHANGE_HPP
#define DYNASIO_HTTP_DETAIL_PENDING_EXCHANGE_HPP

#include <dynasio/http/connection_pool.hpp>
#include <dynasio/http/deadline.hpp>

#include <dynasio/core/error.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <memory>

namespace dynasio::http::detail {

struct pool_state;
struct exchange_state;

/// An exchange of a connection_pool whose caller does the usual part itself, a single read: that saves a coroutine for
/// each request, and its frame. The same as connection_pool::exchange() otherwise, which is made of it.
///
///     pending_exchange e(pool, request, until, cancellation); // sends at once, if a connection is idle
///     if (e.can_receive()) {
///         auto reading = e.socket().async_read_some(e.room(), completion);
///         auto const [ec, n] = co_await std::move(reading);
///         e.received(ec, n);
///     }
///     if (!e.is_over()) {
///         auto rest = e.rest();
///         co_await std::move(rest);
///     }
///     use(e.result());
///
/// The connection, unless it is back in the pool by then, and the place among the pool's connections are given up when
/// it is destroyed.
class pending_exchange {
public:
    /// `cancellation` is the awaiting coroutine's, and must outlive this.
    pending_exchange(std::shared_ptr<pool_state> pool, request_view const& request, deadline& until,
                     boost::asio::cancellation_state const& cancellation);
    pending_exchange(connection_pool const& pool, request_view const& request, deadline& until,
                     boost::asio::cancellation_state const& cancellation);
    ~pending_exchange();
    pending_exchange(pending_exchange const&) = delete;
    pending_exchange& operator=(pending_exchange const&) = delete;

    /// The whole request has left by a connection without TLS: what comes next is the answer.
    [[nodiscard]] bool can_receive() const noexcept;
    [[nodiscard]] boost::asio::ip::tcp::socket& socket() noexcept;
    [[nodiscard]] boost::asio::mutable_buffer room();
    void received(error_code ec, std::size_t n);

    [[nodiscard]] bool is_over() const noexcept;
    /// Everything that is left to do.
    [[nodiscard]] boost::asio::awaitable<void> rest();

    /// When it is over.
    [[nodiscard]] exchange_result& result() noexcept;

private:
    std::shared_ptr<pool_state> pool_;
    std::unique_ptr<exchange_state> state_;
};

} // namespace dynasio::http::detail

#endif
