#ifndef DYNASIO_SRC_ORM_WIRE_ANSWER_MEMBERS_HPP
#define DYNASIO_SRC_ORM_WIRE_ANSWER_MEMBERS_HPP

#include <dynasio/dynamodb/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dynasio::detail {

/// Sum of the CapacityUnits in a ConsumedCapacity member: an object, or an array of them.
[[nodiscard]] double read_capacity_units(dynamodb::json_reader& in);
/// The CapacityUnits of each table in a ConsumedCapacity member, in its order. A name that is missing is empty.
[[nodiscard]] std::vector<std::pair<std::string, double>> read_capacity_of_tables(dynamodb::json_reader& in);

/// The text of a member's value in the JSON object that begins at `object`; empty when there is no such member. Other
/// text may follow the object.
[[nodiscard]] std::string_view member_value(std::string_view object, std::string_view member);

/// Capacity units of an answer that could not be read: they were spent all the same. 0 when the answer tells none.
[[nodiscard]] double spent_units(std::string_view body) noexcept;

/// Notes that an answer has the member `name`. Throws errc::malformed_response when the answer has it a second time,
/// because parsers differ in which of two equal members they use.
void note_member(dynamodb::json_reader const& in, bool& seen, std::string_view name);

/// Reads Count. Throws errc::malformed_response when the value is not a whole number.
[[nodiscard]] std::uint64_t read_count(dynamodb::json_reader& in);

/// Reads LastEvaluatedKey, the place where the next page begins; empty when there is no next page. `page` is the place
/// where this page began. An answer that names the same place again is errc::malformed_response, because following it
/// would never end.
[[nodiscard]] std::string read_next_page(dynamodb::json_reader& in, std::string_view page);

struct write_answer {
    bool existed = false;   ///< The answer has Attributes: there was an item before the write.
    double write_units = 0; ///< Capacity units, if they were asked for.
};
/// Reads the answer to a PutItem, UpdateItem or DeleteItem. Throws errc::malformed_response for text that is not such
/// an answer.
[[nodiscard]] write_answer read_write_answer(std::string_view body);

} // namespace dynasio::detail

#endif
