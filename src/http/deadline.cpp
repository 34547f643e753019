#include <dynasio/http/deadline.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/intrusive/set.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <optional>
#include <utility>

#include "completion.hpp"

namespace dynasio::http {

namespace asio = boost::asio;

struct deadline_queue::state {
    explicit state(asio::any_io_executor ex) : executor(std::move(ex)), timer(executor) {}

    void add(deadline& d) {
        entries.insert(entries.end(), d);
        if (!armed || d.at() < *armed) arm(d.at());
    }

    void remove(deadline& d) noexcept {
        entries.erase(entries.iterator_to(d));
        if (!entries.empty() || !armed || checking) return;
        // The timer is not cancelled at once. A caller that runs one operation after the other registers its next
        // deadline before the posted check runs, and the timer, which is armed for an earlier time, serves that
        // deadline too.
        try {
            asio::post(executor, [self = state_ptr(this)] { self->check(); });
            checking = true;
        } catch (...) {
            disarm();
        }
    }

    void check() {
        checking = false;
        if (entries.empty() && armed) disarm();
    }

    void disarm() {
        armed.reset();
        timer.cancel();
    }

    void arm(deadline::clock::time_point at) {
        armed = at;
        timer.expires_at(at);
        timer.async_wait([self = state_ptr(this)](boost::system::error_code ec) {
            if (!ec) self->fire();
        });
    }

    void fire() {
        armed.reset();
        auto const now = deadline::clock::now();
        while (!entries.empty() && entries.begin()->at() <= now) {
            deadline& d = *entries.begin();
            entries.erase(entries.begin());
            d.expired_ = true;
            if (auto* target = std::exchange(d.target_, nullptr)) target->interrupt();
        }
        // An interrupted operation may have registered another deadline, which armed the timer.
        if (!entries.empty() && (!armed || entries.begin()->at() < *armed)) arm(entries.begin()->at());
    }

    asio::any_io_executor executor;
    asio::steady_timer timer;
    boost::intrusive::multiset<deadline> entries;
    std::optional<deadline::clock::time_point> armed; // if set, not later than the earliest entry
    bool checking = false;
    std::size_t references = 0;
};

void intrusive_ptr_add_ref(deadline_queue::state* counted) noexcept { ++counted->references; }
void intrusive_ptr_release(deadline_queue::state* counted) noexcept {
    if (--counted->references == 0) delete counted;
}

deadline_queue::deadline_queue(asio::any_io_executor executor) : state_(new state(std::move(executor))) {}
deadline_queue::~deadline_queue() = default;

deadline::deadline(deadline_queue& queue, clock::time_point at, clock::time_point now)
    : queue_(queue.state_), at_(at), expired_(at <= now) {
    if (!expired_) queue_->add(*this);
}

deadline::deadline(deadline const& other, clock::time_point at)
    : queue_(other.queue_), at_(at), expired_(at <= clock::now()) {
    if (!expired_) queue_->add(*this);
}

deadline::~deadline() {
    if (is_linked()) queue_->remove(*this);
}

namespace {

class sleeper final : public interruptible {
public:
    sleeper(asio::any_io_executor const& ex, std::chrono::steady_clock::duration delay, deadline& until)
        : timer(ex, delay), until_(until) {
        until_.watch(this);
    }
    ~sleeper() { until_.watch(nullptr); }
    sleeper(sleeper const&) = delete;
    sleeper& operator=(sleeper const&) = delete;

    void interrupt() noexcept override { timer.cancel(); }

    asio::steady_timer timer;

private:
    deadline& until_;
};

} // namespace

asio::awaitable<bool> sleep_for(std::chrono::steady_clock::duration delay, deadline& until) {
    auto const cancellation = co_await asio::this_coro::cancellation_state;
    if (until.expired() || cancellation.cancelled() != asio::cancellation_type::none) co_return false;
    auto const executor = co_await asio::this_coro::executor;
    sleeper self(executor, delay, until);
    auto wait = self.timer.async_wait(detail::completion);
    auto const [ec] = co_await std::move(wait);
    co_return !ec;
}

} // namespace dynasio::http
