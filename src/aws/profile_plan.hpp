#ifndef DYNASIO_SRC_AWS_PROFILE_PLAN_HPP
#define DYNASIO_SRC_AWS_PROFILE_PLAN_HPP

#include <dynasio/aws/credentials.hpp>
#include <dynasio/aws/providers.hpp>
#include <dynasio/aws/shared_config.hpp>

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sha256.hpp"

namespace dynasio::aws::detail {

/// credential_source of a role.
enum class named_source { environment, instance_metadata, container };

/// How a profile's credentials are obtained: from `base`, then by assuming each role in order; the selected profile's
/// role is the last.
struct profile_plan {
    std::variant<credentials, named_source, process_options, web_identity_options, sso_options, login_options> base{};
    std::vector<assume_role_options> roles{};
};

/// Makes the plan of a profile, without I/O. Returns nothing when the profile exists and asks for no credentials.
/// Throws errc::no_credentials, naming profile and `where` (the files), when the profile or one that it refers to is
/// missing or contradicts itself, when source profiles form a cycle, or when a role needs an MFA code.
[[nodiscard]] std::optional<profile_plan> plan_profile(shared_config const& config, std::string const& profile,
                                                       std::string const& where);

/// A hash of everything that the plan's provider depends on, secrets included. A provider whose plan has another
/// fingerprint must not be reused, because the file has changed.
[[nodiscard]] digest fingerprint(profile_plan const& plan);

} // namespace dynasio::aws::detail

#endif
