#ifndef DYNASIO_AWS_PROVIDERS_HPP
#define DYNASIO_AWS_PROVIDERS_HPP

#include <dynasio/aws/credentials.hpp>
#include <dynasio/aws/provider_context.hpp>

#include <chrono>
#include <cstddef>
#include <string>

namespace dynasio::aws {

// Every provider of this header asks its source at each call; a client calls it for its first request and before the
// credentials expire. Errors are dynasio::error with errc::no_credentials (errc::invalid_configuration and
// errc::no_region for settings); the message names the source and what to do, and never contains a secret. Small files
// are read, and token caches written, on the calling executor, blocking. Cancellation reaches requests, waits and
// processes. Calls may overlap, also on several threads: the state of a provider is protected by a mutex.

/// credential_process: runs `command` with /bin/sh and reads version-1 JSON from its standard output.
struct process_options {
    std::string command{};
    std::chrono::milliseconds timeout{60'000}; ///< Then the command's process group is killed.
    std::size_t max_output = 64 * 1024;        ///< More output is an error.
    std::string account_id{};                  ///< Used when the command's output has none.
};
/// The command runs in a process group of its own, without standard input and (Linux with glibc 2.34, macOS) without
/// any other open file of this program; its standard error is this program's. SIGCHLD is not handled: each command is
/// waited for by its process id. If the program ignores SIGCHLD or reaps every child, the command's exit status is
/// unknown, and its output alone decides.
[[nodiscard]] credentials_provider process_credentials(process_options options, provider_context context = {});

/// STS AssumeRole.
struct assume_role_options {
    std::string role_arn{};
    std::string role_session_name{}; ///< Empty: "dynasio-" and the time.
    std::string external_id{};
    std::chrono::seconds duration{0}; ///< 0: the service's default (one hour).
};
/// `source` gives the credentials that the request is signed with. They are reused until they expire within five
/// minutes or STS no longer accepts them; then `source` is called again.
[[nodiscard]] credentials_provider assume_role_credentials(assume_role_options options, credentials_provider source,
                                                           provider_context context = {});

/// STS AssumeRoleWithWebIdentity.
struct web_identity_options {
    std::string role_arn{};
    std::string token_file{}; ///< Read at each call, because the token rotates.
    std::string role_session_name{};
    std::chrono::seconds duration{0};
};
[[nodiscard]] credentials_provider web_identity_credentials(web_identity_options options,
                                                            provider_context context = {});

/// IAM Identity Center ("SSO"): the token that `aws sso login` left in ~/.aws/sso/cache is exchanged for credentials of
/// a role.
struct sso_options {
    std::string session{}; ///< Name of the [sso-session]; empty for profiles of the older kind.
    std::string start_url{};
    std::string region{};
    std::string account_id{};
    std::string role_name{};
};
/// With a session, a token that expires within five minutes is refreshed (at most every 30 s) if the cache holds a
/// refresh token and a valid registration; the cache file is replaced in one step, readable by its owner only. Calls
/// during a refresh wait for it and share its result. If the refresh is refused because another program has used the
/// refresh token first, the token that the other program wrote is used.
[[nodiscard]] credentials_provider sso_credentials(sso_options options, provider_context context = {});

/// The credentials that `aws login` left in AWS_LOGIN_CACHE_DIRECTORY or ~/.aws/login/cache.
struct login_options {
    std::string session{}; ///< The profile's login_session.
};
/// Credentials that expire within five minutes are refreshed, at most every 30 s, in the same way as for SSO.
[[nodiscard]] credentials_provider login_credentials(login_options options, provider_context context = {});

/// The endpoint that ECS and EKS put into the environment: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI on 169.254.170.2,
/// else AWS_CONTAINER_CREDENTIALS_FULL_URI, which must be https, or http to loopback, 169.254.170.2, 169.254.170.23 or
/// [fd00:ec2::23]. The request carries the token of AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, else
/// AWS_CONTAINER_AUTHORIZATION_TOKEN. Three attempts are made.
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
    unsigned max_attempts = 4; ///< For each request. Connecting is not retried.
};
/// The session token (six hours) is reused until shortly before it expires. When the service fails or gives expired
/// credentials, the last known credentials are returned with an expiration 10 to 15 minutes ahead, because DynamoDB may
/// still accept them. AWS_EC2_METADATA_DISABLED=true switches the provider off.
[[nodiscard]] credentials_provider instance_metadata_credentials(instance_metadata_options options = {},
                                                                 provider_context context = {});

/// The source that the profile `context.profile` asks for: static keys, a role (source_profile, credential_source), web
/// identity, SSO, login_session, credential_process. A role that needs an MFA code is an error.
[[nodiscard]] credentials_provider profile_credentials(provider_context context = {});

/// The sources in the order of AWS's SDKs: environment, profile, web identity of the environment, container, instance
/// metadata. A profile named in `context` switches off the environment's keys and web identity; one in AWS_PROFILE does
/// not. A source that is not configured is skipped. A source that is configured, or partly configured, and fails ends
/// the search, except instance metadata. The source that answered is asked first the next time. If no source answers,
/// errc::no_credentials names each source and the reason.
[[nodiscard]] credentials_provider chain_credentials(provider_context context = {});

} // namespace dynasio::aws

#endif
