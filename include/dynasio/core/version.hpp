#ifndef DYNASIO_CORE_VERSION_HPP
#define DYNASIO_CORE_VERSION_HPP

#include <string_view>

namespace dynasio {

/// The library's version. CMake reads it from this line.
inline constexpr std::string_view version_text = "0.1.0";

} // namespace dynasio

#endif
