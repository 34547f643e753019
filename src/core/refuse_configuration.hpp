#ifndef DYNASIO_SRC_CORE_REFUSE_CONFIGURATION_HPP
#define DYNASIO_SRC_CORE_REFUSE_CONFIGURATION_HPP

#include <dynasio/core/error.hpp>

#include <string>
#include <utility>

namespace dynasio::detail {

/// `message` names the option, what is wrong with its value, and what fits.
[[noreturn]] inline void refuse_configuration(std::string message) {
    throw_error(errc::invalid_configuration, std::move(message));
}

} // namespace dynasio::detail

#endif
