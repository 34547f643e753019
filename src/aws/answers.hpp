#ifndef DYNASIO_SRC_AWS_ANSWERS_HPP
#define DYNASIO_SRC_AWS_ANSWERS_HPP

#include <dynasio/aws/credentials.hpp>
#include <dynasio/aws/http_transport.hpp>

#include <dynasio/core/clock.hpp>

#include <optional>
#include <string>
#include <string_view>

// Parsers of the answers that sources of credentials give. They do no I/O. Every read_…credentials() and
// read_process_output() throws errc::no_credentials naming the source.
namespace dynasio::aws::detail {

/// Parses a time in RFC 3339, or in the form of older caches with "UTC" instead of "Z".
[[nodiscard]] std::optional<system_time> parse_time(std::string_view text);

/// Whether `text` is printable ASCII without blanks, which can be sent as the value of a header.
[[nodiscard]] bool is_token(std::string_view text) noexcept;

/// Parses the version-1 JSON of a credential_process. `account_id` is used when the output has none.
[[nodiscard]] credentials read_process_output(std::string_view output, std::string const& account_id);

/// Parses the JSON of containers and instance metadata.
[[nodiscard]] credentials read_metadata_credentials(std::string_view body, std::string const& source);

/// Parses the answer of SSO's GetRoleCredentials.
[[nodiscard]] credentials read_sso_credentials(std::string_view body, std::string const& account_id);

/// Parses the answer of STS's AssumeRole or AssumeRoleWithWebIdentity; `action` is the operation's name.
[[nodiscard]] credentials read_sts_credentials(std::string_view body, std::string const& action);

/// Code and message of a service's error.
struct service_failure {
    std::string code{};
    std::string message{};
};
/// Parses an error of STS (XML). Empty when the body is not one.
[[nodiscard]] service_failure read_xml_failure(std::string_view body);
/// Parses an error of SSO, OIDC, sign-in and containers (JSON, or the X-Amzn-Errortype header).
[[nodiscard]] service_failure read_json_failure(transport_response const& response);

} // namespace dynasio::aws::detail

#endif
