#ifndef DYNASIO_SRC_AWS_METADATA_SETTINGS_HPP
#define DYNASIO_SRC_AWS_METADATA_SETTINGS_HPP

#include <dynasio/aws/http_transport.hpp>
#include <dynasio/aws/provider_context.hpp>
#include <dynasio/aws/providers.hpp>

#include <optional>
#include <string>

namespace dynasio::aws::detail {

/// The request for the credentials of a container, with its token; nothing when the environment has no endpoint. Throws
/// errc::invalid_configuration for an endpoint that is not permitted, errc::no_credentials for a token that is missing
/// or cannot be sent in a header.
[[nodiscard]] std::optional<transport_request> container_request(environment const& env);

struct instance_metadata_settings {
    bool disabled = false;
    std::string endpoint{}; ///< Without a slash at the end.
};
/// Throws errc::invalid_configuration for an endpoint that is not a URL and for an unknown mode.
[[nodiscard]] instance_metadata_settings resolve_instance_metadata(instance_metadata_options const& options,
                                                                   provider_context const& context);

} // namespace dynasio::aws::detail

#endif
