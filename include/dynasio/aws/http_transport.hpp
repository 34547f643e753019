#ifndef DYNASIO_AWS_HTTP_TRANSPORT_HPP
#define DYNASIO_AWS_HTTP_TRANSPORT_HPP

#include <dynasio/aws/environment.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace dynasio::aws {

/// A request of a credentials provider. Headers and body may contain tokens and are wiped on destruction.
struct transport_request {
    transport_request() = default;
    transport_request(transport_request const&) = default;
    transport_request(transport_request&&) noexcept = default;
    transport_request& operator=(transport_request const&) = default;
    transport_request& operator=(transport_request&&) noexcept = default;
    ~transport_request();

    std::string method = "GET";
    std::string url{}; ///< Absolute: http(s)://host[:port]/path[?query], with path and query already encoded.
    /// All headers except Host and Content-Length, which the transport adds.
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string body{};
    std::chrono::milliseconds connect_timeout{3'000};
    std::chrono::milliseconds timeout{10'000}; ///< For the whole exchange, connecting included.
    /// True for an address of this machine or its link (instance metadata, containers): no proxy is used then.
    bool direct = false;
};

/// The answer to a transport_request. The body may contain secrets and is wiped on destruction.
struct transport_response {
    transport_response() = default;
    transport_response(transport_response const&) = default;
    transport_response(transport_response&&) noexcept = default;
    transport_response& operator=(transport_response const&) = default;
    transport_response& operator=(transport_response&&) noexcept = default;
    ~transport_response();

    unsigned status = 0;
    std::string body{};
    std::string error_type{};  ///< X-Amzn-Errortype
    std::string retry_after{}; ///< x-amz-retry-after
};

/// Sends one request and completes with the whole answer, whatever its status. Throws dynasio::error when there is no
/// answer: a transport_errc, or errc::deadline_exceeded. Redirections are not followed. Tests replace it.
using http_transport = std::function<boost::asio::awaitable<transport_response>(transport_request)>;

/// A transport on http::connection_pool with one connection for each request, because providers send few requests.
/// Certificates are verified; the file (PEM) that AWS_CA_BUNDLE names in `env`, else `ca_bundle` of `profile` (chosen
/// as for the credentials), replaces the system's authorities. A request that is not `direct` goes through the proxy
/// that `env` names for it (see http::proxy::from_environment()). Answers over 1 MiB are refused.
[[nodiscard]] http_transport make_http_transport(environment env = environment::process(), std::string profile = {});

} // namespace dynasio::aws

#endif
