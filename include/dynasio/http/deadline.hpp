#ifndef DYNASIO_HTTP_DEADLINE_HPP
#define DYNASIO_HTTP_DEADLINE_HPP

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/intrusive/set_hook.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>

#include <chrono>

namespace dynasio::http {

class deadline;

/// Serves all deadlines of a client with one timer. Registering and removing a deadline links and unlinks a tree node
/// (in constant time when deadlines are registered in order of time) and makes no system call, unless the deadline is
/// the new earliest one. Not thread-safe: everything runs on `executor`. Without registered deadlines the timer does
/// not wait, so an idle client does not keep io_context::run() running.
class deadline_queue {
public:
    explicit deadline_queue(boost::asio::any_io_executor executor);
    ~deadline_queue();
    deadline_queue(deadline_queue const&) = delete;
    deadline_queue& operator=(deadline_queue const&) = delete;

    struct state; // shared, because a deadline may outlive the queue object
    /// The reference count is not atomic: everything runs on one executor.
    using state_ptr = boost::intrusive_ptr<state>;

private:
    friend class deadline;
    state_ptr state_;
};
void intrusive_ptr_add_ref(deadline_queue::state* counted) noexcept;
void intrusive_ptr_release(deadline_queue::state* counted) noexcept;

/// Interface of what a deadline interrupts when it passes.
class interruptible {
public:
    /// Called at most once for a deadline, on the queue's executor, and never from within a call that the target makes.
    virtual void interrupt() noexcept = 0;

protected:
    ~interruptible() = default;
};

/// The deadline of one operation, on the operation's stack. It is registered from construction to destruction.
class deadline : public boost::intrusive::set_base_hook<> {
public:
    using clock = std::chrono::steady_clock;

    /// A time that has already passed makes the deadline expired from the start; nothing is sent then.
    deadline(deadline_queue& queue, clock::time_point at) : deadline(queue, at, clock::now()) {}
    /// The same for a caller that has just read the clock: saves a second reading.
    deadline(deadline_queue& queue, clock::time_point at, clock::time_point now);
    /// Registers the deadline in the queue of `other`.
    deadline(deadline const& other, clock::time_point at);
    ~deadline();
    deadline(deadline const&) = delete;
    deadline& operator=(deadline const&) = delete;

    [[nodiscard]] clock::time_point at() const noexcept { return at_; }
    [[nodiscard]] bool expired() const noexcept { return expired_; }

    /// Sets the target that is interrupted when the deadline passes, in place of the previous one; nullptr sets none.
    void watch(interruptible* target) noexcept { target_ = target; }

    friend bool operator<(deadline const& a, deadline const& b) noexcept { return a.at_ < b.at_; }

private:
    friend class deadline_queue;
    deadline_queue::state_ptr queue_;
    interruptible* target_ = nullptr;
    clock::time_point at_;
    bool expired_ = false;
};

/// Waits for `delay` or until the deadline, whichever is first. Cancellation ends the wait early; check the
/// cancellation state afterwards. Returns true when the whole delay has passed. During the wait `until` watches it in
/// place of any other target.
[[nodiscard]] boost::asio::awaitable<bool> sleep_for(std::chrono::steady_clock::duration delay, deadline& until);

} // namespace dynasio::http

#endif
