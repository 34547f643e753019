#ifndef DYNASIO_DYNAMODB_OBSERVER_HPP
#define DYNASIO_DYNAMODB_OBSERVER_HPP

#include <dynasio/dynamodb/capacity.hpp>

#include <dynasio/http/pool_listener.hpp>

#include <dynasio/core/clock.hpp>
#include <dynasio/core/error.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace dynasio {

/// The call that an event belongs to. A call is one operation of the service with all its attempts. Operations of the
/// library that send several requests (batches, graph loads, pages) are several calls.
struct observed_call {
    std::uint64_t client = 0;     ///< Counts the process's observed clients; together with `number` it is unique.
    std::uint64_t number = 0;     ///< Counts the client's calls from 1.
    std::string_view operation{}; ///< "GetItem"
    std::string_view table{};     ///< The first table; empty when the request names none.
    std::string_view index{};     ///< The index of a query or scan; empty: the table itself.
    std::span<std::string_view const> tables{}; ///< Physical names, without duplicates.
    std::string_view label{};                   ///< call_options::label(), or the relation path of a graph load.
    std::string_view trace_id{};                ///< Value of the X-Amzn-Trace-Id header, if one is sent.
    std::string_view region{};
    std::string_view endpoint{}; ///< URL of the endpoint.
    std::string_view host{};     ///< Host of the endpoint.
    std::uint16_t port = 0;
    std::chrono::steady_clock::time_point started{};
};

/// A request is about to be sent; it may have to wait for a connection first.
struct attempt_started {
    unsigned attempt = 1; ///< Counts the call's attempts from 1.
    std::size_t request_bytes = 0;
};

/// An attempt was answered or failed.
struct attempt_finished {
    unsigned attempt = 1;
    error_code code{};               ///< Clear on success.
    std::string_view service_code{}; ///< "ThrottlingException"; untrusted text.
    std::string_view request_id{};   ///< x-amzn-RequestId; untrusted text.
    unsigned http_status = 0;        ///< 0: no answer.
    bool sent = false;               ///< At least one byte of the request was sent.
    bool reused_connection = false;
    std::size_t request_bytes = 0;  ///< Head and body.
    std::size_t response_bytes = 0; ///< The body.
    std::chrono::nanoseconds took{};
    std::span<capacity_usage const> capacity{}; ///< As the answer reports it; empty unless requested.
};

/// An attempt failed and another one will follow.
struct retry_scheduled {
    unsigned attempt = 1; ///< The attempt that failed.
    error_code code{};    ///< Why.
    std::string_view service_code{};
    std::chrono::nanoseconds delay{}; ///< Pause before the next attempt.
};

/// The call waited for a throttled resource before its request was sent.
struct throttle_waited {
    std::string_view table{};
    std::string_view index{}; ///< Empty: the table itself.
    std::chrono::nanoseconds took{};
    bool passed = false; ///< False: deadline, cancellation or the client's end came first.
};

/// A read was sent a second time because the first request took long; see hedging_options.
struct hedge_finished {
    std::chrono::nanoseconds after{}; ///< Time from the first request to the second.
    bool won = false;                 ///< The second request's answer was used.
};

struct call_finished {
    error_code code{}; ///< Clear on success.
    std::string_view service_code{};
    unsigned attempts = 0; ///< Requests that were sent, hedges included.
    bool outcome_unknown = false;
    std::chrono::nanoseconds took{};
    std::span<capacity_usage const> capacity{};
};

/// A relation was loaded for one entity after the other; see watch_repeated_reads() in
/// <dynasio/orm/repeated_reads.hpp>.
struct relation_read_repeatedly {
    std::string_view relation{}; ///< "User.posts"
    std::size_t times = 0;
    std::string_view file{}; ///< Of the call that was the last of them; empty when it is not known.
    std::uint_least32_t line = 0;
    std::string_view function{};
};

/// A call of the client's credentials provider has ended.
struct credentials_fetched {
    error_code code{}; ///< Clear on success; errc::no_credentials also if the provider threw another exception.
    std::chrono::nanoseconds took{};
    std::optional<system_time> expires_at{};
};

/// Receives the events of a client (client_options::observer). Derive from it and override the functions of interest;
/// events of connections and of the queue for them come through the functions inherited from http::pool_listener.
///
/// The functions run on the client's executor, in the middle of its work: return soon, do not block, and do not use the
/// client. Views are valid during the call. One observer may serve several clients; the threads of all of them then
/// call it.
///
/// No event contains a secret, an attribute's value or a key. Events have no error messages for that reason, because
/// the service's messages may quote values.
///
/// Without an observer each event costs one comparison with null. With an observer, each call's request is searched for
/// its table once.
class observer : public http::pool_listener {
public:
    virtual void on_call_started(observed_call const&) noexcept {}
    virtual void on_attempt_started(observed_call const&, attempt_started const&) noexcept {}
    virtual void on_attempt_finished(observed_call const&, attempt_finished const&) noexcept {}
    virtual void on_retry(observed_call const&, retry_scheduled const&) noexcept {}
    virtual void on_throttle_wait(observed_call const&, throttle_waited const&) noexcept {}
    virtual void on_hedge(observed_call const&, hedge_finished const&) noexcept {}
    virtual void on_call_finished(observed_call const&, call_finished const&) noexcept {}
    virtual void on_credentials(credentials_fetched const&) noexcept {}
    virtual void on_repeated_reads(relation_read_repeatedly const&) noexcept {}
};

} // namespace dynasio

#endif
