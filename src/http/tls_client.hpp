#ifndef DYNASIO_SRC_HTTP_TLS_CLIENT_HPP
#define DYNASIO_SRC_HTTP_TLS_CLIENT_HPP

#include <dynasio/http/connection_pool.hpp>

#include <boost/asio/ssl/context.hpp>

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <vector>

namespace dynasio::http::detail {

/// The TLS settings of one pool, and the sessions that its server offered to take up again. A resumed handshake has
/// neither certificates nor signatures in it. A session is for this host and these settings only, so that what was
/// checked when it began still holds.
class tls_client {
public:
    static constexpr std::size_t max_sessions = 64;

    /// Throws errc::invalid_configuration.
    explicit tls_client(tls_options const& options);
    tls_client(tls_client const&) = delete;
    tls_client& operator=(tls_client const&) = delete;

    [[nodiscard]] boost::asio::ssl::context& context() noexcept { return context_; }
    /// Gives a connection that is about to shake hands the newest session, if there is one. A session of TLS 1.3 is
    /// taken out for that: its ticket is to be used once (RFC 8446, C.4).
    void resume(SSL* connecting) noexcept;
    [[nodiscard]] std::size_t sessions() const noexcept { return sessions_.size(); }

private:
    struct session_free {
        void operator()(SSL_SESSION* s) const noexcept { SSL_SESSION_free(s); }
    };
    static int keep(SSL* connection, SSL_SESSION* offered) noexcept;

    boost::asio::ssl::context context_;
    std::vector<std::unique_ptr<SSL_SESSION, session_free>> sessions_{}; ///< The newest is at the back.
};

} // namespace dynasio::http::detail

#endif
