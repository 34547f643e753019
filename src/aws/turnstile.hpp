#ifndef DYNASIO_SRC_AWS_TURNSTILE_HPP
#define DYNASIO_SRC_AWS_TURNSTILE_HPP

#include <boost/asio/awaitable.hpp>

#include <mutex>
#include <utility>
#include <vector>

namespace dynasio::aws::detail {

/// A mutex for coroutines, which may run on different executors and threads: one coroutine at a time holds the pass,
/// the others wait.
class turnstile {
public:
    /// The right to be inside; the destructor gives it up. The turnstile must outlive the pass.
    class pass {
    public:
        explicit pass(turnstile& of) noexcept : of_(&of) {}
        pass(pass&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
        pass(pass const&) = delete;
        pass& operator=(pass const&) = delete;
        pass& operator=(pass&&) = delete;
        ~pass() {
            if (of_ != nullptr) of_->leave();
        }

    private:
        turnstile* of_;
    };

    turnstile() = default;
    turnstile(turnstile const&) = delete;
    turnstile& operator=(turnstile const&) = delete;

    /// Completes when the pass is free. Cancellation ends the wait. The turnstile must outlive the operation.
    [[nodiscard]] boost::asio::awaitable<pass> enter();

private:
    struct waiter;
    struct wait_initiation;

    [[nodiscard]] bool try_enter();
    void leave() noexcept;

    std::mutex mutex_{};
    // Protected by the mutex, as are the waiters' members.
    bool inside_ = false;
    std::vector<waiter*> waiters_{};
};

} // namespace dynasio::aws::detail

#endif
