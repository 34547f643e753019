#ifndef DYNASIO_SRC_ORM_RUN_SEND_TRANSACTION_HPP
#define DYNASIO_SRC_ORM_RUN_SEND_TRANSACTION_HPP

#include <dynasio/orm/detail/operations.hpp>

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

#include "../wire/decided_write.hpp"

namespace dynasio::detail {

/// Sends the writes as one TransactWriteItems, once when no guard of unique<> members can change with them, and applies
/// them.
[[nodiscard]] boost::asio::awaitable<void> send_transaction(engine_ptr engine, std::vector<decided_write> decided,
                                                            std::string token, operation_options options);

} // namespace dynasio::detail

#endif
