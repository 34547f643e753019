#ifndef DYNASIO_SRC_DYNAMODB_OPTION_LIMITS_HPP
#define DYNASIO_SRC_DYNAMODB_OPTION_LIMITS_HPP

#include <dynasio/dynamodb/client_options.hpp>

namespace dynasio::dynamodb::detail {

/// Throws errc::invalid_configuration naming the option that is out of range, and shortens what is longer than
/// longest_duration, so that nothing needs to be asked where the options are used. retry and pool have theirs
/// elsewhere.
void limit_options(client_options& options);

} // namespace dynasio::dynamodb::detail

#endif
