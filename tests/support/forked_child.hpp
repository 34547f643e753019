#ifndef DYNASIO_TESTS_SUPPORT_FORKED_CHILD_HPP
#define DYNASIO_TESTS_SUPPORT_FORKED_CHILD_HPP

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace dynasio::test {

/// Forks and runs `child` in the child, where failures of tests are not seen: it returns whether everything was right.
/// `notified`: the program calls notify_fork() of its context, as Asio demands. If it does not, the child begins with
/// `first`, and the parent waits for the end of that: until the child has used the library, both wait with the same
/// epoll descriptor, and each may take the events of the other. Returns in the parent only.
inline pid_t fork_running(
    boost::asio::io_context& ctx, bool notified, std::function<bool()> const& child,
    std::function<bool()> const& first = [] { return true; }) {
    using boost::asio::execution_context;
    std::array<int, 2> noticed{};
    EXPECT_EQ(::pipe(noticed.data()), 0);
    if (notified) ctx.notify_fork(execution_context::fork_prepare);
    pid_t const id = ::fork();
    if (id != 0) {
        if (notified) ctx.notify_fork(execution_context::fork_parent);
        ::close(noticed[1]);
        char end = 0;
        if (!notified) {
            EXPECT_EQ(::read(noticed[0], &end, 1), 0);
        }
        ::close(noticed[0]);
        return id;
    }
    bool right = false;
    try {
        if (notified) ctx.notify_fork(execution_context::fork_child);
        right = first();
        ::close(noticed[1]);
        right = child() && right && !::testing::Test::HasFailure();
    } catch (...) {
    }
    ::_exit(right ? 0 : 1);
}

/// Waits for a child of fork_running(), in which everything must have been right.
inline void expect_right(pid_t child) {
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

} // namespace dynasio::test

#endif
