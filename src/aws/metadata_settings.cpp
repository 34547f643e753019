#include "metadata_settings.hpp"

#include <dynasio/http/url.hpp>

#include <dynasio/aws/shared_config.hpp>

#include <dynasio/core/error.hpp>

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <string_view>
#include <utility>

#include "../core/ascii.hpp"
#include "../core/refuse_configuration.hpp"
#include "provider_support.hpp"
#include "settings.hpp"
#include "wipe.hpp"

namespace dynasio::aws::detail {
namespace {

constexpr char const* full_uri = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
constexpr char const* relative_uri = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";

using dynasio::detail::refuse_configuration;

http::url parse_url(std::string const& text, char const* name) {
    try {
        return http::url::parse(std::string_view(text).substr(0, text.find('?')));
    } catch (error const& e) {
        refuse_configuration(std::string(name) + ": " + message_of(e));
    }
}

/// Whether a token may be sent to `host` without TLS.
bool may_be_plain(std::string const& host) {
    if (host == "localhost") return true;
    boost::system::error_code ec;
    auto const address = boost::asio::ip::make_address(host, ec);
    if (ec) return false;
    if (address.is_loopback()) return true;
    constexpr char const* known[] = {"169.254.170.2", "169.254.170.23", "fd00:ec2::23"};
    return std::any_of(std::begin(known), std::end(known),
                       [&](char const* a) { return address == boost::asio::ip::make_address(a); });
}

/// The container's authorization token; empty when there is none.
std::string container_token(environment const& env) {
    auto const file = variable(env, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    if (!file) return variable(env, "AWS_CONTAINER_AUTHORIZATION_TOKEN").value_or(std::string());
    auto token = env.read_file(*file);
    if (!token)
        throw_error(errc::no_credentials, "the container's token file " + *file +
                                              " cannot be read: check AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    while (token->ends_with('\n') || token->ends_with('\r')) token->pop_back();
    return *std::move(token);
}

std::string address_of_mode(std::string const& mode) {
    if (mode.empty() || dynasio::detail::is_equal_but_case(mode, "ipv4")) return "http://169.254.169.254";
    if (dynasio::detail::is_equal_but_case(mode, "ipv6")) return "http://[fd00:ec2::254]";
    refuse_configuration("the endpoint mode of the instance metadata is neither IPv4 nor IPv6: change "
                         "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE or ec2_metadata_service_endpoint_mode");
}

} // namespace

std::optional<transport_request> container_request(environment const& env) {
    transport_request request;
    request.direct = true;
    request.connect_timeout = std::chrono::seconds(2);
    request.timeout = std::chrono::seconds(4);
    request.headers.emplace_back("accept", "application/json");
    if (auto const relative = variable(env, relative_uri)) {
        if (relative->front() != '/') refuse_configuration(std::string(relative_uri) + ": does not begin with '/'");
        request.url = "http://169.254.170.2" + *relative;
        (void)parse_url(request.url, relative_uri);
    } else if (auto const full = variable(env, full_uri)) {
        http::url const url = parse_url(*full, full_uri);
        if (!url.tls && !may_be_plain(url.host))
            refuse_configuration(std::string(full_uri) +
                                 ": without https only loopback and the addresses of ECS and EKS are asked; use https");
        request.direct = may_be_plain(url.host);
        request.url = *full;
    } else {
        return std::nullopt;
    }
    std::string token = container_token(env);
    wipe_at_exit const wipe_token(token);
    if (token.empty()) return request;
    // A blank is permitted, as in "Basic abc".
    bool const fits = std::all_of(token.begin(), token.end(), [](char c) { return c >= ' ' && c < 0x7f; });
    if (!fits)
        throw_error(errc::no_credentials,
                    "the container's authorization token has characters that fit no header: look for line ends in it");
    request.headers.emplace_back("authorization", token);
    return request;
}

instance_metadata_settings resolve_instance_metadata(instance_metadata_options const& options,
                                                     provider_context const& context) {
    loaded_files const files(context.env);
    shared_properties const* const profile = files.profile(select_profile(context.env, context.profile));
    instance_metadata_settings result;
    result.disabled = is_true(setting(context.env, "AWS_EC2_METADATA_DISABLED", profile, "disable_ec2_metadata"));
    result.endpoint = options.endpoint;
    if (result.endpoint.empty())
        result.endpoint =
            setting(context.env, "AWS_EC2_METADATA_SERVICE_ENDPOINT", profile, "ec2_metadata_service_endpoint");
    if (result.endpoint.empty()) {
        std::string mode = options.endpoint_mode;
        if (mode.empty())
            mode = setting(context.env, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", profile,
                           "ec2_metadata_service_endpoint_mode");
        result.endpoint = address_of_mode(mode);
    }
    (void)parse_url(result.endpoint, "the endpoint of the instance metadata");
    if (result.endpoint.find('?') != std::string::npos)
        refuse_configuration("the endpoint of the instance metadata has a query");
    while (result.endpoint.ends_with('/')) result.endpoint.pop_back();
    return result;
}

} // namespace dynasio::aws::detail
