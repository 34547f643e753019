#ifndef DYNASIO_SRC_ORM_WIRE_STATEMENT_TEXT_HPP
#define DYNASIO_SRC_ORM_WIRE_STATEMENT_TEXT_HPP

#include <dynasio/orm/entity_type.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace dynasio::detail {

/// The PartiQL statement that reads entities of this type, as it is sent: the table's name is replaced by `table`, its
/// physical name, and the list of a projection's `SELECT *` by its attributes. `values` is the number of the
/// statement's values.
///
/// Throws errc::invalid_argument for a text that is no SELECT from the entity's table, for one that reads a part of an
/// entity or less than a projection has members for, and when the text has another number of question marks.
[[nodiscard]] std::string statement_to_send(entity_type const& type, std::string_view text, std::size_t values,
                                            std::string_view table);

} // namespace dynasio::detail

#endif
