#ifndef DYNASIO_SRC_ORM_WIRE_ANSWER_MEMBERS_HPP
#define DYNASIO_SRC_ORM_WIRE_ANSWER_MEMBERS_HPP

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

struct write_answer {
    bool existed = false;   ///< It has Attributes: the item that was there before.
    double write_units = 0; ///< Capacity units, if they were asked for.
};
/// Reads the answer to a PutItem, UpdateItem or DeleteItem. Throws errc::malformed_response for an answer that is none.
[[nodiscard]] write_answer read_write_answer(std::string_view body);

} // namespace dynasio::detail

#endif
