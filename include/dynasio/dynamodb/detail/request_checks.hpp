#ifndef DYNASIO_DYNAMODB_DETAIL_REQUEST_CHECKS_HPP
#define DYNASIO_DYNAMODB_DETAIL_REQUEST_CHECKS_HPP

#include <dynasio/dynamodb/attribute_value.hpp>
#include <dynasio/dynamodb/operation.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace dynasio::dynamodb::detail {

inline constexpr std::size_t max_batch_keys = 100;
inline constexpr std::size_t max_batch_writes = 25;
inline constexpr std::size_t max_transaction_actions = 100;
/// Of all items of a transaction, in bytes (API reference of TransactWriteItems: 4 MB).
inline constexpr std::size_t max_transaction_size = std::size_t{4} * 1024 * 1024;
inline constexpr std::size_t max_batch_statements = 25;

/// Throws errc::invalid_argument unless `table` is a name ([a-zA-Z0-9_.-]) or an ARN of at most 1,024 characters.
/// `member` is the request's member that holds it.
void check_table_name(operation op, std::string_view table, std::string_view member = "table_name");
/// Throws errc::invalid_argument or errc::empty_key unless `key` holds one or more strings, numbers or binaries, none
/// empty.
void check_key(operation op, std::string_view table, item const& key);
/// A text that is the same for two keys if and only if the service treats them as the same key; numbers are compared by
/// value.
[[nodiscard]] std::string key_identity(item const& key);

} // namespace dynasio::dynamodb::detail

#endif
