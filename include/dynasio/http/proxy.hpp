#ifndef DYNASIO_HTTP_PROXY_HPP
#define DYNASIO_HTTP_PROXY_HPP

#include <dynasio/http/url.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace dynasio::http {

/// An HTTP proxy, or none. https endpoints are reached through a tunnel (CONNECT), whose content the proxy cannot read;
/// http endpoints are reached by requests in absolute form, as in AWS's SDKs.
class proxy {
public:
    /// No proxy: connections go to the endpoint itself.
    proxy() = default;

    /// "[http://][user[:password]@]host[:port][/]"; the port is 80 if none is given. User and password, percent-encoded
    /// where a URL requires it, are sent as Basic authentication; they are wiped after use and appear in no message.
    /// Throws errc::invalid_configuration for anything else: TLS to the proxy itself (https://) and SOCKS are not
    /// supported.
    [[nodiscard]] static proxy parse(std::string_view text);

    /// The proxy that environment variables name for `endpoint`: https_proxy or HTTPS_PROXY for https, http_proxy or
    /// HTTP_PROXY for http (not in a CGI process, where REQUEST_METHOD is set and a client could have set HTTP_PROXY).
    /// The name in lower case wins. No proxy is used for a loopback endpoint and for endpoints that no_proxy or
    /// NO_PROXY lists. `variable` returns nothing for a variable that is unset. Throws as parse() does, naming the
    /// variable.
    [[nodiscard]] static proxy
    from_environment(std::function<std::optional<std::string>(std::string const&)> const& variable,
                     url const& endpoint);

    [[nodiscard]] explicit operator bool() const noexcept { return !address_.host.empty(); }
    [[nodiscard]] url const& address() const noexcept { return address_; }
    /// Value of the Proxy-Authorization header: a secret. Empty when the URL had no user.
    [[nodiscard]] std::string_view authorization() const noexcept;

private:
    class secret;
    url address_{};
    std::shared_ptr<secret const> authorization_{};
};

/// Whether NO_PROXY's value `list` excepts `endpoint`. Entries are separated by commas or blanks: "*" matches every
/// endpoint; "example.com" and ".example.com" match that host and its subdomains; "10.0.0.0/8" and "fd00::/8" match
/// endpoints that are written as addresses in that range (no name is looked up). Every entry except a range may end
/// with ":port". Case is ignored; an entry that cannot be understood matches nothing.
[[nodiscard]] bool is_excepted_from_proxy(std::string_view list, url const& endpoint);

} // namespace dynasio::http

#endif
