#ifndef DYNASIO_SRC_DYNAMODB_CONSUMED_CAPACITY_HPP
#define DYNASIO_SRC_DYNAMODB_CONSUMED_CAPACITY_HPP

#include <dynasio/dynamodb/capacity.hpp>
#include <dynasio/dynamodb/throttling.hpp>

#include <string>
#include <string_view>

namespace dynasio::dynamodb::detail {

/// Makes a request ask for capacity with at least the given `detail`.
void ask_for_capacity(std::string& body, capacity_detail detail);
/// The same for a request that does not mention capacity.
void append_capacity_wish(std::string& body, capacity_detail detail);
/// Whether a request says what it wants to know of capacity, and be it nothing.
[[nodiscard]] bool mentions_capacity(std::string_view body) noexcept;
/// Whether a request asks for capacity.
[[nodiscard]] bool asks_for_capacity(std::string_view body) noexcept;

/// Adds the figures of the member ConsumedCapacity of an answer. Figures that do not distinguish reads and writes count
/// as `kind`. Never throws because of a malformed answer, which its decoder reports.
void add_consumed_capacity(std::string_view answer, capacity_kind kind, capacity_report& out);

} // namespace dynasio::dynamodb::detail

#endif
