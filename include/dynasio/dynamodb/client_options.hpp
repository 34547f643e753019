#ifndef DYNASIO_DYNAMODB_CLIENT_OPTIONS_HPP
#define DYNASIO_DYNAMODB_CLIENT_OPTIONS_HPP

#include <dynasio/dynamodb/throttling.hpp>

#include <dynasio/http/connection_pool.hpp>

#include <dynasio/aws/credentials.hpp>
#include <dynasio/aws/retry.hpp>

#include <dynasio/core/clock.hpp>
#include <dynasio/core/ulid.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace dynasio {

/// Everything a client is made from. Values left empty are resolved when the client is constructed, as AWS's SDKs do.
struct client_options {
    std::string region{}; ///< Empty: AWS_REGION, AWS_DEFAULT_REGION, the profile's region.
    /// Empty: DYNAMODB_ENDPOINT, AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL, else
    /// https://dynamodb.<region>.amazonaws.com (or the suffix of the region's partition).
    std::string endpoint{};
    std::string profile{};                   ///< Empty: AWS_PROFILE, else "default".
    aws::credentials_provider credentials{}; ///< Empty: aws::default_credentials(profile, region).

    std::chrono::milliseconds timeout{30'000}; ///< Of a call, unless call_options say otherwise.
    /// Of one attempt: connecting, sending and receiving, but not waiting for a connection. An attempt that takes
    /// longer is given up, its connection closed, and counts as a transient error: it is tried again as `retry` says.
    /// Zero: only `timeout` bounds it.
    std::chrono::milliseconds attempt_timeout{0};
    aws::retry_options retry{};
    http::pool_options pool{};
    throttle_options throttling{};
    bool verify_checksums = true; ///< Compare x-amz-crc32 with the body.

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
