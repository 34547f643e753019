#ifndef DYNASIO_SRC_DYNAMODB_CREDENTIAL_FETCH_HPP
#define DYNASIO_SRC_DYNAMODB_CREDENTIAL_FETCH_HPP

#include <dynasio/dynamodb/detail/engine.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>

#include "call.hpp"
#include "engine_state.hpp"

namespace dynasio::dynamodb::detail {

/// Tells whether a request can use the present credentials or has to await wait_for_credentials(). Starts a fetch if
/// they expire soon.
[[nodiscard]] credential_cache::action next_credentials(engine& self, engine_state& state, system_time now);

/// Cancels a running fetch. May be called on any thread.
void cancel_fetch(engine_state& state) noexcept;

/// Completes when there are valid credentials, or throws the provider's exception. `action` is the result of
/// next_credentials().
boost::asio::awaitable<void> wait_for_credentials(std::shared_ptr<engine> self, call& c,
                                                  credential_cache::action action);

} // namespace dynasio::dynamodb::detail

#endif
