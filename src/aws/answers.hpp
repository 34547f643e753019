#ifndef DYNASIO_SRC_AWS_ANSWERS_HPP
#define DYNASIO_SRC_AWS_ANSWERS_HPP

#include <dynasio/aws/credentials.hpp>
#include <dynasio/aws/http_transport.hpp>

#include <dynasio/core/clock.hpp>

#include <optional>
#include <string>
#include <string_view>

// What sources of credentials answer, read without I/O. Every read_…() throws errc::no_credentials naming `source`.
namespace dynasio::aws::detail {

/// RFC 3339, or the form of older caches with "UTC" instead of "Z".
[[nodiscard]] std::optional<system_time> parse_time(std::string_view text);

/// Printable ASCII without blanks: fit to become a header.
[[nodiscard]] bool is_token(std::string_view text) noexcept;

/// Version-1 JSON of credential_process. `account_id` is used when it has none.
[[nodiscard]] credentials read_process_output(std::string_view output, std::string const& account_id);

/// JSON of containers and instance metadata.
[[nodiscard]] credentials read_metadata_credentials(std::string_view body, std::string const& source);

/// GetRoleCredentials of SSO.
[[nodiscard]] credentials read_sso_credentials(std::string_view body, std::string const& account_id);

/// AssumeRole and its relatives; `action` is the operation's name.
[[nodiscard]] credentials read_sts_credentials(std::string_view body, std::string const& action);

/// What a service says is wrong.
struct service_failure {
    std::string code{};
    std::string message{};
};
/// STS (XML). Empty when the body is none.
[[nodiscard]] service_failure read_xml_failure(std::string_view body);
/// SSO, OIDC, sign-in and containers (JSON, or the X-Amzn-Errortype header).
[[nodiscard]] service_failure read_json_failure(transport_response const& response);

} // namespace dynasio::aws::detail

#endif
