#ifndef DYNASIO_SRC_HTTP_CONNECTION_HPP
#define DYNASIO_SRC_HTTP_CONNECTION_HPP

#include <dynasio/http/connection_pool.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tls_client.hpp"

namespace dynasio::http::detail {

/// What the certificate check found: OpenSSL's error for a failed handshake does not tell these apart.
struct certificate_verdict {
    bool untrusted = false;
    bool wrong_host = false;
    std::string reason{};
};

/// One connection, plain or TLS. A branch on tls() is all that tells them apart.
class connection {
public:
    using tls_stream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>;

    explicit connection(boost::asio::any_io_executor const& ex) : socket_(ex) {}
    ~connection();
    connection(connection const&) = delete;
    connection& operator=(connection const&) = delete;

    [[nodiscard]] boost::asio::ip::tcp::socket& socket() noexcept { return socket_; }
    [[nodiscard]] tls_stream* tls() noexcept { return tls_.get(); }

    /// Prepares the handshake: an earlier session, SNI, chain and host name check.
    void start_tls(tls_client& client, std::string const& host, bool verify);
    [[nodiscard]] certificate_verdict const& verdict() const noexcept { return verdict_; }

    /// No delay, keep-alive, non-blocking.
    void tune(error_code& ec);
    /// Says farewell to the peer, without waiting for anything. Only for an idle connection.
    void farewell() noexcept;
    /// Ends whatever runs on it with operation_aborted.
    void close() noexcept;
    [[nodiscard]] bool is_open() const noexcept { return socket_.is_open(); }
    /// The peer has closed it, or has sent something that nobody asked for. Only for an idle connection.
    [[nodiscard]] bool is_stale() noexcept;

    /// Head and body one after the other: a small TLS request leaves as one record.
    [[nodiscard]] std::vector<char>& tls_buffer() noexcept { return tls_buffer_; }

    std::uint64_t number = 0; ///< Among the pool's.
    std::uint64_t exchanges = 0;
    std::chrono::steady_clock::time_point opened_at{};
    std::chrono::steady_clock::time_point retire_at = std::chrono::steady_clock::time_point::max();
    std::chrono::steady_clock::time_point idle_since{};

private:
    boost::asio::ip::tcp::socket socket_;
    std::unique_ptr<tls_stream> tls_;
    certificate_verdict verdict_;
    std::vector<char> tls_buffer_;
};

} // namespace dynasio::http::detail

#endif
