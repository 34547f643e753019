#ifndef DYNASIO_SRC_DYNAMODB_RATE_TURN_HPP
#define DYNASIO_SRC_DYNAMODB_RATE_TURN_HPP

#include <dynasio/dynamodb/detail/engine.hpp>

#include <dynasio/aws/rate_limiter.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>

#include "call.hpp"
#include "parking.hpp"

namespace dynasio::dynamodb::detail {

/// The rate limiter and the queue that the calls of a client in adaptive retry mode share.
class rate_turns {
public:
    /// Times passed to `limiter` are in seconds since `start`.
    explicit rate_turns(aws::rate_limiter limiter = aws::rate_limiter(),
                        std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now())
        : start_(start), limiter_(limiter) {}

    /// Takes a turn if one is available and the queue is empty.
    [[nodiscard]] bool take() noexcept;
    /// Call it after each attempt.
    void on_attempt_end(bool throttled) noexcept;
    /// Wakes all waiting calls, which then end.
    void close() noexcept { wake_all(waiting_); }

private:
    friend boost::asio::awaitable<void> wait_for_rate(std::shared_ptr<engine> self, call& c);
    [[nodiscard]] aws::rate_time now() const noexcept { return std::chrono::steady_clock::now() - start_; }

    std::chrono::steady_clock::time_point start_;
    aws::rate_limiter limiter_;
    parked_list waiting_; ///< In the order of arrival; only the first waiter's timer is set.
};

/// Waits for a turn. The wait also ends with the call's deadline (at once if the turn would come later), its
/// cancellation, or the client's end.
boost::asio::awaitable<void> wait_for_rate(std::shared_ptr<engine> self, call& c);

} // namespace dynasio::dynamodb::detail

#endif
