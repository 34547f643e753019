#ifndef DYNASIO_SRC_DYNAMODB_THROTTLE_WAIT_HPP
#define DYNASIO_SRC_DYNAMODB_THROTTLE_WAIT_HPP

#include <boost/asio/awaitable.hpp>

#include "call.hpp"

namespace dynasio::dynamodb::detail {

/// Waits for a turn at each throttled resource that call::held_back() found. The call ends if its deadline passes, it
/// is cancelled or the client is stopped first.
boost::asio::awaitable<void> wait_for_turn(call& c);

} // namespace dynasio::dynamodb::detail

#endif
