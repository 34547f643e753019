#ifndef DYNASIO_SRC_AWS_TURNSTILE_HPP
#define DYNASIO_SRC_AWS_TURNSTILE_HPP

#include <boost/asio/awaitable.hpp>

#include <mutex>
#include <utility>
#include <vector>

namespace dynasio::aws::detail {

/// Lets one coroutine through at a time, on whatever executors and threads they are; the others wait outside.
class turnstile {
public:
    /// Whoever has it is inside. The turnstile must outlive it.
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

    /// Cancellation ends the wait. The turnstile must outlive it.
    [[nodiscard]] boost::asio::awaitable<pass> enter();

private:
    struct waiter;
    struct wait_initiation;

    [[nodiscard]] bool try_enter();
    void leave() noexcept;

    std::mutex mutex_{};
    // Behind the mutex, with all that waiters are made of.
    bool inside_ = false;
    std::vector<waiter*> waiters_{};
};

} // namespace dynasio::aws::detail

#endif
