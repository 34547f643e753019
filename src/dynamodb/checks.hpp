#ifndef DYNASIO_SRC_DYNAMODB_CHECKS_HPP
#define DYNASIO_SRC_DYNAMODB_CHECKS_HPP

#include <dynasio/dynamodb/detail/request_checks.hpp>
#include <dynasio/dynamodb/operation.hpp>

#include <dynasio/core/error.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <string>
#include <string_view>

namespace dynasio::dynamodb {
struct create_table_request;
struct transact_get_items_request;
struct transact_get_items_response;
} // namespace dynasio::dynamodb

// Building blocks of the checks of requests. `member` is the name of the request's member as in the public structure.
namespace dynasio::dynamodb::detail {

/// No maximum.
inline constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();

[[noreturn]] void refuse(errc code, operation op, std::string_view table, std::string_view attribute,
                         std::string message);

/// Adds operation and table to an error of lowering a request, where they are missing.
[[nodiscard]] std::exception_ptr located(std::exception_ptr refused, operation op, std::string_view table);

void check_index_name(operation op, std::string_view table, std::string_view index);
/// `most` is in characters. `least` is 1 for a text that must not be empty. Longer minima are left to the service,
/// because local servers do not have them.
void check_text(operation op, std::string_view table, std::string_view member, std::string_view value,
                std::size_t least, std::size_t most);
/// Throws errc::batch_too_large above `most`.
void check_count(operation op, std::string_view table, std::string_view member, std::size_t count, std::size_t least,
                 std::size_t most);
void check_range(operation op, std::string_view table, std::string_view member, std::int64_t value, std::int64_t least,
                 std::int64_t most);

/// Throws errc::malformed_response unless there is a response for each key, because responses are assigned to keys by
/// their order alone.
[[nodiscard]] boost::asio::awaitable<transact_get_items_response>
check_answer(boost::asio::awaitable<transact_get_items_response> asking, transact_get_items_request const& request);

/// Appends the members that are set, as for any request; append_json() adds the billing mode.
void append_members(std::string& out, create_table_request const& request);

} // namespace dynasio::dynamodb::detail

#endif
