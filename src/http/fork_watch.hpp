#ifndef DYNASIO_SRC_HTTP_FORK_WATCH_HPP
#define DYNASIO_SRC_HTTP_FORK_WATCH_HPP

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/intrusive/list.hpp>

#include <mutex>

namespace dynasio::http::detail {

/// Something that holds connections.
class fork_watcher : public boost::intrusive::list_base_hook<> {
public:
    fork_watcher() = default;
    virtual ~fork_watcher() = default;
    fork_watcher(fork_watcher const&) = delete;
    fork_watcher& operator=(fork_watcher const&) = delete;

    /// Called in a child of fork(), before its context does any I/O: closes what belongs to the parent.
    virtual void forked() noexcept = 0;
};

/// A service of the execution context that tells pools of a fork, in the child, when the program calls
/// execution_context::notify_fork(). The kernel gives both processes the same sockets: a read that the parent had begun
/// would go on in the child as well and take bytes away from the parent. Such reads have to be ended before the
/// child's context runs, and only the context's notification comes early enough.
///
/// A process with one thread needs no notification: the child of its fork() does it before fork() returns.
class fork_watch final
    : public boost::asio::execution_context::service,
      public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
    using key_type = fork_watch;
    static boost::asio::execution_context::id id;

    explicit fork_watch(boost::asio::execution_context& owner);

    /// The service of the executor's context.
    [[nodiscard]] static fork_watch& of(boost::asio::any_io_executor const& executor);

    void add(fork_watcher& one);
    void remove(fork_watcher& one) noexcept;
    /// For a child that finds out only now, because the program did not notify its context: does that in its place.
    /// Does nothing in a process that was notified or is no child.
    /// Without it, parent and child would go on to share the context's epoll and timer descriptors. It must be called
    /// on the context, whose threads other than this one did not survive the fork.
    void catch_up();

private:
    void shutdown() override;
    void notify_fork(boost::asio::execution_context::fork_event event) override;

    std::mutex lock_;
    boost::intrusive::list<fork_watcher, boost::intrusive::constant_time_size<false>> watchers_;
    unsigned notified_;
};

} // namespace dynasio::http::detail

#endif
