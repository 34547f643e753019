#ifndef DYNASIO_HTTP_DEADLINE_HPP
#define DYNASIO_HTTP_DEADLINE_HPP

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/intrusive/set_hook.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <chrono>

namespace dynasio::http {

class deadline;

/// All deadlines of a client behind one timer: registering and leaving link and unlink a tree node (in constant time
/// when deadlines come in order) and make no system call, except for a new earliest one. Not thread-safe: everything
/// runs on `executor`. Without registered deadlines no timer waits, so an idle client does not keep io_context::run()
/// going.
class deadline_queue {
public:
    explicit deadline_queue(boost::asio::any_io_executor executor);
    ~deadline_queue();
    deadline_queue(deadline_queue const&) = delete;
    deadline_queue& operator=(deadline_queue const&) = delete;

    struct state; // shared: a deadline may outlive the queue object
    /// Counted without atomic operations.
    using state_ptr = boost::intrusive_ptr<state>;

private:
    friend class deadline;
    state_ptr state_;
};
void intrusive_ptr_add_ref(deadline_queue::state* counted) noexcept;
void intrusive_ptr_release(deadline_queue::state* counted) noexcept;

/// What a deadline interrupts when it passes.
class interruptible {
public:
    /// Called at most once for a deadline, on the executor of the queue, never from inside a call of the target's own.
    virtual void interrupt() noexcept = 0;

protected:
    ~interruptible() = default;
};

/// The deadline of one operation, on the operation's stack. Registered while it lives.
class deadline : public boost::intrusive::set_base_hook<> {
public:
    using clock = std::chrono::steady_clock;

    /// A time that is already past makes it expired from the start: nothing is sent then.
    deadline(deadline_queue& queue, clock::time_point at) : deadline(queue, at, clock::now()) {}
    /// The same for who has just looked at the clock.
    deadline(deadline_queue& queue, clock::time_point at, clock::time_point now);
    /// In the queue of `other`.
    deadline(deadline const& other, clock::time_point at);
    ~deadline();
    deadline(deadline const&) = delete;
    deadline& operator=(deadline const&) = delete;

    [[nodiscard]] clock::time_point at() const noexcept { return at_; }
    [[nodiscard]] bool expired() const noexcept { return expired_; }

    /// `target` is interrupted when the deadline passes, until another target or nullptr is set.
    void watch(interruptible* target) noexcept { target_ = target; }

    friend bool operator<(deadline const& a, deadline const& b) noexcept { return a.at_ < b.at_; }

private:
    friend class deadline_queue;
    deadline_queue::state_ptr queue_;
    interruptible* target_ = nullptr;
    clock::time_point at_;
    bool expired_ = false;
};

/// Waits for `delay` or until the deadline, whichever is first. Cancellation ends it early; check the cancellation
/// state afterwards. True when the whole delay has passed. While it waits, it is what `until` watches.
[[nodiscard]] boost::asio::awaitable<bool> sleep_for(std::chrono::steady_clock::duration delay, deadline& until);

} // namespace dynasio::http

#endif
