#ifndef DYNASIO_SRC_HTTP_TLS_CLIENT_HPP
#define DYNASIO_SRC_HTTP_TLS_CLIENT_HPP

#include <dynasio/http/connection_pool.hpp>

#include <boost/asio/ssl/context.hpp>

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <vector>

namespace dynasio::http::detail {

/// The TLS settings of one pool, and the sessions that its server offered for resumption. A resumed handshake needs
/// neither certificates nor signatures. Sessions are used for the same host and settings only, so the check of the
/// certificate made in the first handshake still holds.
class tls_client {
public:
    static constexpr std::size_t max_sessions = 64;

    /// Throws errc::invalid_configuration.
    explicit tls_client(tls_options const& options);
    tls_client(tls_client const&) = delete;
    tls_client& operator=(tls_client const&) = delete;

    [[nodiscard]] boost::asio::ssl::context& context() noexcept { return context_; }
    /// Gives a connection that is about to start its handshake the newest session, if there is one. A session of TLS
    /// 1.3 is removed, because its ticket should be used only once (RFC 8446, C.4).
    void resume(SSL* connecting) noexcept;
    void forget_sessions() noexcept { sessions_.clear(); }
    [[nodiscard]] std::size_t sessions() const noexcept { return sessions_.size(); }

private:
    struct session_free {
        void operator()(SSL_SESSION* s) const noexcept { SSL_SESSION_free(s); }
    };
    static int keep(SSL* connection, SSL_SESSION* offered) noexcept;

    boost::asio::ssl::context context_;
    std::vector<std::unique_ptr<SSL_SESSION, session_free>> sessions_{}; ///< Newest at the back.
};

} // namespace dynasio::http::detail

#endif
