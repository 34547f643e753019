#include "connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <fcntl.h>

namespace dynasio::http::detail {

namespace asio = boost::asio;

connection::~connection() {
    // OpenSSL marks a session as not resumable when its connection ends without close_notify. Most connections here end
    // that way. It is harmless, because the length of every answer is known and a truncated one is noticed.
    if (tls_) SSL_set_shutdown(tls_->native_handle(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

void connection::start_tls(tls_client& client, std::string const& host, bool verify) {
    tls_ = std::make_unique<tls_stream>(socket_, client.context());
    client.resume(tls_->native_handle());
    error_code ec;
    asio::ip::make_address(host, ec);
    bool const is_address = !ec;
    // RFC 6066 does not permit literal addresses in SNI.
    if (!is_address) {
        // This is the macro SSL_set_tlsext_host_name without its old-style cast. OpenSSL copies the name.
        SSL_ctrl(tls_->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 const_cast<char*>(host.c_str()));
    }
    if (!verify) {
        tls_->set_verify_mode(asio::ssl::verify_none);
        return;
    }
    tls_->set_verify_mode(asio::ssl::verify_peer);
    tls_->set_verify_callback([verdict = &verdict_, name = asio::ssl::host_name_verification(host)](
                                  bool preverified, asio::ssl::verify_context& chain) {
        if (!preverified) {
            verdict->untrusted = true;
            verdict->reason = X509_verify_cert_error_string(X509_STORE_CTX_get_error(chain.native_handle()));
            return false;
        }
        if (name(true, chain)) return true;
        verdict->wrong_host = true;
        return false;
    });
}

void connection::tune(error_code& ec) {
    socket_.set_option(asio::ip::tcp::no_delay(true), ec);
    if (!ec) socket_.set_option(asio::socket_base::keep_alive(true), ec);
    // Writes are tried at once, without asking the reactor first, so the socket must not block.
    if (!ec) socket_.non_blocking(true, ec);
}

void connection::close_on_exec() noexcept {
    if (socket_.is_open()) static_cast<void>(::fcntl(socket_.native_handle(), F_SETFD, FD_CLOEXEC));
}

void connection::farewell() noexcept {
    if (!tls_ || !socket_.is_open() || is_of_another_process()) return;
    // The socket does not block, so this writes TLS's close_notify and does not wait for the peer's.
    error_code ignored;
    tls_->shutdown(ignored);
}

void connection::close() noexcept {
    error_code ignored;
    socket_.close(ignored);
}

bool connection::is_stale() noexcept {
    char byte = 0;
    error_code ec;
    if (tls_) {
        // The bytes received may be the tickets that a server sends after the handshake (RFC 8446, 4.6.1), which are
        // still unread on a connection that was opened ahead. Reading processes them. The socket does not block.
        tls_->read_some(asio::buffer(&byte, 1), ec);
    } else {
        socket_.receive(asio::buffer(&byte, 1), asio::socket_base::message_peek, ec);
    }
    return ec != asio::error::would_block && ec != asio::error::try_again;
}

} // namespace dynasio::http::detail
