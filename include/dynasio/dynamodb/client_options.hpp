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

/// Everything a client is made from. Values left empty are resolved when the client is constructed, as AWS's SDKs do.
/// Values out of range are errc::invalid_configuration then, naming the option; but durations of more than ten years
/// (longest_duration) mean "never", whatever their number is.
struct client_options {
    std::string region{}; ///< Empty: AWS_REGION, AWS_DEFAULT_REGION, the profile's region.
    /// Empty: DYNAMODB_ENDPOINT (dynasio's own), AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL, endpoint_url of dynamodb
    /// in the profile's services section, endpoint_url of the profile, else the region's:
    /// https://dynamodb.<region>.amazonaws.com, or what partition, use_fips and use_dual_stack make of it;
    /// http://localhost:8000, signed as us-east-1, for the region "local".
    std::string endpoint{};
    /// Passes over AWS_ENDPOINT_URL… and endpoint_url. Empty: AWS_IGNORE_CONFIGURED_ENDPOINT_URLS, the profile's
    /// ignore_configured_endpoint_urls, else no.
    std::optional<bool> ignore_configured_endpoint_urls{};
    /// Endpoints validated for FIPS 140; not with an endpoint of one's own. Empty: AWS_USE_FIPS_ENDPOINT, the profile's
    /// use_fips_endpoint, else no.
    std::optional<bool> use_fips{};
    /// Endpoints with IPv6 and IPv4; not with an endpoint of one's own. Empty: AWS_USE_DUALSTACK_ENDPOINT, the
    /// profile's use_dualstack_endpoint, else no.
    std::optional<bool> use_dual_stack{};
    /// Empty: AWS_ACCOUNT_ID_ENDPOINT_MODE, the profile's account_id_endpoint_mode, else preferred. Each account's host
    /// (of the credentials, or of a table named by its ARN) has a pool of its own with the limits of `pool`.
    std::optional<account_endpoint_mode> account_id_endpoint_mode{};
    /// Empty: AWS_PROFILE, else "default". One that is named and does not exist is errc::invalid_configuration.
    std::string profile{};
    /// Names the application in User-Agent (`app/NAME`), where AWS's logs show it: 1 to 50 letters, digits and
    /// !#$%&'*+-.^_`|~. Empty: AWS_SDK_UA_APP_ID, the profile's sdk_ua_app_id, else none.
    std::string app_id{};
    aws::credentials_provider credentials{}; ///< Empty: aws::default_credentials(profile, region).

    std::chrono::milliseconds timeout{30'000}; ///< Of a call, unless call_options say otherwise.
    /// Of one attempt: connecting, sending and receiving, but not waiting for a connection. An attempt that takes
    /// longer is given up, its connection closed, and counts as a transient error: it is tried again as `retry` says.
    /// Zero: only `timeout` bounds it.
    std::chrono::milliseconds attempt_timeout{0};
    aws::retry_options retry{};
    /// Connections, TLS, proxy. When `pool.tls` names no authorities and an https endpoint is to be verified, the file
    /// that AWS_CA_BUNDLE or the profile's ca_bundle names takes the place of the system's.
    http::pool_options pool{};
    /// Without `pool.proxy`: use the one that HTTPS_PROXY, HTTP_PROXY and NO_PROXY lead to (see http::proxy); loopback
    /// endpoints never.
    bool proxy_from_environment = true;
    throttle_options throttling{};
    hedging_options hedging{};
    bool verify_checksums = true; ///< Compare x-amz-crc32 with the body.

    /// Capacity that every request asks for, if it does not ask for more itself: for observers. Reports of
    /// call_options::report() and account() ask for it themselves.
    capacity_detail capacity = capacity_detail::none;
    /// Told what the client does (<dynasio/dynamodb/observer.hpp>). It is also told about connections, unless
    /// pool_options::listener is set. Empty: nobody.
    std::shared_ptr<dynasio::observer> observer{};

    /// Put before the name of every entity's table. Empty: DYNASIO_TABLE_PREFIX, else none.
    std::string table_prefix{};
    /// Calls may come from any executor and thread: each hops to a strand of the client and back to its caller.
    /// The client's thread lets go of a caller's context a moment after the call has completed there: destroy that
    /// context only after its run() has returned because nothing was left to do.
    /// Without it (faster) every call must run on the client's executor, which must run one handler at a time (an
    /// io_context that one thread runs, or a strand); another executor is errc::wrong_executor.
    bool thread_safe = false;

    wall_clock clock = system_now;           ///< Signatures, timestamps and ULIDs.
    std::shared_ptr<ulid_generator> ulids{}; ///< Empty: one of the client's own on `clock`.
};

} // namespace dynasio

#endif
