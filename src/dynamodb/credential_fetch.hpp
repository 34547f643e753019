#ifndef DYNASIO_SRC_DYNAMODB_CREDENTIAL_FETCH_HPP
#define DYNASIO_SRC_DYNAMODB_CREDENTIAL_FETCH_HPP

#include <dynasio/dynamodb/detail/engine.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>

#include "call.hpp"
#include "engine_state.hpp"

namespace dynasio::dynamodb::detail {

/// What a request has to do for credentials: use those at hand, or wait_for_credentials(). When they end soon, asks the
/// provider for others here.
[[nodiscard]] credential_cache::action next_credentials(engine& self, engine_state& state, system_time now);

/// Ends a fetch under way, from any thread.
void cancel_fetch(engine_state& state) noexcept;

/// Waits until credentials are there, or throws what the provider threw. `action` is what next_credentials() answered.
boost::asio::awaitable<void> wait_for_credentials(std::shared_ptr<engine> self, call& c,
                                                  credential_cache::action action);

} // namespace dynasio::dynamodb::detail

#endif
