#ifndef DYNASIO_SRC_ORM_RUN_LOAD_HPP
#define DYNASIO_SRC_ORM_RUN_LOAD_HPP

#include "../load/loader.hpp"
#include "operation.hpp"

namespace dynasio::detail {

/// `before`: what the operation has done before this load.
[[nodiscard]] loader_options loader_options_of(dynamodb::detail::engine& engine, operation_options const& options,
                                               load_before before = {});

/// Sends the requests of a load, fills the entities when everything has arrived, and adds the cost to `account`.
[[nodiscard]] boost::asio::awaitable<void> run_load(engine_ptr engine, loader& load, accounting& account,
                                                    dynamodb::detail::drive_options options);

/// Throws errc::invalid_argument when a projection does not tell whose relations are to be loaded.
void check_owner_key(entity_type const& type, relation_info const& relation);

} // namespace dynasio::detail

#endif
