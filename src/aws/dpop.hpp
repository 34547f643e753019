#ifndef DYNASIO_SRC_AWS_DPOP_HPP
#define DYNASIO_SRC_AWS_DPOP_HPP

#include <dynasio/core/clock.hpp>

#include <string>
#include <string_view>

namespace dynasio::aws::detail {

/// Lower-case hexadecimal digest; `algorithm` is "SHA1" or "SHA256".
[[nodiscard]] std::string hex_digest(char const* algorithm, std::string_view text);

/// A DPoP proof (RFC 9449) that the holder of the P-256 key `pem` sends a POST to `url`: a JWT signed with ES256. `id`
/// must be unique. Throws errc::no_credentials when `pem` is not a P-256 key.
[[nodiscard]] std::string dpop_proof(std::string_view pem, std::string_view url, std::string_view id, system_time now);

/// A random UUID (version 4).
[[nodiscard]] std::string random_uuid();

} // namespace dynasio::aws::detail

#endif
