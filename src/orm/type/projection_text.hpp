#ifndef DYNASIO_SRC_ORM_TYPE_PROJECTION_TEXT_HPP
#define DYNASIO_SRC_ORM_TYPE_PROJECTION_TEXT_HPP

#include <span>
#include <string>

namespace dynasio::detail {

/// The members of a request that ask for attributes of these names: `,"ProjectionExpression":"#0,#1",…`. No name comes
/// twice, because the service refuses that.
[[nodiscard]] std::string projection_of_names(std::span<std::string const> names);

} // namespace dynasio::detail

#endif
