#include <dynasio/http/proxy.hpp>

#include <dynasio/core/error.hpp>

#include <boost/asio/ip/address.hpp>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <vector>

#include "../core/ascii.hpp"

namespace dynasio::http {

namespace ip = boost::asio::ip;

namespace {

using dynasio::detail::hex_value;
using dynasio::detail::to_lower;

[[noreturn]] void refuse_proxy(std::string_view why) {
    // The text itself is not repeated, because it may contain a password.
    throw_error(errc::invalid_configuration,
                "The proxy is no valid URL: " + std::string(why) + ". Use http://[user:password@]host[:port].");
}

/// A string that is overwritten before its memory is freed. Reserve its capacity first: memory that a reallocation
/// frees is not overwritten.
struct wiped {
    std::string text{};
    wiped() = default;
    wiped(wiped const&) = delete;
    wiped& operator=(wiped const&) = delete;
    ~wiped() { ::OPENSSL_cleanse(text.data(), text.size()); }
};

void append_decoded(std::string& out, std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            bool const whole = i + 2 < text.size();
            int const high = whole ? hex_value(text[i + 1]) : -1;
            int const low = whole ? hex_value(text[i + 2]) : -1;
            if (high < 0 || low < 0) refuse_proxy("its user or password has a '%' that begins no %XX");
            c = static_cast<char>(high * 16 + low);
            i += 2;
        }
        if (static_cast<unsigned char>(c) < ' ' || c == '\x7f')
            refuse_proxy("its user or password has a control character");
        out += c;
    }
}

std::optional<ip::address> as_address(std::string_view text) {
    if (text.size() > 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
    boost::system::error_code ec;
    auto address = ip::make_address(std::string(text), ec);
    if (ec) return std::nullopt;
    return address;
}

std::vector<unsigned char> bytes_of(ip::address const& address) {
    std::vector<unsigned char> bytes;
    if (address.is_v4()) {
        for (auto b : address.to_v4().to_bytes()) bytes.push_back(b);
    } else {
        for (auto b : address.to_v6().to_bytes()) bytes.push_back(b);
    }
    return bytes;
}

bool is_in_range(std::string_view range, ip::address const& address) {
    auto const slash = range.find('/');
    auto const network = as_address(range.substr(0, slash));
    auto const length = range.substr(slash + 1);
    unsigned bits = 0;
    auto const [end, ec] = std::from_chars(length.data(), length.data() + length.size(), bits);
    if (!network || ec != std::errc() || end != length.data() + length.size()) return false;
    if (network->is_v4() != address.is_v4()) return false;
    auto const a = bytes_of(*network);
    auto const b = bytes_of(address);
    if (bits > a.size() * 8) return false;
    for (std::size_t i = 0; i < bits; ++i) {
        if (((a[i / 8] ^ b[i / 8]) >> (7 - i % 8)) & 1) return false;
    }
    return true;
}

bool excepts(std::string entry, url const& endpoint, std::optional<ip::address> const& address) {
    if (entry == "*") return true;
    if (entry.find('/') != std::string::npos) return address && is_in_range(entry, *address);
    // The text after the last colon is a port, unless the colons belong to an IPv6 address without brackets.
    auto const colon = entry.rfind(':');
    bool const bare_v6 = entry.front() != '[' && std::count(entry.begin(), entry.end(), ':') > 1;
    if (colon != std::string::npos && !bare_v6 && entry.back() != ']') {
        if (entry.substr(colon + 1) != std::to_string(endpoint.port)) return false;
        entry.resize(colon);
    }
    if (address) {
        auto const other = as_address(entry);
        return other && *other == *address;
    }
    if (entry.starts_with("*.")) entry.erase(0, 1);
    if (entry.starts_with('.')) entry.erase(0, 1);
    if (entry.empty()) return false;
    if (endpoint.host == entry) return true;
    return endpoint.host.size() > entry.size() && endpoint.host.ends_with(entry) &&
           endpoint.host[endpoint.host.size() - entry.size() - 1] == '.';
}

bool is_loopback(url const& endpoint) {
    if (endpoint.host == "localhost" || endpoint.host.ends_with(".localhost")) return true;
    auto const address = as_address(endpoint.host);
    return address && address->is_loopback();
}

} // namespace

class proxy::secret {
public:
    explicit secret(std::string_view plain) {
        text_.resize(6 + (plain.size() + 2) / 3 * 4 + 1); // EVP_EncodeBlock() appends a zero
        text_.replace(0, 6, "Basic ");
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text_.data()) + 6,
                        reinterpret_cast<unsigned char const*>(plain.data()), static_cast<int>(plain.size()));
        text_.pop_back();
    }
    ~secret() { ::OPENSSL_cleanse(text_.data(), text_.size()); }
    secret(secret const&) = delete;
    secret& operator=(secret const&) = delete;
    [[nodiscard]] std::string const& text() const noexcept { return text_; }

private:
    std::string text_;
};

std::string_view proxy::authorization() const noexcept {
    return authorization_ ? std::string_view(authorization_->text()) : std::string_view();
}

proxy proxy::parse(std::string_view text) {
    auto const scheme = text.find("://");
    if (scheme != std::string_view::npos) {
        auto const name = to_lower(text.substr(0, scheme));
        if (name == "https") refuse_proxy("TLS to the proxy itself is not supported");
        if (name != "http") refuse_proxy("only http:// proxies are supported");
        text.remove_prefix(scheme + 3);
    }
    auto const slash = text.find('/');
    if (slash != std::string_view::npos) {
        if (slash + 1 != text.size())
            refuse_proxy("it has a path, or a '/' in user or password that is not written %2F");
        text.remove_suffix(1);
    }
    proxy result;
    auto const at = text.rfind('@');
    if (at != std::string_view::npos) {
        if (at > 1024) refuse_proxy("user and password are longer than 1024 characters");
        wiped plain;
        plain.text.reserve(at + 1);
        auto const user = text.substr(0, std::min(text.find(':'), at));
        append_decoded(plain.text, user);
        // Basic authentication ends the user at the first ':' (RFC 7617).
        if (plain.text.find(':') != std::string::npos) refuse_proxy("its user has a ':' in it");
        plain.text += ':';
        if (user.size() < at) append_decoded(plain.text, text.substr(user.size() + 1, at - user.size() - 1));
        result.authorization_ = std::make_shared<secret const>(plain.text);
        text.remove_prefix(at + 1);
    }
    try {
        result.address_ = url::parse("http://" + std::string(text));
    } catch (error const&) {
        refuse_proxy("host or port is malformed");
    }
    return result;
}

proxy proxy::from_environment(std::function<std::optional<std::string>(std::string const&)> const& variable,
                              url const& endpoint) {
    if (is_loopback(endpoint)) return {};
    for (char const* name : {"no_proxy", "NO_PROXY"}) {
        if (auto const list = variable(name)) {
            if (is_excepted_from_proxy(*list, endpoint)) return {};
            break;
        }
    }
    std::vector<std::string> names{endpoint.tls ? "https_proxy" : "http_proxy"};
    if (endpoint.tls) names.emplace_back("HTTPS_PROXY");
    if (!endpoint.tls && !variable("REQUEST_METHOD")) names.emplace_back("HTTP_PROXY");
    for (auto const& name : names) {
        auto text = variable(name);
        if (!text || text->empty()) continue;
        wiped value;
        value.text.swap(*text);
        try {
            return parse(value.text);
        } catch (error const& e) {
            throw_error(errc::invalid_configuration, name + ": " + e.info().message);
        }
    }
    return {};
}

bool is_excepted_from_proxy(std::string_view list, url const& endpoint) {
    auto const address = as_address(endpoint.host);
    constexpr std::string_view separators = ", \t";
    while (!list.empty()) {
        auto const end = list.find_first_of(separators);
        auto const entry = list.substr(0, end);
        if (!entry.empty() && excepts(to_lower(entry), endpoint, address)) return true;
        if (end == std::string_view::npos) break;
        list.remove_prefix(end + 1);
    }
    return false;
}

} // namespace dynasio::http
