#ifndef DYNASIO_DYNAMODB_CLIENT_OPTIONS_HPP
#define DYNASIO_DYNAMODB_CLIENT_OPTIONS_HPP

#include <dynasio/dynamodb/account_endpoint_mode.hpp>
#include <dynasio/dynamodb/capacity.hpp>
#include <dynasio/dynamodb/hedging.hpp>
#include <dynasio/dynamodb/throttling.hpp>

#include <dynasio/http/connection_pool.hpp>

#include <dynasio/aws/credentials.hpp>
#include <dynasio/aws/retry.hpp>

#include <dynasio/core/clock.hpp>
#include <dynasio/core/ulid.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace dynasio {

class observer;

/// The options of a client. Empty values are resolved when the client is constructed, as in AWS's SDKs. Values out of
/// range then cause errc::invalid_configuration, naming the option. Durations of more than ten years are not an error;
/// they are shortened to longest_duration.
struct client_options {
    std::string region{}; ///< Empty: AWS_REGION, AWS_DEFAULT_REGION, the profile's region.
    /// Empty: DYNAMODB_ENDPOINT (dynasio's own), AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL, endpoint_url of dynamodb
    /// in the profile's services section, endpoint_url of the profile, else the region's:
    /// https://dynamodb.<region>.amazonaws.com, or its variant for partition, use_fips and use_dual_stack;
    /// http://localhost:8000, signed as us-east-1, for the region "local".
    std::string endpoint{};
    /// Where requests about streams of changes are sent. Empty: `endpoint`, if that is set here, else
    /// AWS_ENDPOINT_URL_DYNAMODB_STREAMS, DYNAMODB_ENDPOINT, AWS_ENDPOINT_URL, endpoint_url of dynamodb_streams in the
    /// profile's services section, endpoint_url of the profile, the endpoint that is configured for everything else,
    /// and at last the region's: https://streams.dynamodb.<region>.amazonaws.com or its variant. So a client that talks
    /// to a local server never asks the service for streams.
    std::string streams_endpoint{};
    /// Whether to ignore AWS_ENDPOINT_URL… and endpoint_url. Empty: AWS_IGNORE_CONFIGURED_ENDPOINT_URLS, the profile's
    /// ignore_configured_endpoint_urls, else no.
    std::optional<bool> ignore_configured_endpoint_urls{};
    /// Use the endpoints validated for FIPS 140; an error together with a custom endpoint. Empty:
    /// AWS_USE_FIPS_ENDPOINT, the profile's use_fips_endpoint, else no.
    std::optional<bool> use_fips{};
    /// Use the endpoints with IPv6 and IPv4; an error together with a custom endpoint. Empty:
    /// AWS_USE_DUALSTACK_ENDPOINT, the profile's use_dualstack_endpoint, else no.
    std::optional<bool> use_dual_stack{};
    /// Empty: AWS_ACCOUNT_ID_ENDPOINT_MODE, the profile's account_id_endpoint_mode, else preferred. Each account's host
    /// (the account of the credentials, or of a table named by its ARN) has its own pool with the limits of `pool`.
    std::optional<account_endpoint_mode> account_id_endpoint_mode{};
    /// Empty: AWS_PROFILE, else "default". A profile that is named here and does not exist is
    /// errc::invalid_configuration; one that AWS_PROFILE names is an error only when something is wanted of it: the
    /// region (errc::invalid_configuration) or credentials (errc::no_credentials).
    std::string profile{};
    /// Names the application in User-Agent (`app/NAME`), where AWS's logs show it: 1 to 50 letters, digits and
    /// !#$%&'*+-.^_`|~. Empty: AWS_SDK_UA_APP_ID, the profile's sdk_ua_app_id, else none.
    std::string app_id{};
    aws::credentials_provider credentials{}; ///< Empty: aws::default_credentials(profile, region).

    std::chrono::milliseconds timeout{30'000}; ///< Of one call, unless call_options set another.
    /// Limit of one attempt: connecting, sending and receiving, but not waiting for a connection. An attempt that
    /// exceeds it is given up and its connection closed; it counts as a transient error and is retried as `retry` says.
    /// Zero: only `timeout` bounds attempts.
    std::chrono::milliseconds attempt_timeout{0};
    aws::retry_options retry{};
    /// Connections, TLS, proxy. When `pool.tls` names no authorities and an https endpoint is verified, the file that
    /// AWS_CA_BUNDLE or the profile's ca_bundle names replaces the system's authorities.
    http::pool_options pool{};
    /// If `pool.proxy` is not set, use the proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name (see http::proxy);
    /// never for loopback endpoints.
    bool proxy_from_environment = true;
    throttle_options throttling{};
    hedging_options hedging{};
    bool verify_checksums = true; ///< Compare x-amz-crc32 with the body.

    /// Capacity detail that every request asks for, unless it asks for more itself. It is meant for observers;
    /// call_options::report() and account() ask for the detail that they need.
    capacity_detail capacity = capacity_detail::none;
    /// Receives the client's events (<dynasio/dynamodb/observer.hpp>), and those of connections unless
    /// pool_options::listener is set. Empty: none.
    std::shared_ptr<dynasio::observer> observer{};

    /// Prefix of the name of every entity's table. Empty: DYNASIO_TABLE_PREFIX, else none.
    std::string table_prefix{};
    /// If true, calls may be made on any executor and thread: each runs on a strand of the client and completes on its
    /// caller's executor. The client's thread releases the caller's execution context shortly after the call has
    /// completed there, so destroy that context only after its run() has returned because no work was left. If false
    /// (faster), every call must run on the client's executor, which must run one handler at a time (an io_context that
    /// one thread runs, or a strand); another executor is errc::wrong_executor.
    bool thread_safe = false;

    wall_clock clock = system_now;           ///< For signatures, timestamps and ULIDs.
    std::shared_ptr<ulid_generator> ulids{}; ///< Empty: the client's own, on `clock`.
};

} // namespace dynasio

#endif
