#include <dynasio/aws/client_settings.hpp>
#include <dynasio/aws/shared_config.hpp>

#include <dynasio/core/error.hpp>

#include <charconv>
#include <utility>

#include "wipe.hpp"

namespace dynasio::aws {
namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr std::size_t longest_quote = 60;

std::string_view trimmed(std::string_view text) noexcept {
    auto const first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

char upper(char c) noexcept {
    if (c >= 'a' && c <= 'z') return static_cast<char>(c - 'a' + 'A');
    return c == '-' || c == ' ' ? '_' : c;
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (char const c : text.substr(0, longest_quote)) out += c >= ' ' && c < 0x7f && c != '"' ? c : '?';
    return out + (text.size() > longest_quote ? "…\"" : "\"");
}

/// Of a value that consists of sub-properties: one "name = value" on each line.
std::string_view sub_property(std::string_view value, std::string_view name) noexcept {
    while (!value.empty()) {
        auto const end = value.find('\n');
        std::string_view const line = value.substr(0, end);
        value.remove_prefix(end == std::string_view::npos ? value.size() : end + 1);
        auto const equals = line.find('=');
        if (equals != std::string_view::npos && trimmed(line.substr(0, equals)) == name)
            return trimmed(line.substr(equals + 1));
    }
    return {};
}

/// Only what is not secret is kept beyond the constructor.
void wipe_values(shared_properties& properties) noexcept {
    for (auto& [name, value] : properties) wipe(value);
}

bool is_secret(std::string_view name) noexcept {
    return name.find("secret") != std::string_view::npos || name.find("token") != std::string_view::npos ||
           name.find("key") != std::string_view::npos || name.find("process") != std::string_view::npos;
}

} // namespace

std::string setting::lower_case() const {
    std::string out = value;
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

bool setting::flag() const {
    std::string const text = lower_case();
    if (text == "true") return true;
    if (text != "false") refuse("use true or false");
    return false;
}

unsigned setting::count() const {
    constexpr unsigned most = 1'000'000;
    unsigned number = 0;
    auto const [end, failed] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (failed != std::errc() || end != value.data() + value.size() || number < 1 || number > most)
        refuse("use a number from 1 to 1000000");
    return number;
}

void setting::refuse(std::string_view why) const {
    throw_error(errc::invalid_configuration, source + " is " + quoted(value) + ": " + std::string(why));
}

struct client_settings::content {
    environment const* env = nullptr;
    std::string profile_name;
    shared_properties profile;
    shared_properties services;
};

client_settings::client_settings(environment const& env, std::string profile) : content_(std::make_unique<content>()) {
    std::string_view chooser = "client_options::profile";
    bool named = !profile.empty();
    if (!named) {
        auto const variable = env.variable("AWS_PROFILE");
        named = variable && !trimmed(*variable).empty();
        chooser = "AWS_PROFILE";
    }
    content_->env = &env;
    content_->profile_name = select_profile(env, std::move(profile));
    shared_config files = load_shared_config(env);
    auto const found = files.profiles.find(content_->profile_name);
    bool const exists = found != files.profiles.end();
    if (exists) content_->profile = std::move(found->second);
    for (auto& [name, properties] : files.profiles) wipe_values(properties);
    for (auto& [name, value] : content_->profile)
        if (is_secret(name)) wipe(value);
    if (!exists && named)
        throw_error(errc::invalid_configuration,
                    std::string(chooser) + " is " + quoted(content_->profile_name) +
                        ", but neither of the shared files has this profile: name another, or add it");
    auto const services = content_->profile.find("services");
    if (services == content_->profile.end() || trimmed(services->second).empty()) return;
    std::string const section(trimmed(services->second));
    auto const section_found = files.services.find(section);
    if (section_found != files.services.end()) content_->services = std::move(section_found->second);
}

client_settings::~client_settings() = default;
client_settings::client_settings(client_settings&&) noexcept = default;

std::optional<setting> client_settings::find(std::string_view variable, std::string_view property) const {
    if (!variable.empty()) {
        std::string name(variable);
        if (auto const value = content_->env->variable(name))
            if (std::string_view const text = trimmed(*value); !text.empty())
                return setting{std::string(text), std::move(name)};
    }
    auto const found = content_->profile.find(property);
    if (found == content_->profile.end() || trimmed(found->second).empty()) return std::nullopt;
    return setting{std::string(trimmed(found->second)),
                   std::string(property) + " of profile " + quoted(content_->profile_name)};
}

std::optional<setting> client_settings::configured_endpoint(std::string_view service,
                                                            std::optional<bool> ignore) const {
    if (!ignore)
        if (auto const found = find("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls"))
            ignore = found->flag();
    if (ignore.value_or(false)) return std::nullopt;

    std::string name = "AWS_ENDPOINT_URL_";
    for (char const c : service) name += upper(c);
    if (auto found = find(name)) return found;
    if (auto found = find("AWS_ENDPOINT_URL")) return found;
    if (auto const found = content_->services.find(service); found != content_->services.end())
        if (std::string_view const url = sub_property(found->second, "endpoint_url"); !url.empty())
            return setting{std::string(url), "endpoint_url of " + std::string(service) +
                                                 " in the services of profile " + quoted(content_->profile_name)};
    return find({}, "endpoint_url");
}

} // namespace dynasio::aws
