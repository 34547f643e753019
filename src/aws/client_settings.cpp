#include <dynasio/aws/client_settings.hpp>
#include <dynasio/aws/shared_config.hpp>

#include <dynasio/core/error.hpp>

#include <charconv>
#include <utility>

#include "../core/ascii.hpp"
#include "settings.hpp"
#include "wipe.hpp"

namespace dynasio::aws {
namespace {

/// Wipes all values of a section. Only settings that are not secret are kept beyond the constructor.
void wipe_values(shared_properties& properties) noexcept {
    for (auto& [name, value] : properties) wipe(value);
}

bool is_secret(std::string_view name) noexcept {
    return name.find("secret") != std::string_view::npos || name.find("token") != std::string_view::npos ||
           name.find("key") != std::string_view::npos || name.find("process") != std::string_view::npos;
}

[[noreturn]] void refuse_profile(std::string const& chooser, std::string const& name) {
    throw_error(errc::invalid_configuration,
                chooser + " is " + detail::quoted(name) +
                    ", but neither of the shared files has this profile: name another, or add it");
}

} // namespace

std::string setting::lower_case() const { return dynasio::detail::to_lower(value); }

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
    throw_error(errc::invalid_configuration, source + " is " + detail::quoted(value) + ": " + std::string(why));
}

struct client_settings::content {
    environment const* env = nullptr;
    std::string profile_name;
    shared_properties profile;
    shared_properties services;
    bool missing = false; ///< AWS_PROFILE names a profile that does not exist.

    [[nodiscard]] detail::profile_view view() const noexcept {
        detail::profile_view view;
        view.name = profile_name;
        view.properties = &profile;
        view.services = &services;
        return view;
    }
};

client_settings::client_settings(environment const& env, std::string profile) : content_(std::make_unique<content>()) {
    bool const given = !profile.empty();
    content_->env = &env;
    content_->profile_name = select_profile(env, std::move(profile));
    shared_config files = load_shared_config(env);
    detail::profile_view const chosen = detail::view_profile(files, content_->profile_name);
    bool const exists = chosen.properties != nullptr;
    if (exists) content_->profile = *chosen.properties;
    if (chosen.services != nullptr) content_->services = *chosen.services;
    for (auto& [name, properties] : files.profiles) wipe_values(properties);
    for (auto& [name, value] : content_->profile)
        if (is_secret(name)) wipe(value);
    if (exists) return;
    if (given) refuse_profile("client_options::profile", content_->profile_name);
    content_->missing = detail::variable(env, "AWS_PROFILE").has_value();
}

void client_settings::require_profile() const {
    if (content_->missing) refuse_profile("AWS_PROFILE", content_->profile_name);
}

client_settings::~client_settings() = default;
client_settings::client_settings(client_settings&&) noexcept = default;

std::optional<setting> client_settings::find(std::string_view variable, std::string_view property) const {
    return detail::find_setting(*content_->env, content_->view(), variable, property);
}

std::optional<setting> client_settings::configured_endpoint(std::string_view service,
                                                            std::optional<bool> ignore) const {
    return detail::configured_endpoint(*content_->env, content_->view(), service, ignore);
}

} // namespace dynasio::aws
