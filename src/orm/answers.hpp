#ifndef DYNASIO_SRC_ORM_ANSWERS_HPP
#define DYNASIO_SRC_ORM_ANSWERS_HPP

#include <dynasio/dynamodb/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace dynasio::detail {

/// Sum of the CapacityUnits in a ConsumedCapacity member: an object, or an array of them.
[[nodiscard]] double read_capacity_units(dynamodb::json_reader& in);

/// Notes that an answer has a member; throws errc::malformed_response when it had it before: two parsers would differ
/// in which of the two they believe.
void note_member(dynamodb::json_reader const& in, bool& seen, std::string_view name);

/// Reads Count. Throws errc::malformed_response when it is no number of items.
[[nodiscard]] std::uint64_t read_count(dynamodb::json_reader& in);

/// Reads LastEvaluatedKey: where the next page begins, empty when there is none. `page` is where this one began; an
/// answer that names it again would be asked for it for ever, and is errc::malformed_response.
[[nodiscard]] std::string read_next_page(dynamodb::json_reader& in, std::string_view page);

/// Whether the answer to a write has Attributes: the item that was there before.
[[nodiscard]] bool has_attributes(std::string_view body);

} // namespace dynasio::detail

#endif
