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

/// What requests are signed with. Secret and session token are wiped when the object is destroyed, assigned to or moved
/// from, and are never printed.
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

    /// When they stop working; nothing for long-term credentials.
    std::optional<system_time> expires_at{};
    /// The account they belong to, twelve digits; empty when the source does not tell.
    std::string account_id{};

    /// The access key id alone: for test frameworks and the like, which would show the object's bytes.
    friend std::ostream& operator<<(std::ostream& out, credentials const& value);

private:
    std::string access_key_id_;
    std::string secret_access_key_;
    std::string session_token_;
};

/// An ordinary coroutine that gives credentials. Called before the first request and again shortly before they expire;
/// at most one call of a client's provider is under way at a time. Throws dynasio::error (errc::no_credentials).
using credentials_provider = std::function<boost::asio::awaitable<credentials>()>;

/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, if set, AWS_SESSION_TOKEN and AWS_ACCOUNT_ID. Blank variables count as
/// absent. Nothing when none is set; an error (errc::no_credentials) when only one of the first two is.
[[nodiscard]] std::optional<credentials> credentials_from_environment(environment const& env);

/// The static keys of a profile in the shared files (aws_access_key_id, aws_secret_access_key, aws_session_token,
/// aws_account_id). `profile` empty means AWS_PROFILE, else "default". Nothing when the profile has no keys or no file
/// exists; an error (errc::no_credentials) that names file and profile when a profile named explicitly (here or in
/// AWS_PROFILE) does not exist, when it has only one of the two keys, or when it asks for a source that requests or
/// commands are needed for (profile_credentials() has those). errc::invalid_configuration when a file cannot be
/// understood. Reads the files at the call, blocking.
[[nodiscard]] std::optional<credentials> credentials_from_profile(environment const& env, std::string profile = {});

/// Always these.
[[nodiscard]] credentials_provider static_credentials(credentials value);
/// chain_credentials() (see aws/providers.hpp) on the process's environment. Everything is looked up when it is asked,
/// not before, and anew each time, so that rotated keys are found. `region` is for requests to STS and sign-in.
[[nodiscard]] credentials_provider default_credentials(std::string profile = {}, std::string region = {});

/// AWS_REGION, AWS_DEFAULT_REGION, then the `region` of the profile (chosen as for the credentials). Nothing when none
/// is set; errc::invalid_configuration when a file cannot be understood.
[[nodiscard]] std::optional<std::string> resolve_region(environment const& env, std::string profile = {});

} // namespace dynasio::aws

#endif
