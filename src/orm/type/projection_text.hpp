#ifndef DYNASIO_SRC_ORM_TYPE_PROJECTION_TEXT_HPP
#define DYNASIO_SRC_ORM_TYPE_PROJECTION_TEXT_HPP

#include <dynasio/dynamodb/expression.hpp>

#include <span>
#include <string>

namespace dynasio::detail {

/// Appends `,"ProjectionExpression":"#0,#1"` for attributes of these names, whose placeholders `expressions` makes. No
/// name comes twice, because the service refuses that.
void append_projection_of(std::string& out, dynamodb::expression_writer& expressions,
                          std::span<std::string const> names);

/// The members of a request that ask for attributes of these names: `,"ProjectionExpression":"#0,#1",…`.
[[nodiscard]] std::string projection_of_names(std::span<std::string const> names);

} // namespace dynasio::detail

#endif
