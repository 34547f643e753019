#include "fork_watch.hpp"

#include <dynasio/core/detail/process_generation.hpp>
#include <dynasio/core/error.hpp>

#include <boost/asio/execution/context.hpp>
#include <boost/asio/query.hpp>

#include <atomic>
#include <pthread.h>
#include <sys/stat.h>

namespace dynasio::http::detail {

namespace asio = boost::asio;

namespace {

/// All of them, for the child of a fork. It stays when the process ends, because a context may be destroyed after it.
struct registry {
    std::mutex lock;
    boost::intrusive::list<fork_watch, boost::intrusive::constant_time_size<false>> all;
    std::atomic<bool> forked_alone{false};

    static registry& get() {
        static registry& one = *new registry;
        return one;
    }
};

/// Whether the calling thread is the process's only one: /proc/self/task has a directory for each, and a directory has
/// two links more than it has directories (proc(5)). Where /proc is missing, it may not be.
bool is_only_thread() noexcept {
    struct stat tasks{};
    return ::stat("/proc/self/task", &tasks) == 0 && tasks.st_nlink == 3;
}

/// In a process with one thread nobody else holds a lock, so its child may notify the contexts at once. In one with
/// several, a lock of the context could be held for ever by a thread that does not live on in the child, and a child
/// that only calls exec() would hang.
void watch_forks_alone() {
    static bool const watching =
        ::pthread_atfork([] { registry::get().forked_alone = is_only_thread(); }, nullptr,
                         [] {
                             registry& known = registry::get();
                             if (!known.forked_alone) return;
                             for (fork_watch& one : known.all) {
                                 try {
                                     one.catch_up();
                                 } catch (...) { // The next operation tries again, and tells why.
                                 }
                             }
                         }) == 0;
    if (!watching)
        throw_error(boost::system::errc::make_error_code(boost::system::errc::not_enough_memory),
                    "the handler that notifies an io_context in the child of a fork() cannot be registered");
}

} // namespace

asio::execution_context::id fork_watch::id;

fork_watch::fork_watch(asio::execution_context& owner)
    : asio::execution_context::service(owner), notified_(dynasio::detail::process_generation()) {
    registry& known = registry::get();
    std::lock_guard const guard(known.lock);
    known.all.push_back(*this);
}

void fork_watch::shutdown() {
    registry& known = registry::get();
    std::lock_guard const guard(known.lock);
    unlink();
}

fork_watch& fork_watch::of(asio::any_io_executor const& executor) {
    dynasio::detail::watch_forks();
    watch_forks_alone();
    asio::execution_context& context = asio::query(executor, asio::execution::context);
    return asio::use_service<fork_watch>(context);
}

void fork_watch::add(fork_watcher& one) {
    std::lock_guard const guard(lock_);
    watchers_.push_back(one);
}

void fork_watch::remove(fork_watcher& one) noexcept {
    std::lock_guard const guard(lock_);
    watchers_.erase(watchers_.iterator_to(one));
}

void fork_watch::catch_up() {
    if (notified_ != dynasio::detail::process_generation()) context().notify_fork(asio::execution_context::fork_child);
}

void fork_watch::notify_fork(asio::execution_context::fork_event event) {
    if (event != asio::execution_context::fork_child) return;
    std::lock_guard const guard(lock_);
    notified_ = dynasio::detail::process_generation();
    for (fork_watcher& one : watchers_) one.forked();
}

} // namespace dynasio::http::detail
