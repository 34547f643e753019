#ifndef DYNASIO_TESTS_SUPPORT_SCRIPTED_SERVER_HPP
#define DYNASIO_TESTS_SUPPORT_SCRIPTED_SERVER_HPP

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/certificates.hpp"

namespace dynasio::test {

/// The server's end of one connection, for a script to use. A broken connection throws boost::system::system_error,
/// which ends the script and closes it.
class server_connection {
public:
    server_connection(boost::asio::ip::tcp::socket s, boost::asio::ssl::context* tls, std::size_t number)
        : socket_(std::move(s)), number_(number) {
        if (tls) tls_ = std::make_unique<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>>(socket_, *tls);
    }

    /// How many connections the server had accepted before this one.
    [[nodiscard]] std::size_t number() const noexcept { return number_; }
    [[nodiscard]] boost::asio::ip::tcp::socket& socket() noexcept { return socket_; }

    boost::asio::awaitable<void> handshake() {
        if (tls_) co_await tls_->async_handshake(boost::asio::ssl::stream_base::server, boost::asio::use_awaitable);
    }

    [[nodiscard]] bool resumed() { return tls_ && SSL_session_reused(tls_->native_handle()) == 1; }

    /// Reads one request (head, and as much body as Content-Length says) and returns it whole.
    boost::asio::awaitable<std::string> request() {
        for (;;) {
            auto const size = complete_size();
            if (size) {
                std::string result = received_.substr(0, *size);
                received_.erase(0, *size);
                co_return result;
            }
            co_await some();
        }
    }
    /// Reads something more, not necessarily a whole request; returns all that came and was not yet returned.
    boost::asio::awaitable<std::string> bytes() {
        if (received_.empty()) co_await some();
        std::string result = std::move(received_);
        received_.clear();
        co_return result;
    }
    /// Waits until the client closes the connection.
    boost::asio::awaitable<void> until_closed() {
        try {
            for (;;) co_await some();
        } catch (boost::system::system_error const&) {
        }
    }
    boost::asio::awaitable<void> send(std::string text) {
        if (tls_) {
            co_await boost::asio::async_write(*tls_, boost::asio::buffer(text), boost::asio::use_awaitable);
        } else {
            co_await boost::asio::async_write(socket_, boost::asio::buffer(text), boost::asio::use_awaitable);
        }
    }
    /// A complete answer with this body.
    boost::asio::awaitable<void> answer(std::string body, std::string more_headers = {}, unsigned status = 200,
                                        std::string const& content_type = "application/x-amz-json-1.0") {
        std::string text = "HTTP/1.1 " + std::to_string(status) + " OK\r\n";
        if (!content_type.empty()) text += "Content-Type: " + content_type + "\r\n";
        text += "Content-Length: " + std::to_string(body.size()) + "\r\n" + more_headers + "\r\n" + body;
        return send(std::move(text));
    }
    /// Ends the TCP connection in order; TLS sees it cut off.
    void close() {
        boost::system::error_code ignored;
        socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_both, ignored);
        socket_.close(ignored);
    }
    /// Ends the connection in order, with TLS's own farewell; waits for the client to close it too.
    boost::asio::awaitable<void> close_tls() {
        try {
            co_await tls_->async_shutdown(boost::asio::use_awaitable);
        } catch (boost::system::system_error const&) { // a client need not say farewell too
        }
        close();
    }
    /// Ends it with a TCP reset.
    void reset() {
        boost::system::error_code ignored;
        socket_.set_option(boost::asio::socket_base::linger(true, 0), ignored);
        socket_.close(ignored);
    }

private:
    boost::asio::awaitable<void> some() {
        char part[16384];
        std::size_t n = 0;
        if (tls_) {
            n = co_await tls_->async_read_some(boost::asio::buffer(part), boost::asio::use_awaitable);
        } else {
            n = co_await socket_.async_read_some(boost::asio::buffer(part), boost::asio::use_awaitable);
        }
        received_.append(part, n);
    }
    [[nodiscard]] std::optional<std::size_t> complete_size() const {
        auto const end = received_.find("\r\n\r\n");
        if (end == std::string::npos) return std::nullopt;
        std::size_t body = 0;
        constexpr std::string_view name = "Content-Length: ";
        auto const length = received_.find(name);
        if (length < end) std::from_chars(received_.data() + length + name.size(), received_.data() + end, body);
        if (received_.size() < end + 4 + body) return std::nullopt;
        return end + 4 + body;
    }

    boost::asio::ip::tcp::socket socket_;
    std::unique_ptr<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
    std::string received_{};
    std::size_t number_;
};

/// A server on loopback in the test's own io_context, which runs a script for each connection. The script sees what the
/// client does as it happens, so tests need no sleeping: they act from within the script.
class scripted_server {
public:
    /// Runs for each accepted connection, after the TLS handshake. The connection is closed when it returns.
    using script = std::function<boost::asio::awaitable<void>(server_connection&)>;

    scripted_server(boost::asio::io_context& ctx, script s) : scripted_server(ctx, std::move(s), nullptr) {}
    /// With TLS, as `identity`.
    scripted_server(boost::asio::io_context& ctx, script s, certificate const& identity)
        : scripted_server(ctx, std::move(s), make_tls(identity)) {}
    ~scripted_server() { stop(); }
    scripted_server(scripted_server const&) = delete;
    scripted_server& operator=(scripted_server const&) = delete;

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] std::string url(std::string const& host = "127.0.0.1") const {
        return (shared_->tls ? "https://" : "http://") + host + ":" + std::to_string(port_);
    }
    /// Connections accepted so far.
    [[nodiscard]] std::size_t accepted() const noexcept { return shared_->accepted; }
    /// Handshakes that failed on this side.
    [[nodiscard]] std::size_t failed_handshakes() const noexcept { return shared_->failed_handshakes; }
    /// Server name (SNI) of the last handshake.
    [[nodiscard]] std::string const& server_name() const noexcept { return shared_->server_name; }

    /// Handshakes that took up an earlier session.
    [[nodiscard]] std::size_t resumed() const noexcept { return shared_->resumed; }
    /// Protocol (ALPN) that the last client offered, if it was one only.
    [[nodiscard]] std::string const& protocol() const noexcept { return shared_->protocol; }
    /// TLS of this version only (TLS1_2_VERSION, TLS1_3_VERSION).
    void use_tls_version(int version) {
        SSL_CTX_set_min_proto_version(shared_->tls->native_handle(), version);
        SSL_CTX_set_max_proto_version(shared_->tls->native_handle(), version);
    }

    /// Accepts no more. Connections that are open stay so.
    void stop() {
        boost::system::error_code ignored;
        shared_->acceptor.close(ignored);
    }

private:
    struct shared {
        explicit shared(boost::asio::io_context& ctx) : acceptor(ctx) {}
        boost::asio::ip::tcp::acceptor acceptor;
        std::unique_ptr<boost::asio::ssl::context> tls{};
        script run{};
        std::size_t accepted = 0;
        std::size_t failed_handshakes = 0;
        std::size_t resumed = 0;
        std::string server_name{};
        std::string protocol{};
    };

    scripted_server(boost::asio::io_context& ctx, script s, std::unique_ptr<boost::asio::ssl::context> tls)
        : shared_(std::make_shared<shared>(ctx)) {
        using boost::asio::ip::tcp;
        tcp::endpoint const loopback(boost::asio::ip::address_v4::loopback(), 0);
        shared_->acceptor.open(tcp::v4());
        shared_->acceptor.bind(loopback);
        shared_->acceptor.listen();
        port_ = shared_->acceptor.local_endpoint().port();
        shared_->tls = std::move(tls);
        shared_->run = std::move(s);
        if (shared_->tls) {
            // What the macros for these two do with old-style casts.
            auto* const native = shared_->tls->native_handle();
            SSL_CTX_ctrl(native, SSL_CTRL_SET_TLSEXT_SERVERNAME_ARG, 0, shared_.get());
            SSL_CTX_callback_ctrl(native, SSL_CTRL_SET_TLSEXT_SERVERNAME_CB,
                                  reinterpret_cast<void (*)()>(&remember_name));
            SSL_CTX_set_alpn_select_cb(native, &remember_protocol, shared_.get());
        }
        boost::asio::co_spawn(ctx, accept(shared_), boost::asio::detached);
    }

    static int remember_name(SSL* ssl, int*, void* arg) {
        char const* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
        static_cast<shared*>(arg)->server_name = name ? name : "";
        return SSL_TLSEXT_ERR_OK;
    }
    static int remember_protocol(SSL*, unsigned char const** chosen, unsigned char* size, unsigned char const* offered,
                                 unsigned offered_size, void* arg) {
        *chosen = offered + 1;
        *size = offered[0];
        auto const all = std::string(reinterpret_cast<char const*>(offered), offered_size);
        static_cast<shared*>(arg)->protocol = all.substr(1);
        return SSL_TLSEXT_ERR_OK;
    }
    static std::unique_ptr<boost::asio::ssl::context> make_tls(certificate const& identity) {
        auto tls = std::make_unique<boost::asio::ssl::context>(boost::asio::ssl::context::tls_server);
        tls->use_certificate_chain(boost::asio::buffer(identity.pem));
        tls->use_private_key(boost::asio::buffer(identity.key_pem), boost::asio::ssl::context::pem);
        return tls;
    }
    static boost::asio::awaitable<void> accept(std::shared_ptr<shared> self) {
        try {
            for (;;) {
                auto socket = co_await self->acceptor.async_accept(boost::asio::use_awaitable);
                auto serving = serve(self, std::move(socket), self->accepted++);
                boost::asio::co_spawn(self->acceptor.get_executor(), std::move(serving), boost::asio::detached);
            }
        } catch (boost::system::system_error const&) { // stopped
        }
    }
    static boost::asio::awaitable<void> serve(std::shared_ptr<shared> self, boost::asio::ip::tcp::socket socket,
                                              std::size_t number) {
        socket.set_option(boost::asio::ip::tcp::no_delay(true));
        server_connection connection(std::move(socket), self->tls.get(), number);
        bool shaken = false;
        try {
            co_await connection.handshake();
            shaken = true;
            if (connection.resumed()) ++self->resumed;
            co_await self->run(connection);
        } catch (boost::system::system_error const&) {
            if (!shaken) ++self->failed_handshakes;
        }
    }

    std::shared_ptr<shared> shared_;
    std::uint16_t port_ = 0;
};

} // namespace dynasio::test

#endif
