#ifndef DYNASIO_SRC_HTTP_CONNECTION_HPP
#define DYNASIO_SRC_HTTP_CONNECTION_HPP

#include <dynasio/http/connection_pool.hpp>

#include <dynasio/core/detail/process_generation.hpp>

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

/// The result of the certificate check. OpenSSL's error for a failed handshake does not tell these causes apart.
struct certificate_verdict {
    bool untrusted = false;
    bool wrong_host = false;
    std::string reason{};
};

/// One connection, plain or TLS. Callers branch on tls().
class connection {
public:
    using tls_stream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>;

    explicit connection(boost::asio::any_io_executor const& ex)
        : socket_(ex), process_(dynasio::detail::process_generation()) {}
    ~connection();
    connection(connection const&) = delete;
    connection& operator=(connection const&) = delete;

    [[nodiscard]] boost::asio::ip::tcp::socket& socket() noexcept { return socket_; }
    [[nodiscard]] tls_stream* tls() noexcept { return tls_.get(); }

    /// Prepares the handshake: offers an earlier session, sets SNI, and sets up the check of chain and host name.
    void start_tls(tls_client& client, std::string const& host, bool verify);
    [[nodiscard]] certificate_verdict const& verdict() const noexcept { return verdict_; }

    /// Sets the socket's options: no delay, keep-alive, non-blocking.
    void tune(error_code& ec);
    /// Lets no program that this one starts inherit the socket.
    void close_on_exec() noexcept;
    /// Whether it was made before a fork() and is the parent's: whatever is read from it or written to it is missing
    /// there.
    [[nodiscard]] bool is_of_another_process() const noexcept {
        return process_ != dynasio::detail::process_generation();
    }
    /// Sends TLS's close_notify, without waiting. Does nothing if the connection is of another process, which goes on
    /// to use it. Precondition: the connection is idle.
    void farewell() noexcept;
    /// Closes the socket. Pending operations complete with operation_aborted.
    void close() noexcept;
    [[nodiscard]] bool is_open() const noexcept { return socket_.is_open(); }
    /// Whether the peer has closed the connection or has sent bytes without a request. Precondition: the connection is
    /// idle.
    [[nodiscard]] bool is_stale() noexcept;

    /// Buffer in which head and body are joined, so that a small TLS request is sent as one record.
    [[nodiscard]] std::vector<char>& tls_buffer() noexcept { return tls_buffer_; }

    std::uint64_t number = 0; ///< Counts the pool's connections from 1.
    std::uint64_t exchanges = 0;
    std::chrono::steady_clock::time_point opened_at{};
    std::chrono::steady_clock::time_point retire_at = std::chrono::steady_clock::time_point::max();
    std::chrono::steady_clock::time_point idle_since{};

private:
    boost::asio::ip::tcp::socket socket_;
    unsigned process_; ///< The process that made it.
    std::unique_ptr<tls_stream> tls_;
    certificate_verdict verdict_;
    std::vector<char> tls_buffer_;
};

} // namespace dynasio::http::detail

#endif
