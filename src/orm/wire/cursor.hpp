#ifndef DYNASIO_SRC_ORM_WIRE_CURSOR_HPP
#define DYNASIO_SRC_ORM_WIRE_CURSOR_HPP

#include <string>
#include <string_view>

namespace dynasio::detail {

struct query_spec;

/// What a cursor belongs to: entity, condition and order. Throws errc::no_usable_index for an order that is made here,
/// which has no place to go on from.
[[nodiscard]] std::string cursor_identity(query_spec const& query);
/// Text for the outside of a LastEvaluatedKey, bound to its query.
[[nodiscard]] std::string encode_cursor(std::string_view identity, std::string_view key);
/// The inverse; throws errc::invalid_cursor.
[[nodiscard]] std::string decode_cursor(std::string_view identity, std::string_view text);

} // namespace dynasio::detail

#endif
