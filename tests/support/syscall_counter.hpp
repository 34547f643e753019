#ifndef DYNASIO_TESTS_SUPPORT_SYSCALL_COUNTER_HPP
#define DYNASIO_TESTS_SUPPORT_SYSCALL_COUNTER_HPP

#include <cstddef>

#include "support/allocation_counter.hpp"

namespace dynasio::tests {

/// The system calls of the calling thread that concern sockets and waiting.
struct syscall_counts {
    std::size_t sends = 0;           ///< send, sendmsg
    std::size_t receives = 0;        ///< recv, recvmsg
    std::size_t fruitless_sends = 0; ///< Of these, those that failed, as with EAGAIN.
    std::size_t fruitless_receives = 0;
    std::size_t waits = 0;           ///< epoll_wait
    std::size_t reactor_changes = 0; ///< epoll_ctl
    std::size_t timer_changes = 0;   ///< timerfd_settime
};

/// Counts them between construction and reading. Every test program replaces the functions for it, but with sanitizers,
/// which do so themselves: tests begin as with allocation_counter.
class syscall_counter {
public:
    static constexpr bool enabled = allocation_counter::enabled;
    static constexpr char const* why_disabled = "the sanitizer replaces the functions itself: calls cannot be counted";

    syscall_counter() noexcept;
    [[nodiscard]] syscall_counts so_far() const noexcept;

private:
    syscall_counts before_;
};

} // namespace dynasio::tests

#endif
