#include "settings.hpp"

#include <dynasio/http/url.hpp>

#include <dynasio/aws/credentials.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "wipe.hpp"

namespace dynasio::aws::detail {
namespace {

constexpr std::string_view blanks = " \t\r\n";

struct partition {
    std::string_view region_prefix;
    std::string_view suffix;
    std::string_view dual_stack_suffix;
};
constexpr partition partitions[] = {
    {"cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
    {"eusc-", "amazonaws.eu", "api.amazonwebservices.eu"},
    {"us-iso-", "c2s.ic.gov", "api.aws.ic.gov"},
    {"us-isob-", "sc2s.sgov.gov", "api.aws.scloud"},
    {"eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
    {"us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
};
constexpr partition main_partition{"", "amazonaws.com", "api.aws"};

struct service_names {
    std::string_view host;
    char const* variable;
    std::string_view section; ///< Its name in a [services] section.
};

service_names names_of(provider_service service) noexcept {
    switch (service) {
    case provider_service::sts:
        return {"sts", "AWS_ENDPOINT_URL_STS", "sts"};
    case provider_service::sso:
        return {"portal.sso", "AWS_ENDPOINT_URL_SSO", "sso"};
    case provider_service::sso_oidc:
        return {"oidc", "AWS_ENDPOINT_URL_SSO_OIDC", "sso_oidc"};
    case provider_service::signin:
        break;
    }
    return {"signin", "AWS_ENDPOINT_URL_SIGNIN", "signin"};
}

std::string_view trim(std::string_view text) noexcept {
    auto const first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

/// The value of one of the lines "name = value" that a property with sub-properties consists of.
std::string sub_property(std::string_view lines, std::string_view name) {
    std::string found;
    while (!lines.empty()) {
        auto const end = std::min(lines.find('\n'), lines.size());
        auto const line = lines.substr(0, end);
        lines.remove_prefix(std::min(end + 1, lines.size()));
        auto const equals = line.find('=');
        if (equals != std::string_view::npos && trim(line.substr(0, equals)) == name)
            found = trim(line.substr(equals + 1));
    }
    return found;
}

std::string from_services_section(loaded_files const& files, shared_properties const& properties,
                                  std::string_view service) {
    auto const& sections = files.get().services;
    auto const section = sections.find(property(properties, "services"));
    return section == sections.end() ? std::string() : sub_property(property(section->second, service), "endpoint_url");
}

std::string configured_endpoint(environment const& env, loaded_files const& files, std::string const& profile,
                                service_names const& names) {
    shared_properties const* const properties = files.profile(profile);
    if (is_true(setting(env, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", properties, "ignore_configured_endpoint_urls")))
        return {};
    if (auto url = variable(env, names.variable)) return *url;
    if (auto url = variable(env, "AWS_ENDPOINT_URL")) return *url;
    if (properties == nullptr) return {};
    std::string url = from_services_section(files, *properties, names.section);
    return url.empty() ? property(*properties, "endpoint_url") : url;
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
    if (value && trim(*value).empty()) value.reset();
    return value;
}

std::string property(shared_properties const& properties, std::string_view name) {
    auto const found = properties.find(name);
    return found == properties.end() || trim(found->second).empty() ? std::string() : found->second;
}

std::string file_names(environment const& env) {
    shared_file_paths const paths = locate_shared_files(env);
    if (paths.credentials.empty() && paths.config.empty()) return "the shared files (no HOME, so there are none)";
    if (paths.credentials.empty()) return paths.config;
    if (paths.config.empty()) return paths.credentials;
    return paths.credentials + " and " + paths.config;
}

bool is_true(std::string_view text) noexcept {
    constexpr std::string_view word = "true";
    text = trim(text);
    return text.size() == word.size() && std::equal(text.begin(), text.end(), word.begin(), [](char a, char b) {
               return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b;
           });
}

std::string setting(environment const& env, char const* name, shared_properties const* properties,
                    std::string_view property_name) {
    if (auto value = variable(env, name)) return *value;
    return properties == nullptr ? std::string() : property(*properties, property_name);
}

std::string required_region(environment const& env, loaded_files const& files, std::string const& profile,
                            std::string region) {
    if (region.empty()) region = variable(env, "AWS_REGION").value_or("");
    if (region.empty()) region = setting(env, "AWS_DEFAULT_REGION", files.profile(profile), "region");
    if (region.empty())
        throw_error(errc::no_region, "no region for the request that gives credentials: set AWS_REGION, or region in "
                                     "profile \"" +
                                         profile + "\"");
    bool const good = region.size() <= 63 && region.front() != '-' && region.back() != '-' &&
                      std::all_of(region.begin(), region.end(),
                                  [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
    if (!good)
        throw_error(errc::invalid_configuration,
                    "region: not the name of a region (a-z, 0-9 and '-', like \"eu-west-1\")");
    return region;
}

std::string regional_endpoint(provider_service service, std::string_view region, bool fips, bool dual_stack) {
    bool const government = region.starts_with("us-gov-");
    if (service == provider_service::signin) {
        std::string_view domain = "signin.aws.amazon.com";
        if (region.starts_with("cn-")) domain = "signin.amazonaws.cn";
        if (government) domain = "signin.amazonaws-us-gov.com";
        return "https://" + std::string(region) + '.' + std::string(domain);
    }
    partition in = main_partition;
    for (partition const& p : partitions)
        if (region.starts_with(p.region_prefix)) in = p;
    std::string url = "https://";
    url += names_of(service).host;
    // The plain hosts of the government's regions conform to FIPS, and there are no others.
    if (fips && (dual_stack || !government)) url += "-fips";
    url += '.';
    url += region;
    url += '.';
    url += dual_stack ? in.dual_stack_suffix : in.suffix;
    return url;
}

std::string service_endpoint(environment const& env, loaded_files const& files, std::string const& profile,
                             provider_service service, std::string_view region) {
    service_names const names = names_of(service);
    std::string url = configured_endpoint(env, files, profile, names);
    if (url.empty()) {
        shared_properties const* const properties = files.profile(profile);
        url = regional_endpoint(
            service, region, is_true(setting(env, "AWS_USE_FIPS_ENDPOINT", properties, "use_fips_endpoint")),
            is_true(setting(env, "AWS_USE_DUALSTACK_ENDPOINT", properties, "use_dualstack_endpoint")));
    }
    try {
        (void)http::url::parse(url);
    } catch (error const& e) {
        throw_error(errc::invalid_configuration,
                    std::string("endpoint of ") + std::string(names.section) + ": " + e.info().message);
    }
    while (url.ends_with('/')) url.pop_back();
    return url;
}

} // namespace dynasio::aws::detail
