#ifndef DYNASIO_TESTING_FAULT_ENDPOINT_HPP
#define DYNASIO_TESTING_FAULT_ENDPOINT_HPP

#include <dynasio/testing/fault_rule.hpp>
#include <dynasio/testing/match.hpp>
#include <dynasio/testing/recorded_request.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dynasio::testing {

struct fault_endpoint_options {
    /// The server that requests are forwarded to, "http://127.0.0.1:8000". Empty: none; only rules answer.
    std::string upstream{};
    /// Delay of every request. Concurrent requests are delayed at the same time, not one after the other.
    std::chrono::nanoseconds latency{};
    /// Port to listen on; 0 takes a free one.
    std::uint16_t port = 0;
    /// Numeric address to listen on. Every client that can connect to it can use the upstream without authentication,
    /// so use another address than a loopback one with care.
    std::string address = "127.0.0.1";
    /// Speak TLS, with certificates for localhost and 127.0.0.1 that are made at run time; see authority_pem().
    bool tls = false;
    /// Seed of the random decisions of rules with a rate.
    std::uint64_t seed = 1;
    /// How many requests, the newest ones, are kept for requests() and the functions that count them.
    std::size_t record_limit = std::numeric_limits<std::size_t>::max();
};

/// An HTTP/1.1 server on loopback that records DynamoDB requests and answers them as a script says: in front of a real
/// server, or alone with canned answers.
///
///     fault_endpoint endpoint("http://127.0.0.1:8000");
///     endpoint.on(match("BatchGetItem").table("users")).times(1).leave_unprocessed(keys_containing("u-7"));
///     // … a client that uses endpoint.url() …
///     EXPECT_EQ(endpoint.count("BatchGetItem", "users"), 2u);
///
/// For every request the first rule that matches decides. Without one, the request goes to the upstream, whose answer
/// is returned with the same status, headers and body bytes (the framing is always Content-Length); x-amz-crc32 is
/// computed again if a rule edited the body. Without an upstream the answer is an UnknownOperationException with status
/// 400, whose message describes the request. If the upstream cannot be reached, the answer has status 502.
///
/// Requests to the upstream keep their headers, Host included, so that signatures stay valid. Connections to the
/// upstream are kept and reused.
///
/// The server has its own thread and execution context and runs from the constructor to the destructor. All member
/// functions can be called on any thread at any time, also while requests are in flight. Connections to the upstream do
/// not use TLS.
class fault_endpoint {
public:
    /// Without an upstream: every answer comes from a rule.
    fault_endpoint();
    /// In front of the server at `upstream`.
    explicit fault_endpoint(std::string upstream);
    /// Throws errc::invalid_configuration for an upstream that is not a plain http URL or an address that is not
    /// numeric, transport_errc::resolve_failed when the upstream's host has no address, and the system's code when the
    /// port cannot be bound.
    explicit fault_endpoint(fault_endpoint_options options);
    fault_endpoint(fault_endpoint const&) = delete;
    fault_endpoint& operator=(fault_endpoint const&) = delete;
    /// Closes all connections, also those with requests in flight, and joins the thread. It waits only for a function
    /// of the caller (a predicate, answer_with) that is running.
    ~fault_endpoint();

    /// "http://127.0.0.1:45123"; https with TLS.
    [[nodiscard]] std::string const& url() const noexcept;
    [[nodiscard]] std::uint16_t port() const noexcept;
    /// The certificate authority that clients have to trust (http::tls_options::authorities_pem): each endpoint has its
    /// own. Empty without TLS.
    [[nodiscard]] std::string const& authority_pem() const noexcept;

    /// Starts a rule for matching requests; see rule_builder. Rules can be added while requests are in flight.
    rule_builder on(match requests);
    /// Starts a rule that must be used: once, or as often as `times` says, or at least once with `always`.
    rule_builder expect(match requests);
    /// Starts a rule that is applied to connections, before any request is read.
    connection_rule_builder on_connection();
    /// One sentence for each expectation that was not used as often as required.
    [[nodiscard]] std::vector<std::string> unmet() const;
    /// One sentence for each exception that functions of the test (a predicate, answer_with, a key selector) threw
    /// since the start or the last `clear()`. The client got an answer with status 500 then, and may have retried.
    [[nodiscard]] std::vector<std::string> failures() const;
    /// Removes all rules and expectations. Requests to which they are already applied are not affected.
    void clear_rules();
    /// Sets the latency of requests that arrive from now on.
    void set_latency(std::chrono::nanoseconds latency) noexcept;

    /// A copy of the requests recorded since the start or the last `clear()`, in order of arrival.
    [[nodiscard]] std::vector<recorded_request> requests() const;
    /// Forgets the recorded requests and failures(). Requests in flight go on and are not recorded again.
    void clear();
    [[nodiscard]] std::size_t count() const;
    [[nodiscard]] std::size_t count(std::string_view operation) const;
    [[nodiscard]] std::size_t count(std::string_view operation, std::string_view table) const;
    [[nodiscard]] std::size_t count_if(request_predicate const& which) const;
    /// The largest number of requests in flight at the same time since the start or the last `clear()`.
    [[nodiscard]] std::size_t max_in_flight() const;
    /// Whether any request of `a` was in flight while a different one of `b` was.
    [[nodiscard]] bool overlapped(request_predicate const& a, request_predicate const& b) const;
    /// Waits until `n` requests are recorded; false when that did not happen within `at_most`.
    [[nodiscard]] bool wait_for_requests(std::size_t n,
                                         std::chrono::nanoseconds at_most = std::chrono::seconds(10)) const;
    /// Connections accepted since the start.
    [[nodiscard]] std::size_t connections() const noexcept;
    /// Number of requests that have arrived and whose answer has not been written or given up. A request that is never
    /// answered counts until its client disconnects.
    [[nodiscard]] std::size_t in_flight() const noexcept;

private:
    friend struct detail::rule_access;
    class server;
    std::unique_ptr<server> server_;
};

} // namespace dynasio::testing

#endif
