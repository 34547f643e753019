#include "support/syscall_counter.hpp"

#include <csignal>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace dynasio::tests {
namespace {

thread_local syscall_counts total;

} // namespace

syscall_counter::syscall_counter() noexcept : before_(total) {}

syscall_counts syscall_counter::so_far() const noexcept {
    syscall_counts now = total;
    now.sends -= before_.sends;
    now.receives -= before_.receives;
    now.fruitless_sends -= before_.fruitless_sends;
    now.fruitless_receives -= before_.fruitless_receives;
    now.waits -= before_.waits;
    now.reactor_changes -= before_.reactor_changes;
    now.timer_changes -= before_.timer_changes;
    return now;
}

} // namespace dynasio::tests

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define DYNASIO_TESTS_NO_INTERPOSITION
#endif
#endif
#else
#define DYNASIO_TESTS_NO_INTERPOSITION
#endif

#ifndef DYNASIO_TESTS_NO_INTERPOSITION

extern "C" {

ssize_t send(int fd, void const* data, std::size_t size, int flags) {
    auto const n = syscall(SYS_sendto, fd, data, size, flags, nullptr, 0);
    ++dynasio::tests::total.sends;
    if (n < 0) ++dynasio::tests::total.fruitless_sends;
    return n;
}

ssize_t sendmsg(int fd, msghdr const* message, int flags) {
    auto const n = syscall(SYS_sendmsg, fd, message, flags);
    ++dynasio::tests::total.sends;
    if (n < 0) ++dynasio::tests::total.fruitless_sends;
    return n;
}

ssize_t recv(int fd, void* data, std::size_t size, int flags) {
    auto const n = syscall(SYS_recvfrom, fd, data, size, flags, nullptr, nullptr);
    ++dynasio::tests::total.receives;
    if (n < 0) ++dynasio::tests::total.fruitless_receives;
    return n;
}

ssize_t recvmsg(int fd, msghdr* message, int flags) {
    auto const n = syscall(SYS_recvmsg, fd, message, flags);
    ++dynasio::tests::total.receives;
    if (n < 0) ++dynasio::tests::total.fruitless_receives;
    return n;
}

int epoll_wait(int fd, epoll_event* events, int size, int timeout) {
    ++dynasio::tests::total.waits;
    return static_cast<int>(syscall(SYS_epoll_pwait, fd, events, size, timeout, nullptr, NSIG / 8));
}

int epoll_ctl(int fd, int operation, int other, epoll_event* event) noexcept {
    ++dynasio::tests::total.reactor_changes;
    return static_cast<int>(syscall(SYS_epoll_ctl, fd, operation, other, event));
}

int timerfd_settime(int fd, int flags, itimerspec const* wanted, itimerspec* before) noexcept {
    ++dynasio::tests::total.timer_changes;
    return static_cast<int>(syscall(SYS_timerfd_settime, fd, flags, wanted, before));
}

} // extern "C"

#endif
