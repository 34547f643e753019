#ifndef DYNASIO_SRC_ORM_RUN_LOAD_HPP
#define DYNASIO_SRC_ORM_RUN_LOAD_HPP

#include "../load/loader.hpp"
#include "operation.hpp"

namespace dynasio::detail {

[[nodiscard]] loader_options loader_options_of(dynamodb::detail::engine& engine, operation_options const& options);

/// Sends what a load asks for, fills the entities and adds up what it cost.
[[nodiscard]] boost::asio::awaitable<void> run_load(engine_ptr engine, loader& load, accounting& account,
                                                    dynamodb::detail::drive_options options);

} // namespace dynasio::detail

#endif
