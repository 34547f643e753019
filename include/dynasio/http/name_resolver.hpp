#ifndef DYNASIO_HTTP_NAME_RESOLVER_HPP
#define DYNASIO_HTTP_NAME_RESOLVER_HPP

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace dynasio::http {

/// Gives a pool the addresses of its host, in place of the system's getaddrinfo().
class name_resolver {
public:
    virtual ~name_resolver() = default;

    /// Completes with the addresses in the order of preference, or throws. Runs on the pool's executor; one look-up
    /// serves all connections that are being made. The look-up is not cancelled when those connections are given up, so
    /// it must end by itself.
    [[nodiscard]] virtual boost::asio::awaitable<std::vector<boost::asio::ip::tcp::endpoint>>
    resolve(std::string host, std::uint16_t port) = 0;

protected:
    name_resolver() = default;
    name_resolver(name_resolver const&) = default;
    name_resolver& operator=(name_resolver const&) = default;
};

} // namespace dynasio::http

#endif
