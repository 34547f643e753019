#ifndef DYNASIO_AWS_CREDENTIALS_HPP
#define DYNASIO_AWS_CREDENTIALS_HPP

#include <dynasio/aws/environment.hpp>

#include <dynasio/core/clock.hpp>

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>

namespace dynasio::aws {

/// The credentials that requests are signed with. Secret and session token are wiped when the object is destroyed,
/// assigned to or moved from, and are never printed.
class credentials {
public:
    credentials() = default;
    credentials(std::string access_key_id, std::string secret_access_key, std::string session_token = {});
    ~credentials();
    credentials(credentials const&) = default;
    credentials(credentials&&) noexcept;
    credentials& operator=(credentials const&);
    credentials& operator=(credentials&&) noexcept;

    [[nodiscard]] std::string const& access_key_id() const noexcept { return access_key_id_; }
    [[nodiscard]] std::string const& secret_access_key() const noexcept { return secret_access_key_; }
    /// Empty for long-term credentials.
    [[nodiscard]] std::string const& session_token() const noexcept { return session_token_; }

    /// When the credentials expire; nothing for long-term credentials.
    std::optional<system_time> expires_at{};
    /// The account of the credentials, twelve digits; empty when the source does not tell it.
    std::string account_id{};

    /// Prints the access key id only. Without this operator, test frameworks would print the object's bytes, secrets
    /// included.
    friend std::ostream& operator<<(std::ostream& out, credentials const& value);

private:
    std::string access_key_id_;
    std::string secret_access_key_;
    std::string session_token_;
};

/// A coroutine that gives credentials. A client calls it before the first request and again shortly before the
/// credentials expire; at most one call of a client's provider is running at a time. It throws dynasio::error
/// (errc::no_credentials).
using credentials_provider = std::function<boost::asio::awaitable<credentials>()>;

/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, if set, AWS_SESSION_TOKEN and AWS_ACCOUNT_ID. Blank variables count as
/// absent. Returns nothing when none is set; throws errc::no_credentials when only one of the first two is set.
[[nodiscard]] std::optional<credentials> credentials_from_environment(environment const& env);

/// The static keys of a profile in the shared files (aws_access_key_id, aws_secret_access_key, aws_session_token,
/// aws_account_id). `profile` empty means AWS_PROFILE, else "default". Returns nothing when the profile has no keys or
/// no file exists. Throws errc::no_credentials, naming file and profile, when a profile named explicitly (here or in
/// AWS_PROFILE) does not exist, when it has only one of the two keys, or when it asks for a source that needs requests
/// or commands (profile_credentials() supports those). Throws errc::invalid_configuration when a file cannot be
/// understood. The call reads the files, blocking.
[[nodiscard]] std::optional<credentials> credentials_from_profile(environment const& env, std::string profile = {});

/// A provider that always gives `value`.
[[nodiscard]] credentials_provider static_credentials(credentials value);
/// chain_credentials() (see aws/providers.hpp) on the process's environment. Each call of the provider looks everything
/// up again, so that rotated keys are found; making the provider looks nothing up. `region` is for requests to STS and
/// sign-in.
[[nodiscard]] credentials_provider default_credentials(std::string profile = {}, std::string region = {});

/// AWS_REGION, AWS_DEFAULT_REGION, then the `region` of the profile (chosen as for the credentials). Returns nothing
/// when none is set; throws errc::invalid_configuration when a file cannot be understood.
[[nodiscard]] std::optional<std::string> resolve_region(environment const& env, std::string profile = {});

} // namespace dynasio::aws

#endif
