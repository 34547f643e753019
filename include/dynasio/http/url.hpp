#ifndef DYNASIO_HTTP_URL_HPP
#define DYNASIO_HTTP_URL_HPP

#include <cstdint>
#include <string>
#include <string_view>

namespace dynasio::http {

/// The URL of an endpoint or a proxy.
struct url {
    bool tls = true;
    std::string host{}; ///< Lower case, without brackets when it is an IPv6 address.
    std::uint16_t port = 443;
    std::string path = "/"; ///< Path prefix of the endpoint; always starts with '/'.

    /// Value of the Host header: an IPv6 address is in brackets; the port is left out when it is the scheme's default.
    [[nodiscard]] std::string authority() const;
    /// Throws errc::invalid_configuration for anything but http(s)://host[:port][/path]: user information, query,
    /// fragment, control characters and blanks are refused.
    [[nodiscard]] static url parse(std::string_view text);
};

} // namespace dynasio::http

#endif
