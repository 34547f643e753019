#include "throttle_wait.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <string>

#include "parking.hpp"

namespace dynasio::dynamodb::detail {

namespace asio = boost::asio;
using steady = std::chrono::steady_clock;

namespace {

/// A call's place in the queue of one resource.
class place_in_queue final : public throttle_view::turn {
public:
    place_in_queue(call& c, throttle_view::entry& e) : call_(c), entry_(e), since_(steady::now()) {
        c.state.throttles.enqueue(e, *this);
    }
    ~place_in_queue() {
        if (!left_) leave(false, steady::now());
    }
    void go(steady::time_point now) { leave(true, now); }
    void on_front() noexcept override {
        if (sleeping != nullptr) sleeping->wake();
    }

    parked* sleeping = nullptr;

private:
    /// Leaves the queue. The entry may be destroyed by this.
    void leave(bool taken, steady::time_point now) {
        left_ = true;
        if (call_.state.watcher != nullptr) {
            throttle_waited event;
            event.table = throttle_view::table_of(entry_);
            event.index = throttle_view::index_of(entry_);
            event.took = now - since_;
            event.passed = taken;
            call_.state.watcher->on_throttle_wait(call_.observed(), event);
        }
        call_.state.throttles.leave(entry_, *this, taken, call_.passed_turns(), now);
    }

    call& call_;
    throttle_view::entry& entry_;
    steady::time_point since_;
    bool left_ = false;
};

} // namespace

asio::awaitable<void> wait_for_turn(call& c) {
    auto const executor = co_await asio::this_coro::executor;
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    throttle_view& view = c.state.throttles;
    while (c.holding() != nullptr) {
        std::string const doing = "waiting because the service throttles " + throttle_view::name_of(*c.holding());
        place_in_queue mine(c, *c.holding());
        for (;;) {
            auto const at = view.time_of(*c.holding(), mine);
            auto const now = steady::now();
            if (at && *at <= now) {
                mine.go(now);
                break;
            }
            parked self(executor, at.value_or(steady::time_point::max()), *c.deadline);
            c.state.sleepers.push_back(self);
            mine.sleeping = &self;
            auto sleeping = self.timer.async_wait(asio::as_tuple(asio::use_awaitable));
            co_await std::move(sleeping);
            mine.sleeping = nullptr;
            c.check(cancellation.cancelled(), doing);
        }
        static_cast<void>(c.held_back());
    }
}

} // namespace dynasio::dynamodb::detail
