#ifndef DYNASIO_CORE_DETAIL_GATHERING_HPP
#define DYNASIO_CORE_DETAIL_GATHERING_HPP

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <exception>
#include <list>
#include <memory>

namespace dynasio::detail {

/// Performs a number of operations, some of them at a time. A worker is a coroutine that performs one after the other.
/// Workers share the ownership of this object, because they may outlast the coroutine that waits for them when their
/// context is destroyed. Everything happens on one executor, on which nothing runs at the same time.
class gathering : public std::enable_shared_from_this<gathering> {
public:
    gathering(boost::asio::any_io_executor executor, std::size_t count, std::size_t at_most);
    gathering(gathering const&) = delete;
    gathering& operator=(gathering const&) = delete;
    virtual ~gathering();

    /// Completes when everything that has begun has ended. The first failure cancels what is under way, keeps the rest
    /// from beginning, and is thrown; a cancellation does the same. Must be called once.
    [[nodiscard]] boost::asio::awaitable<void> run();

protected:
    /// Performs the operation with this number and keeps its result.
    [[nodiscard]] virtual boost::asio::awaitable<void> perform(std::size_t i) = 0;

private:
    using signal = boost::asio::cancellation_signal;

    [[nodiscard]] bool is_over() const noexcept { return failure_ || cancelled_; }
    void start(signal& cancel);
    void end(std::exception_ptr const& failed);
    void cancel_workers();
    static boost::asio::awaitable<void> work(std::shared_ptr<gathering> of);

    boost::asio::any_io_executor executor_;
    std::size_t count_;
    std::size_t at_most_;
    boost::asio::steady_timer ended_; // is woken when a worker ends
    std::list<signal> workers_{};
    std::size_t next_ = 0;
    std::size_t running_ = 0;
    std::exception_ptr failure_{};
    bool cancelled_ = false;
};

} // namespace dynasio::detail

#endif
