#include "settings.hpp"

#include <dynasio/http/url.hpp>

#include <dynasio/aws/credentials.hpp>
#include <dynasio/aws/detail/region.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "../core/ascii.hpp"
#include "wipe.hpp"

namespace dynasio::aws::detail {
namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr std::size_t longest_quote = 60;

struct service_names {
    std::string_view host;
    std::string_view setting; ///< The name in a services section; in capitals in a variable.
};

service_names names_of(provider_service service) noexcept {
    switch (service) {
    case provider_service::sts:
        return {"sts", "sts"};
    case provider_service::sso:
        return {"portal.sso", "sso"};
    case provider_service::sso_oidc:
        return {"oidc", "sso_oidc"};
    case provider_service::signin:
        break;
    }
    return {"signin", "signin"};
}

char upper(char c) noexcept {
    if (c >= 'a' && c <= 'z') return static_cast<char>(c - 'a' + 'A');
    return c == '-' || c == ' ' ? '_' : c;
}

/// The sub-property `name` of a value that has one "name = value" on each line; the last one counts.
std::string_view sub_property(std::string_view lines, std::string_view name) noexcept {
    std::string_view found;
    while (!lines.empty()) {
        auto const end = std::min(lines.find('\n'), lines.size());
        std::string_view const line = lines.substr(0, end);
        lines.remove_prefix(std::min(end + 1, lines.size()));
        auto const equals = line.find('=');
        if (equals != std::string_view::npos && trimmed(line.substr(0, equals)) == name)
            found = trimmed(line.substr(equals + 1));
    }
    return found;
}

bool is_on(environment const& env, profile_view const& profile, std::string_view variable, std::string_view property) {
    auto const found = find_setting(env, profile, variable, property);
    return found && found->flag();
}

} // namespace

loaded_files::~loaded_files() {
    for (auto& [name, properties] : config_.profiles)
        for (auto& [key, value] : properties) wipe(value);
}

shared_properties const* loaded_files::profile(std::string const& name) const {
    auto const found = config_.profiles.find(name);
    return found == config_.profiles.end() ? nullptr : &found->second;
}

std::optional<std::string> variable(environment const& env, char const* name) {
    auto value = env.variable(name);
    if (value && trimmed(*value).empty()) value.reset();
    return value;
}

std::string property(shared_properties const& properties, std::string_view name) {
    auto const found = properties.find(name);
    return found == properties.end() || trimmed(found->second).empty() ? std::string() : found->second;
}

std::string file_names(environment const& env) {
    shared_file_paths const paths = locate_shared_files(env);
    if (paths.credentials.empty() && paths.config.empty()) return "the shared files (no HOME, so there are none)";
    if (paths.credentials.empty()) return paths.config;
    if (paths.config.empty()) return paths.credentials;
    return paths.credentials + " and " + paths.config;
}

bool is_true(std::string_view text) noexcept { return dynasio::detail::is_equal_but_case(trimmed(text), "true"); }

std::string_view trimmed(std::string_view text) noexcept {
    auto const first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (char const c : text.substr(0, longest_quote)) out += c >= ' ' && c < 0x7f && c != '"' ? c : '?';
    return out + (text.size() > longest_quote ? "…\"" : "\"");
}

profile_view view_profile(shared_config const& files, std::string const& name) {
    profile_view view;
    view.name = name;
    auto const profile = files.profiles.find(name);
    if (profile == files.profiles.end()) return view;
    view.properties = &profile->second;
    auto const services = profile->second.find("services");
    if (services == profile->second.end()) return view;
    auto const section = files.services.find(std::string(trimmed(services->second)));
    if (section != files.services.end()) view.services = &section->second;
    return view;
}

std::optional<aws::setting> find_setting(environment const& env, profile_view const& profile, std::string_view variable,
                                         std::string_view property) {
    if (!variable.empty()) {
        std::string name(variable);
        if (auto const value = env.variable(name))
            if (std::string_view const text = trimmed(*value); !text.empty())
                return aws::setting{std::string(text), std::move(name)};
    }
    if (profile.properties == nullptr) return std::nullopt;
    auto const found = profile.properties->find(property);
    if (found == profile.properties->end() || trimmed(found->second).empty()) return std::nullopt;
    return aws::setting{std::string(trimmed(found->second)),
                        std::string(property) + " of profile " + quoted(profile.name)};
}

std::string setting(environment const& env, std::string_view variable, shared_properties const* properties,
                    std::string_view property) {
    profile_view profile;
    profile.properties = properties;
    auto found = find_setting(env, profile, variable, property);
    return found ? std::move(found->value) : std::string();
}

std::optional<aws::setting> configured_endpoint(environment const& env, profile_view const& profile,
                                                std::string_view service, std::optional<bool> ignore) {
    if (!ignore) ignore = is_on(env, profile, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls");
    if (*ignore) return std::nullopt;

    std::string name = "AWS_ENDPOINT_URL_";
    for (char const c : service) name += upper(c);
    if (auto found = find_setting(env, profile, name)) return found;
    if (auto found = find_setting(env, profile, "AWS_ENDPOINT_URL")) return found;
    if (profile.services != nullptr)
        if (auto const found = profile.services->find(service); found != profile.services->end())
            if (std::string_view const url = sub_property(found->second, "endpoint_url"); !url.empty())
                return aws::setting{std::string(url), "endpoint_url of " + std::string(service) +
                                                          " in the services of profile " + quoted(profile.name)};
    return find_setting(env, profile, {}, "endpoint_url");
}

std::string required_region(environment const& env, loaded_files const& files, std::string const& profile,
                            std::string region) {
    if (region.empty()) region = variable(env, "AWS_REGION").value_or("");
    if (region.empty()) region = setting(env, "AWS_DEFAULT_REGION", files.profile(profile), "region");
    if (region.empty())
        throw_error(errc::no_region, "no region for the request that gives credentials: set AWS_REGION, or region in "
                                     "profile \"" +
                                         profile + "\"");
    if (!is_region_name(region))
        throw_error(errc::invalid_configuration,
                    "region: not the name of a region (a-z, 0-9 and '-', like \"eu-west-1\")");
    return region;
}

std::string regional_endpoint(provider_service service, std::string_view region, bool fips, bool dual_stack) {
    partition const& in = partition_of(region);
    bool const government = in.id == "aws-us-gov";
    if (service == provider_service::signin) {
        std::string_view domain = "signin.aws.amazon.com";
        if (in.id == "aws-cn") domain = "signin.amazonaws.cn";
        if (government) domain = "signin.amazonaws-us-gov.com";
        return "https://" + std::string(region) + '.' + std::string(domain);
    }
    std::string url = "https://";
    url += names_of(service).host;
    // In the government's regions the plain hosts conform to FIPS and there are no "-fips" hosts.
    if (fips && (dual_stack || !government)) url += "-fips";
    url += '.';
    url += region;
    url += '.';
    url += dual_stack ? in.dual_stack_suffix : in.dns_suffix;
    return url;
}

std::string service_endpoint(environment const& env, loaded_files const& files, std::string const& profile_name,
                             provider_service service, std::string_view region) {
    std::string_view const name = names_of(service).setting;
    profile_view const profile = view_profile(files.get(), profile_name);
    std::string url;
    std::string source = "endpoint of " + std::string(name);
    if (auto found = configured_endpoint(env, profile, name, std::nullopt)) {
        url = std::move(found->value);
        source = std::move(found->source);
    } else {
        bool const fips = is_on(env, profile, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
        bool const dual_stack = is_on(env, profile, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
        url = regional_endpoint(service, region, fips, dual_stack);
    }
    try {
        (void)http::url::parse(url);
    } catch (error const& e) {
        throw_error(errc::invalid_configuration, source + ": " + e.info().message);
    }
    while (url.ends_with('/')) url.pop_back();
    return url;
}

} // namespace dynasio::aws::detail
