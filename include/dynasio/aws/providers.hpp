#ifndef DYNASIO_AWS_PROVIDERS_HPP
#define DYNASIO_AWS_PROVIDERS_HPP

#include <dynasio/aws/credentials.hpp>
#include <dynasio/aws/provider_context.hpp>

#include <chrono>
#include <cstddef>
#include <string>

namespace dynasio::aws {

// Every provider here asks its source anew when it is called; a client calls it for its first request and before the
// credentials expire. Errors are dynasio::error with errc::no_credentials (errc::invalid_configuration and
// errc::no_region for settings): the message names the source and what to do, and never holds a secret. Small files
// are read, and the token caches written, on the executor that asks, blocking. Cancellation reaches requests, waits and
// processes. Calls may overlap, also on several threads: what a provider remembers is behind a mutex.

/// credential_process: runs `command` with /bin/sh and reads version-1 JSON from its standard output.
struct process_options {
    std::string command{};
    std::chrono::milliseconds timeout{60'000}; ///< The command and all that it started are killed then.
    std::size_t max_output = 64 * 1024;        ///< More output is an error.
    std::string account_id{};                  ///< Used when the command does not tell one.
};
/// The command runs in a process group of its own, without standard input and (Linux with glibc 2.34, macOS) without
/// any other file of this program; what it writes to standard error goes to this program's. Nothing here handles
/// SIGCHLD: each command is waited for by its own process id. A program that ignores SIGCHLD, or reaps every child,
/// hides how the command ended; its output decides then.
[[nodiscard]] credentials_provider process_credentials(process_options options, provider_context context = {});

/// STS AssumeRole.
struct assume_role_options {
    std::string role_arn{};
    std::string role_session_name{}; ///< Empty: "dynasio-" and the time.
    std::string external_id{};
    std::chrono::seconds duration{0}; ///< 0: the service's default (one hour).
};
/// `source` gives the credentials that the request is signed with. They are asked for anew when they expire within five
/// minutes or STS does not accept them any more, else used again.
[[nodiscard]] credentials_provider assume_role_credentials(assume_role_options options, credentials_provider source,
                                                           provider_context context = {});

/// STS AssumeRoleWithWebIdentity.
struct web_identity_options {
    std::string role_arn{};
    std::string token_file{}; ///< Read anew each time: the token rotates.
    std::string role_session_name{};
    std::chrono::seconds duration{0};
};
[[nodiscard]] credentials_provider web_identity_credentials(web_identity_options options,
                                                            provider_context context = {});

/// IAM Identity Center ("SSO"): the token that `aws sso login` left in ~/.aws/sso/cache buys credentials of a role.
struct sso_options {
    std::string session{}; ///< Name of the [sso-session]; empty for profiles of the older kind.
    std::string start_url{};
    std::string region{};
    std::string account_id{};
    std::string role_name{};
};
/// With a session, a token that expires within five minutes is refreshed (at most every 30 s) if the cache holds a
/// refresh token and a valid registration; the cache file is replaced in one step, readable by its owner only. Calls
/// that come meanwhile wait for the refresh and share its result. One that is refused, because another program has used
/// the refresh token first, takes what that program has written.
[[nodiscard]] credentials_provider sso_credentials(sso_options options, provider_context context = {});

/// The credentials that `aws login` left in AWS_LOGIN_CACHE_DIRECTORY or ~/.aws/login/cache.
struct login_options {
    std::string session{}; ///< The profile's login_session.
};
/// Refreshed within five minutes of their end, at most every 30 s, in the same way as for SSO.
[[nodiscard]] credentials_provider login_credentials(login_options options, provider_context context = {});

/// The endpoint that ECS and EKS put into the environment: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI on 169.254.170.2,
/// else AWS_CONTAINER_CREDENTIALS_FULL_URI, which must be https, or http to loopback, 169.254.170.2, 169.254.170.23 or
/// [fd00:ec2::23]; with the token of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, else
/// AWS_CONTAINER_AUTHORIZATION_TOKEN. Three attempts.
[[nodiscard]] credentials_provider container_credentials(provider_context context = {});

/// EC2 instance metadata, version 2 only.
struct instance_metadata_options {
    /// Empty: AWS_EC2_METADATA_SERVICE_ENDPOINT, the profile's ec2_metadata_service_endpoint, the mode's address.
    std::string endpoint{};
    /// "IPv4" or "IPv6". Empty: AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE, the profile's
    /// ec2_metadata_service_endpoint_mode, IPv4.
    std::string endpoint_mode{};
    std::chrono::milliseconds connect_timeout{1'000};
    std::chrono::milliseconds read_timeout{1'000};
    unsigned max_attempts = 4; ///< Of each request. A connection that cannot be made is not tried again.
};
/// The session token (six hours) is used again until shortly before its end. When the service fails, or gives
/// credentials that are past their end, the last ones known are given on, as if they were good for another 10 to 15
/// minutes: DynamoDB may still accept them. AWS_EC2_METADATA_DISABLED=true switches the provider off.
[[nodiscard]] credentials_provider instance_metadata_credentials(instance_metadata_options options = {},
                                                                 provider_context context = {});

/// What the profile `context.profile` asks for: static keys, a role (source_profile, credential_source), web identity,
/// SSO, login_session, credential_process. Roles that need an MFA code are an error.
[[nodiscard]] credentials_provider profile_credentials(provider_context context = {});

/// The sources in the order of AWS's SDKs: environment, profile, web identity of the environment, container, instance
/// metadata. A profile named in `context` switches off the environment's keys and web identity; one in AWS_PROFILE does
/// not. A source that is not configured is passed over, one that is configured, or half so, and fails ends the search,
/// but for instance metadata. The source that answered is asked first the next time. With none, errc::no_credentials
/// names each and why.
[[nodiscard]] credentials_provider chain_credentials(provider_context context = {});

} // namespace dynasio::aws

#endif
