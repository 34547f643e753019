#ifndef DYNASIO_SRC_ORM_ANSWERS_HPP
#define DYNASIO_SRC_ORM_ANSWERS_HPP

#include <dynasio/dynamodb/json.hpp>

#include <string_view>

namespace dynasio::detail {

/// Sum of the CapacityUnits in a ConsumedCapacity member: an object, or an array of them.
[[nodiscard]] double read_capacity_units(dynamodb::json_reader& in);

/// Whether the answer to a write has Attributes: the item that was there before.
[[nodiscard]] bool has_attributes(std::string_view body);

} // namespace dynasio::detail

#endif
