#ifndef DYNASIO_SRC_DYNAMODB_CONSUMED_CAPACITY_HPP
#define DYNASIO_SRC_DYNAMODB_CONSUMED_CAPACITY_HPP

#include <dynasio/dynamodb/capacity.hpp>
#include <dynasio/dynamodb/throttling.hpp>

#include <string>
#include <string_view>

namespace dynasio::dynamodb::detail {

/// Makes a request ask for capacity: at least for what `detail` says, if the request does not ask for more.
void ask_for_capacity(std::string& body, capacity_detail detail);
/// Whether a request says what it wants to know of capacity, and be it nothing.
[[nodiscard]] bool mentions_capacity(std::string_view body) noexcept;
/// Whether a request asks for capacity.
[[nodiscard]] bool asks_for_capacity(std::string_view body) noexcept;

/// Adds what member ConsumedCapacity of an answer says. Figures that do not tell reads from writes are of kind `kind`.
/// Never throws for what the answer is: who decodes it says what is wrong.
void add_consumed_capacity(std::string_view answer, capacity_kind kind, capacity_report& out);

} // namespace dynasio::dynamodb::detail

#endif
