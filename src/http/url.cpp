#include <dynasio/http/url.hpp>

#include <dynasio/core/error.hpp>

#include <boost/asio/ip/address_v6.hpp>

#include <algorithm>
#include <charconv>
#include <string>

namespace dynasio::http {
namespace {

[[noreturn]] void refuse(std::string_view why) {
    // The text itself is not repeated, because it may contain a password.
    throw_error(errc::invalid_configuration,
                "The endpoint is no valid URL: " + std::string(why) + ". Use http(s)://host[:port][/path].");
}

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool has_prefix_ignoring_case(std::string_view text, std::string_view prefix) noexcept {
    return text.size() >= prefix.size() &&
           std::equal(prefix.begin(), prefix.end(), text.begin(), [](char a, char b) { return a == lower(b); });
}

void check_host_name(std::string_view host) {
    if (host.size() > 253) refuse("the host name is longer than 253 characters");
    std::size_t label = 0;
    for (char c : host) {
        if (c == '.') {
            if (label == 0) refuse("the host name has an empty label");
            label = 0;
            continue;
        }
        bool const allowed = (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_';
        if (!allowed) refuse("the host name has a character that is no letter, digit, '-', '_' or '.'");
        if (++label > 63) refuse("a label of the host name is longer than 63 characters");
    }
    // A trailing dot is refused: the name would match neither a certificate nor the host that the service signs with.
    if (label == 0) refuse("the host name is empty or ends with '.'");
}

std::uint16_t parse_port(std::string_view text) {
    unsigned value = 0;
    auto const [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    bool const digits = std::all_of(text.begin(), text.end(), is_digit);
    if (text.empty() || !digits || ec != std::errc() || end != text.data() + text.size() || value < 1 || value > 65535)
        refuse("the port is no number from 1 to 65535");
    return static_cast<std::uint16_t>(value);
}

} // namespace

std::string url::authority() const {
    bool const address = host.find(':') != std::string::npos;
    std::string result;
    result.reserve(host.size() + 8);
    if (address) result += '[';
    result += host;
    if (address) result += ']';
    if (port != (tls ? 443 : 80)) result.append(":").append(std::to_string(port));
    return result;
}

url url::parse(std::string_view text) {
    for (char c : text) {
        if (c <= ' ' || c == '\x7f') refuse("it contains a blank, a control character or a byte outside ASCII");
    }
    url result;
    if (has_prefix_ignoring_case(text, "https://")) {
        text.remove_prefix(8);
    } else if (has_prefix_ignoring_case(text, "http://")) {
        text.remove_prefix(7);
        result.tls = false;
        result.port = 80;
    } else {
        refuse("it does not begin with http:// or https://");
    }
    if (text.find('?') != std::string_view::npos) refuse("it has a query");
    if (text.find('#') != std::string_view::npos) refuse("it has a fragment");
    if (text.find_first_of("\\\"<>^`{|}") != std::string_view::npos)
        refuse("it has a character that a URL cannot have");

    auto const slash = text.find('/');
    auto authority = text.substr(0, slash);
    if (slash != std::string_view::npos) result.path = text.substr(slash);
    if (authority.find('@') != std::string_view::npos) refuse("it has a user name or password");

    if (!authority.empty() && authority.front() == '[') {
        auto const end = authority.find(']');
        if (end == std::string_view::npos) refuse("the bracket of its IPv6 address is not closed");
        result.host = authority.substr(1, end - 1);
        authority.remove_prefix(end + 1);
        boost::system::error_code ec;
        boost::asio::ip::make_address_v6(result.host, ec);
        if (ec || result.host.find('%') != std::string::npos) refuse("what is in brackets is no IPv6 address");
        if (!authority.empty()) {
            if (authority.front() != ':') refuse("something other than a port follows the IPv6 address");
            result.port = parse_port(authority.substr(1));
        }
        std::transform(result.host.begin(), result.host.end(), result.host.begin(), lower);
        return result;
    }
    auto const colon = authority.find(':');
    result.host = authority.substr(0, colon);
    std::transform(result.host.begin(), result.host.end(), result.host.begin(), lower);
    check_host_name(result.host);
    if (colon != std::string_view::npos) result.port = parse_port(authority.substr(colon + 1));
    return result;
}

} // namespace dynasio::http
