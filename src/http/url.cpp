#include <dynasio/http/url.hpp>

#include <dynasio/core/error.hpp>

#include <boost/asio/ip/address_v6.hpp>

#include <algorithm>
#include <charconv>
#include <string>

#include "../core/ascii.hpp"

namespace dynasio::http {
namespace {

using dynasio::detail::is_digit;
using dynasio::detail::to_lower;

[[noreturn]] void refuse_url(std::string_view why) {
    // The text itself is not repeated, because it may contain a password.
    throw_error(errc::invalid_configuration,
                "The endpoint is no valid URL: " + std::string(why) + ". Use http(s)://host[:port][/path].");
}

bool has_prefix_but_case(std::string_view text, std::string_view prefix) noexcept {
    return dynasio::detail::is_equal_but_case(text.substr(0, prefix.size()), prefix);
}

void check_host_name(std::string_view host) {
    if (host.size() > 253) refuse_url("the host name is longer than 253 characters");
    std::size_t label = 0;
    for (char c : host) {
        if (c == '.') {
            if (label == 0) refuse_url("the host name has an empty label");
            label = 0;
            continue;
        }
        bool const allowed = (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_';
        if (!allowed) refuse_url("the host name has a character that is no letter, digit, '-', '_' or '.'");
        if (++label > 63) refuse_url("a label of the host name is longer than 63 characters");
    }
    // A trailing dot is refused: the name would match neither a certificate nor the host that the service signs with.
    if (label == 0) refuse_url("the host name is empty or ends with '.'");
}

std::uint16_t parse_port(std::string_view text) {
    unsigned value = 0;
    auto const [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    bool const digits = std::all_of(text.begin(), text.end(), is_digit);
    if (text.empty() || !digits || ec != std::errc() || end != text.data() + text.size() || value < 1 || value > 65535)
        refuse_url("the port is no number from 1 to 65535");
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
        if (c <= ' ' || c == '\x7f') refuse_url("it contains a blank, a control character or a byte outside ASCII");
    }
    url result;
    if (has_prefix_but_case(text, "https://")) {
        text.remove_prefix(8);
    } else if (has_prefix_but_case(text, "http://")) {
        text.remove_prefix(7);
        result.tls = false;
        result.port = 80;
    } else {
        refuse_url("it does not begin with http:// or https://");
    }
    if (text.find('?') != std::string_view::npos) refuse_url("it has a query");
    if (text.find('#') != std::string_view::npos) refuse_url("it has a fragment");
    if (text.find_first_of("\\\"<>^`{|}") != std::string_view::npos)
        refuse_url("it has a character that a URL cannot have");

    auto const slash = text.find('/');
    auto authority = text.substr(0, slash);
    if (slash != std::string_view::npos) result.path = text.substr(slash);
    if (authority.find('@') != std::string_view::npos) refuse_url("it has a user name or password");

    if (!authority.empty() && authority.front() == '[') {
        auto const end = authority.find(']');
        if (end == std::string_view::npos) refuse_url("the bracket of its IPv6 address is not closed");
        result.host = authority.substr(1, end - 1);
        authority.remove_prefix(end + 1);
        boost::system::error_code ec;
        boost::asio::ip::make_address_v6(result.host, ec);
        if (ec || result.host.find('%') != std::string::npos) refuse_url("what is in brackets is no IPv6 address");
        if (!authority.empty()) {
            if (authority.front() != ':') refuse_url("something other than a port follows the IPv6 address");
            result.port = parse_port(authority.substr(1));
        }
        result.host = to_lower(result.host);
        return result;
    }
    auto const colon = authority.find(':');
    result.host = authority.substr(0, colon);
    result.host = to_lower(result.host);
    check_host_name(result.host);
    if (colon != std::string_view::npos) result.port = parse_port(authority.substr(colon + 1));
    return result;
}

} // namespace dynasio::http
