#include "tls_client.hpp"

#include <boost/asio/buffer.hpp>

#include <string>

namespace dynasio::http::detail {

namespace asio = boost::asio;

namespace {

/// The ex_data index under which a context refers to its tls_client. A new index is needed because Asio uses index 0.
int own_index() noexcept {
    static int const index = CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL_CTX, 0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

[[noreturn]] void refuse_tls(std::string const& option, std::string const& problem, error_code ec) {
    throw_error(errc::invalid_configuration, option + problem + ": " + ec.message() + '.');
}

} // namespace

tls_client::tls_client(tls_options const& options) : context_(asio::ssl::context::tls_client) {
    auto* const native = context_.native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    // In this mode idle connections keep no record buffers.
    SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
    constexpr unsigned char protocols[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    if (SSL_CTX_set_alpn_protos(native, protocols, sizeof(protocols)) != 0) throw std::bad_alloc();

    sessions_.reserve(max_sessions);
    SSL_CTX_set_ex_data(native, own_index(), this);
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(native, &tls_client::keep);

    error_code ec;
    if (options.use_system_authorities) {
        context_.set_default_verify_paths(ec);
        if (ec) refuse_tls("", "The system's trusted authorities cannot be loaded", ec);
    }
    if (!options.authorities_file.empty()) {
        context_.load_verify_file(options.authorities_file, ec);
        if (ec)
            refuse_tls("tls_options::authorities_file",
                       ": no certificates in PEM form can be read from '" + options.authorities_file + "'", ec);
    }
    if (!options.authorities_directory.empty()) {
        context_.add_verify_path(options.authorities_directory, ec);
        if (ec) refuse_tls("tls_options::authorities_directory", ": cannot be used", ec);
    }
    if (!options.authorities_pem.empty()) {
        context_.add_certificate_authority(asio::buffer(options.authorities_pem), ec);
        if (ec) refuse_tls("tls_options::authorities_pem", ": no certificates in PEM form", ec);
    }
}

int tls_client::keep(SSL* connection, SSL_SESSION* offered) noexcept {
    auto* const self = static_cast<tls_client*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(connection), own_index()));
    if (!self) return 0;
    if (self->sessions_.size() == max_sessions) self->sessions_.erase(self->sessions_.begin());
    self->sessions_.emplace_back(offered); // capacity was reserved: does not allocate
    return 1;                              // OpenSSL passes the ownership
}

void tls_client::resume(SSL* connecting) noexcept {
    while (!sessions_.empty()) {
        auto* const newest = sessions_.back().get();
        bool const usable = SSL_SESSION_is_resumable(newest) == 1;
        if (usable) SSL_set_session(connecting, newest);
        if (!usable || SSL_SESSION_get_protocol_version(newest) >= TLS1_3_VERSION) sessions_.pop_back();
        if (usable) return;
    }
}

} // namespace dynasio::http::detail
