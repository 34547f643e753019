#ifndef DYNASIO_SRC_DYNAMODB_CONNECTION_OPTIONS_HPP
#define DYNASIO_SRC_DYNAMODB_CONNECTION_OPTIONS_HPP

#include <dynasio/dynamodb/client_options.hpp>

#include <dynasio/http/url.hpp>

#include <dynasio/aws/environment.hpp>

namespace dynasio::aws {
class client_settings;
}

namespace dynasio::dynamodb::detail {

/// Checks `pool` and sets its empty members for this endpoint: the proxy from the proxy variables, if wanted, and the
/// authorities from AWS_CA_BUNDLE or the profile's ca_bundle. Throws errc::invalid_configuration.
void resolve_connections(http::pool_options& pool, bool proxy_from_environment, http::url const& endpoint,
                         aws::environment const& env, aws::client_settings const& from);

} // namespace dynasio::dynamodb::detail

#endif
