#ifndef DYNASIO_SRC_DYNAMODB_EXECUTOR_HOP_HPP
#define DYNASIO_SRC_DYNAMODB_EXECUTOR_HOP_HPP

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace dynasio::dynamodb::detail {

/// Runs `op` on `executor` and completes on the caller's executor. Cancellation is passed on; `op` accepts all types.
boost::asio::awaitable<void> hop_to(boost::asio::any_io_executor executor, boost::asio::awaitable<void> op);

} // namespace dynasio::dynamodb::detail

#endif
