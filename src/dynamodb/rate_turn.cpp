#include "rate_turn.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "engine_state.hpp"

namespace dynasio::dynamodb::detail {

namespace asio = boost::asio;
using steady = std::chrono::steady_clock;

namespace {

/// A place in the queue. The destructor leaves the queue and wakes the next waiter.
class place {
public:
    place(parked_list& list, parked& self) : list_(list), self_(self) { list_.push_back(self_); }
    ~place() {
        if (self_.is_linked()) self_.unlink();
        if (!list_.empty()) list_.front().wake();
    }
    place(place const&) = delete;
    place& operator=(place const&) = delete;

private:
    parked_list& list_;
    parked& self_;
};

} // namespace

bool rate_turns::take() noexcept { return waiting_.empty() && limiter_.acquire(now()).count() <= 0; }

void rate_turns::on_attempt_end(bool throttled) noexcept {
    limiter_.on_attempt_end(throttled, now());
    // The rate may have changed, so the first waiter computes its wait again.
    if (!waiting_.empty()) waiting_.front().wake();
}

asio::awaitable<void> wait_for_rate([[maybe_unused]] std::shared_ptr<engine> self, call& c) {
    rate_turns& turns = *c.state.turns;
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    auto const executor = co_await asio::this_coro::executor;
    parked waiting(executor, steady::time_point::max(), *c.deadline);
    place const held(turns.waiting_, waiting);
    for (;;) {
        c.check(cancellation.cancelled(), "waiting for its turn (adaptive retry mode)");
        steady::time_point wake_at = steady::time_point::max();
        if (&turns.waiting_.front() == &waiting) {
            aws::rate_time const delay = turns.limiter_.acquire(turns.now());
            if (delay.count() <= 0) co_return;
            // The rate is at least one in two seconds, so the delay is short and the sum cannot overflow.
            wake_at = steady::now() + std::chrono::ceil<steady::duration>(delay);
            if (wake_at >= c.deadline->at())
                c.fail(
                    errc::deadline_exceeded,
                    "the deadline passes before the attempt's turn: adaptive retry mode limits the rate, because the "
                    "service throttles");
        }
        waiting.timer.expires_at(wake_at);
        co_await waiting.timer.async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

} // namespace dynasio::dynamodb::detail
