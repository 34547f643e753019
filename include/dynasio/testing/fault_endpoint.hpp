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
    /// The server behind, "http://127.0.0.1:8000". Empty: there is none, only rules answer.
    std::string upstream{};
    /// Added to every request. Requests wait at the same time, not one after the other.
    std::chrono::nanoseconds latency{};
    /// Port to listen on; 0 takes a free one.
    std::uint16_t port = 0;
    /// Numeric address to listen on. Whoever reaches it reaches the upstream, with no questions asked: think twice
    /// before it is another than a loopback address.
    std::string address = "127.0.0.1";
    /// Speak TLS, with certificates for localhost and 127.0.0.1 that are made at run time; see authority_pem().
    bool tls = false;
    /// What rules with a rate take their chances from.
    std::uint64_t seed = 1;
    /// How many requests are kept for requests() and its relatives: the newest ones.
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
/// comes back with the same status, headers and body bytes (only the framing is Content-Length always); x-amz-crc32 is
/// computed anew where a rule edited the body. Without an upstream the answer is an UnknownOperationException with
/// status 400, whose message says what was asked. An upstream that cannot be reached is a status 502.
///
/// Requests to the upstream keep their headers, Host included, so that signatures stay valid. Connections to it are
/// kept and used again.
///
/// The server has a thread and an execution context of its own; it runs from the constructor to the destructor. All
/// member functions can be called from any thread at any time, also while requests are in flight. To the upstream no
/// TLS is spoken.
class fault_endpoint {
public:
    /// Alone: every answer comes from a rule.
    fault_endpoint();
    /// In front of the server at `upstream`.
    explicit fault_endpoint(std::string upstream);
    /// Throws errc::invalid_configuration for an upstream that is no plain http URL or an address that is not numeric,
    /// transport_errc::resolve_failed
    /// when its host has no address, and the system's code when the port cannot be bound.
    explicit fault_endpoint(fault_endpoint_options options);
    fault_endpoint(fault_endpoint const&) = delete;
    fault_endpoint& operator=(fault_endpoint const&) = delete;
    /// Closes all connections, with requests in flight too, and joins the thread. Waits for nothing but a function of
    /// the caller's (a predicate, answer_with) that is running at the moment.
    ~fault_endpoint();

    /// "http://127.0.0.1:45123"; https with TLS.
    [[nodiscard]] std::string const& url() const noexcept;
    [[nodiscard]] std::uint16_t port() const noexcept;
    /// The certificate authority that clients have to trust (http::tls_options::authorities_pem): a new one for each
    /// endpoint. Empty without TLS.
    [[nodiscard]] std::string const& authority_pem() const noexcept;

    /// Starts a rule for matching requests; see rule_builder. Rules can be added while requests are in flight.
    rule_builder on(match requests);
    /// Starts a rule that has to be used: once, unless `times` or `always` (at least once) say otherwise.
    rule_builder expect(match requests);
    /// Starts a rule for connections, to be applied before any request is read on them.
    connection_rule_builder on_connection();
    /// The expectations that were not used as often as they should: a sentence each.
    [[nodiscard]] std::vector<std::string> unmet() const;
    /// What functions of the test's own (a predicate, answer_with, a key selector) threw since the start or the last
    /// `clear()`: a sentence each. The clients got an answer with status 500 for it, and may have tried again.
    [[nodiscard]] std::vector<std::string> failures() const;
    /// Takes all rules and expectations out of force; requests that they are applied to already are not affected.
    void clear_rules();
    /// For requests that arrive from now on.
    void set_latency(std::chrono::nanoseconds latency) noexcept;

    /// A copy of what was recorded since the start or the last `clear()`, in order of arrival.
    [[nodiscard]] std::vector<recorded_request> requests() const;
    /// Forgets what was recorded, and failures(). Requests in flight go on and are not recorded again.
    void clear();
    [[nodiscard]] std::size_t count() const;
    [[nodiscard]] std::size_t count(std::string_view operation) const;
    [[nodiscard]] std::size_t count(std::string_view operation, std::string_view table) const;
    [[nodiscard]] std::size_t count_if(request_predicate const& which) const;
    /// Most requests that were in flight at the same time since the start or the last `clear()`.
    [[nodiscard]] std::size_t max_in_flight() const;
    /// Whether any request of `a` was in flight while a different one of `b` was.
    [[nodiscard]] bool overlapped(request_predicate const& a, request_predicate const& b) const;
    /// Waits until `n` requests are recorded; false when that did not happen within `at_most`.
    [[nodiscard]] bool wait_for_requests(std::size_t n,
                                         std::chrono::nanoseconds at_most = std::chrono::seconds(10)) const;
    /// Connections accepted since the start.
    [[nodiscard]] std::size_t connections() const noexcept;
    /// Requests that have arrived and whose answer is not yet written (or given up). One that is never answered counts
    /// until its client goes away.
    [[nodiscard]] std::size_t in_flight() const noexcept;

private:
    friend struct detail::rule_access;
    class server;
    std::unique_ptr<server> server_;
};

} // namespace dynasio::testing

#endif
