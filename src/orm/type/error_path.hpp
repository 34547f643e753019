#ifndef DYNASIO_SRC_ORM_TYPE_ERROR_PATH_HPP
#define DYNASIO_SRC_ORM_TYPE_ERROR_PATH_HPP

#include <dynasio/core/error.hpp>

#include <string>
#include <string_view>

namespace dynasio::detail {

/// Names the attribute that an error is about. While an error leaves values that lie in one another, `attribute` holds
/// the path inside of the one that it is leaving, which begins with the step: ".city", "[2].city". A text that is no
/// such path is a name that a codec of the program's own has set, and is replaced.
inline void set_attribute(diagnostics& d, std::string_view name) {
    bool const is_path = d.attribute.starts_with('.') || d.attribute.starts_with('[');
    d.attribute.replace(0, is_path ? 0 : d.attribute.size(), name);
}

} // namespace dynasio::detail

#endif
