#ifndef DYNASIO_SRC_DYNAMODB_HEDGED_EXCHANGE_HPP
#define DYNASIO_SRC_DYNAMODB_HEDGED_EXCHANGE_HPP

#include <dynasio/http/connection_pool.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>

#include "call.hpp"

namespace dynasio::dynamodb::detail {

/// Whether a call's requests may be sent twice at a time: a read of items whose caller did not forbid it.
[[nodiscard]] bool may_hedge(call const& c) noexcept;

/// An exchange of the call's text with a second one beside it when it takes longer than most. Completes with the first
/// good answer once the other exchange has ended; if neither is good, with the first request's. Ends as
/// connection_pool::exchange() does otherwise. Needs engine_state::hedging.
boost::asio::awaitable<std::unique_ptr<http::exchange_result>> exchange_hedged(call& c);

} // namespace dynasio::dynamodb::detail

#endif
