#include "fork_watch.hpp"

#include <dynasio/core/detail/process_generation.hpp>

#include <boost/asio/execution/context.hpp>
#include <boost/asio/query.hpp>

namespace dynasio::http::detail {

namespace asio = boost::asio;

asio::execution_context::id fork_watch::id;

fork_watch::fork_watch(asio::execution_context& owner)
    : asio::execution_context::service(owner), notified_(dynasio::detail::process_generation()) {}

fork_watch& fork_watch::of(asio::any_io_executor const& executor) {
    dynasio::detail::watch_forks();
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
