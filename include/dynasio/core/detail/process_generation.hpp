#ifndef DYNASIO_CORE_DETAIL_PROCESS_GENERATION_HPP
#define DYNASIO_CORE_DETAIL_PROCESS_GENERATION_HPP

#include <atomic>

namespace dynasio::detail {

/// Use process_generation().
extern std::atomic<unsigned> forks_of_process;

/// Counts the forks that lie between the first process and this one, once watch_forks() was called: a child of fork()
/// has another number than its parent. An object that must not be used by a forked child (a connection, a batch of
/// random bytes) remembers the number; comparing it costs one load, where getpid() would cost a system call.
[[nodiscard]] inline unsigned process_generation() noexcept { return forks_of_process.load(std::memory_order_relaxed); }

/// Makes process_generation() count. Throws dynasio::error with a code of the system when no memory is left for that.
/// May be called often and on any thread.
void watch_forks();

} // namespace dynasio::detail

#endif
