#ifndef DYNASIO_DYNAMODB_TELEMETRY_OBSERVER_HPP
#define DYNASIO_DYNAMODB_TELEMETRY_OBSERVER_HPP

#include <dynasio/dynamodb/observer.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <variant>

namespace dynasio {

/// One attribute of a span.
struct telemetry_attribute {
    using value_type = std::variant<std::string_view, std::int64_t, double, bool, std::span<std::string_view const>>;
    std::string_view key{};
    value_type value{};
};

/// A span that has ended, with the attribute names of OpenTelemetry's semantic conventions 1.37.0: a call of DynamoDB
/// (conventions for database clients and the AWS SDK), or one of its HTTP requests (conventions for HTTP clients),
/// whose parent is the call's.
///
/// Attributes of a call: db.system.name (aws.dynamodb), db.operation.name, db.collection.name (if there is one table),
/// db.response.status_code and error.type (if it failed), aws.dynamodb.table_names, aws.dynamodb.index_name,
/// aws.dynamodb.consumed_capacity (if reported), rpc.system (aws-api), rpc.service, rpc.method, aws.request_id,
/// cloud.region, server.address, server.port; and, outside the conventions, dynasio.label, dynasio.attempts,
/// dynasio.hedges, dynasio.throttle_wait (seconds), dynasio.outcome_unknown.
///
/// Attributes of a request: http.request.method, url.full (the endpoint), server.address, server.port,
/// network.protocol.name, network.protocol.version, http.response.status_code, http.request.resend_count (from the
/// second attempt on), http.request.size, http.response.body.size, error.type, aws.request_id.
struct telemetry_span {
    std::string_view name{};  ///< "DynamoDB.GetItem" of a call, "POST" of a request.
    bool request = false;     ///< True for an HTTP request, false for a call.
    std::uint64_t client = 0; ///< observed_call::client.
    std::uint64_t call = 0;   ///< Number of the client's call, the same in the spans of its requests, which come first.
    std::string_view trace_id{}; ///< X-Amzn-Trace-Id of the call, for finding the span's parent.
    bool error = false;          ///< Status is Error, else unset.
    std::chrono::steady_clock::time_point start{};
    std::chrono::nanoseconds duration{};
    std::span<telemetry_attribute const> attributes{};
};

/// Receives a span, whose views are valid during the call. Exceptions that it throws are dropped. It is called on the
/// client's executor, so it must not block. If several clients share the observer, it is called on each client's
/// thread, possibly at the same time.
using telemetry_sink = std::function<void(telemetry_span const&)>;

/// An observer that passes spans to `sink`, which may pass them on to an OpenTelemetry SDK; dynasio itself does not
/// depend on one. Several clients may share the observer, also on different threads.
[[nodiscard]] std::shared_ptr<observer> make_telemetry_observer(telemetry_sink sink);

} // namespace dynasio

#endif
