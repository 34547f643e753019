#ifndef DYNASIO_SRC_AWS_STS_REQUEST_HPP
#define DYNASIO_SRC_AWS_STS_REQUEST_HPP

#include <dynasio/aws/http_transport.hpp>
#include <dynasio/aws/providers.hpp>

#include <dynasio/core/clock.hpp>

#include <string>
#include <string_view>

namespace dynasio::aws::detail {

[[nodiscard]] std::string assume_role_body(assume_role_options const& options, system_time now);
/// The returned body contains the token; the caller must wipe it.
[[nodiscard]] std::string web_identity_body(web_identity_options const& options, std::string_view token,
                                            system_time now);

/// A POST of `body`, signed with `keys` unless they are null.
[[nodiscard]] transport_request make_sts_request(std::string const& endpoint, std::string const& region,
                                                 std::string const& body, credentials const* keys, system_time now);

} // namespace dynasio::aws::detail

#endif
