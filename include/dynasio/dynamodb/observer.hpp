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

/// The call that an event belongs to. A call is one operation of the service with all its attempts; what the library
/// makes several calls for (batches, graph loads, pages) is several of these.
struct observed_call {
    std::uint64_t client = 0;     ///< Counts the process's clients that are observed: only with it is a number unique.
    std::uint64_t number = 0;     ///< Counts the client's calls from 1.
    std::string_view operation{}; ///< "GetItem"
    std::string_view table{};     ///< The first one; empty when the request names none.
    std::string_view index{};     ///< Of a query or scan; empty: the table.
    std::span<std::string_view const> tables{}; ///< Physical names, each once.
    std::string_view label{};                   ///< call_options::label(), or the relation path of a graph load.
    std::string_view trace_id{};                ///< Value of the X-Amzn-Trace-Id header, if one is sent.
    std::string_view region{};
    std::string_view endpoint{}; ///< Its URL.
    std::string_view host{};     ///< Of the endpoint.
    std::uint16_t port = 0;
    std::chrono::steady_clock::time_point started{};
};

/// A request is about to be sent; it may wait for a connection first.
struct attempt_started {
    unsigned attempt = 1; ///< Counts the call's attempts from 1.
    std::size_t request_bytes = 0;
};

/// It was answered, or came to nothing.
struct attempt_finished {
    unsigned attempt = 1;
    error_code code{};               ///< Clear on success.
    std::string_view service_code{}; ///< "ThrottlingException"; untrusted text.
    std::string_view request_id{};   ///< x-amzn-RequestId; untrusted text.
    unsigned http_status = 0;        ///< 0: no answer.
    bool sent = false;               ///< Something of the request left.
    bool reused_connection = false;
    std::size_t request_bytes = 0;  ///< Head and body.
    std::size_t response_bytes = 0; ///< The body.
    std::chrono::nanoseconds took{};
    std::span<capacity_usage const> capacity{}; ///< What the answer reports; empty unless asked for.
};

/// Another attempt will follow.
struct retry_scheduled {
    unsigned attempt = 1; ///< The one that failed.
    error_code code{};    ///< Why.
    std::string_view service_code{};
    std::chrono::nanoseconds delay{}; ///< Until the next one.
};

/// The call waited for a throttled resource before it was sent.
struct throttle_waited {
    std::string_view table{};
    std::string_view index{}; ///< Empty: the table itself.
    std::chrono::nanoseconds took{};
    bool passed = false; ///< False: deadline, cancellation or the client's end came first.
};

/// A read was sent a second time because the first request took long; see hedging_options.
struct hedge_finished {
    std::chrono::nanoseconds after{}; ///< When the second request was sent.
    bool won = false;                 ///< The second request was answered first.
};

struct call_finished {
    error_code code{}; ///< Clear on success.
    std::string_view service_code{};
    unsigned attempts = 0; ///< Requests that were sent, hedges included.
    bool outcome_unknown = false;
    std::chrono::nanoseconds took{};
    std::span<capacity_usage const> capacity{};
};

/// The client asked its credentials provider.
struct credentials_fetched {
    error_code code{}; ///< Clear on success; errc::no_credentials also where the provider threw something else.
    std::chrono::nanoseconds took{};
    std::optional<system_time> expires_at{};
};

/// Told what a client does: client_options::observer. Derive from it and override what is of interest; connections and
/// the queue for them are told by the functions inherited from http::pool_listener.
///
/// Functions run on the client's executor, in the middle of its work: return soon, start nothing that waits, and do not
/// use the client. Views are valid during the call. One observer may serve several clients; then it is called by the
/// threads of all of them.
///
/// Nothing in an event is a secret, an attribute's value or a key. Error messages are left out for that reason: the
/// service's own may quote values.
///
/// Without an observer the client does none of this; each of these places costs one comparison with null. With one, a
/// request is looked through for its table once per call.
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
};

} // namespace dynasio

#endif
