#ifndef DYNASIO_SRC_DYNAMODB_HEDGED_EXCHANGE_HPP
#define DYNASIO_SRC_DYNAMODB_HEDGED_EXCHANGE_HPP

#include <dynasio/http/connection_pool.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>

#include "call.hpp"

namespace dynasio::dynamodb::detail {

/// Whether the call may be hedged: it reads items and hedging is not switched off for it.
[[nodiscard]] bool may_hedge(call const& c) noexcept;

/// Sends the call's request, and sends it a second time when the first takes longer than most. Completes with the first
/// good answer once the other exchange has ended; if neither is good, with the first request's result. In everything
/// else it is the same as connection_pool::exchange(). Precondition: engine_state::hedging is set.
boost::asio::awaitable<std::unique_ptr<http::exchange_result>> exchange_hedged(call& c);

} // namespace dynasio::dynamodb::detail

#endif
