#ifndef DYNASIO_SRC_DYNAMODB_OPTION_LIMITS_HPP
#define DYNASIO_SRC_DYNAMODB_OPTION_LIMITS_HPP

#include <dynasio/dynamodb/client_options.hpp>

namespace dynasio::dynamodb::detail {

/// Throws errc::invalid_configuration naming the option that is out of range, and shortens durations to
/// longest_duration, so that code that uses the options need not check them. `retry` and `pool` are checked elsewhere.
void limit_options(client_options& options);

} // namespace dynasio::dynamodb::detail

#endif
