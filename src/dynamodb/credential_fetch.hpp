#ifndef DYNASIO_SRC_DYNAMODB_CREDENTIAL_FETCH_HPP
#define DYNASIO_SRC_DYNAMODB_CREDENTIAL_FETCH_HPP

#include <dynasio/dynamodb/detail/engine.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>

#include "call.hpp"
#include "engine_state.hpp"

namespace dynasio::dynamodb::detail {

/// Starts one call of the provider, beside every caller: cancelling or losing a caller does not lose the credentials
/// for the others.
void start_fetch(std::shared_ptr<engine> const& self, engine_state& state);

/// Ends a fetch under way, from any thread.
void cancel_fetch(engine_state& state) noexcept;

/// Waits until credentials are there, or throws what the provider threw.
boost::asio::awaitable<void> wait_for_credentials(std::shared_ptr<engine> self, call& c, bool start);

} // namespace dynasio::dynamodb::detail

#endif
