#ifndef DYNASIO_SRC_DYNAMODB_PARKING_HPP
#define DYNASIO_SRC_DYNAMODB_PARKING_HPP

#include <dynasio/http/deadline.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include <chrono>

namespace dynasio::dynamodb::detail {

using auto_unlink =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::link_mode_type::auto_unlink>>;

/// A coroutine that waits until a time or until it is woken.
class parked final : public http::interruptible, public auto_unlink {
public:
    parked(boost::asio::any_io_executor const& executor, std::chrono::steady_clock::time_point at,
           http::deadline& until)
        : timer(executor, at), until_(until) {
        until_.watch(this);
    }
    ~parked() { until_.watch(nullptr); }
    parked(parked const&) = delete;
    parked& operator=(parked const&) = delete;

    void interrupt() noexcept override { wake(); }
    void wake() noexcept { timer.cancel(); }

    boost::asio::steady_timer timer;

private:
    http::deadline& until_;
};
using parked_list = boost::intrusive::list<parked, boost::intrusive::constant_time_size<false>>;

/// Wakes all coroutines in `list` and empties it.
void wake_all(parked_list& list) noexcept;

/// Waits in `list` until `at`, or until it is woken or cancelled or `until` passes, whichever is first.
boost::asio::awaitable<void> park(parked_list& list, std::chrono::steady_clock::time_point at, http::deadline& until);

} // namespace dynasio::dynamodb::detail

#endif
