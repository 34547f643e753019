#include "connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>

#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace dynasio::http::detail {

namespace asio = boost::asio;

void connection::start_tls(asio::ssl::context& context, std::string const& host, bool verify) {
    tls_ = std::make_unique<tls_stream>(socket_, context);
    error_code ec;
    asio::ip::make_address(host, ec);
    bool const is_address = !ec;
    // RFC 6066: no literal addresses in SNI.
    if (!is_address) {
        // What the macro SSL_set_tlsext_host_name does with an old-style cast. OpenSSL copies the name.
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
    // For the writes that are tried without a detour through the reactor.
    if (!ec) socket_.non_blocking(true, ec);
}

void connection::farewell() noexcept {
    if (!tls_ || !socket_.is_open()) return;
    // The socket does not block: this writes TLS's close_notify and gives up waiting for the peer's at once.
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
    socket_.receive(asio::buffer(&byte, 1), asio::socket_base::message_peek, ec);
    return ec != asio::error::would_block && ec != asio::error::try_again;
}

std::unique_ptr<asio::ssl::context> make_tls_context(tls_options const& options) {
    auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    // Idle connections then keep no record buffers.
    SSL_CTX_set_mode(context->native_handle(), SSL_MODE_RELEASE_BUFFERS);
    error_code ec;
    if (options.use_system_authorities) {
        context->set_default_verify_paths(ec);
        if (ec)
            throw_error(errc::invalid_configuration,
                        "The system's trusted authorities cannot be loaded: " + ec.message() + '.');
    }
    if (!options.authorities_file.empty()) {
        context->load_verify_file(options.authorities_file, ec);
        if (ec)
            throw_error(errc::invalid_configuration,
                        "tls_options::authorities_file: no certificates in PEM form can be "
                        "read from '" +
                            options.authorities_file + "': " + ec.message() + '.');
    }
    if (!options.authorities_pem.empty()) {
        context->add_certificate_authority(asio::buffer(options.authorities_pem), ec);
        if (ec)
            throw_error(errc::invalid_configuration,
                        "tls_options::authorities_pem: no certificates in PEM form: " + ec.message() + '.');
    }
    return context;
}

} // namespace dynasio::http::detail
