#ifndef DYNASIO_SRC_AWS_SETTINGS_HPP
#define DYNASIO_SRC_AWS_SETTINGS_HPP

#include <dynasio/aws/client_settings.hpp>
#include <dynasio/aws/environment.hpp>
#include <dynasio/aws/shared_config.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace dynasio::aws::detail {

/// The content of the shared files. The destructor wipes their secrets.
class loaded_files {
public:
    explicit loaded_files(environment const& env) : config_(load_shared_config(env)) {}
    explicit loaded_files(shared_config config) noexcept : config_(std::move(config)) {}
    ~loaded_files();
    loaded_files(loaded_files const&) = delete;
    loaded_files& operator=(loaded_files const&) = delete;

    [[nodiscard]] shared_config const& get() const noexcept { return config_; }
    /// nullptr when there is no such profile.
    [[nodiscard]] shared_properties const* profile(std::string const& name) const;

private:
    shared_config config_;
};

/// The value of a variable; nothing when it is unset or blank.
[[nodiscard]] std::optional<std::string> variable(environment const& env, char const* name);
/// The value of a property; empty when the profile does not have it or it is blank.
[[nodiscard]] std::string property(shared_properties const& properties, std::string_view name);
/// The paths of both shared files for messages: "~/.aws/credentials and ~/.aws/config".
[[nodiscard]] std::string file_names(environment const& env);
/// Whether `text` is "true" in any case.
[[nodiscard]] bool is_true(std::string_view text) noexcept;
/// `text` without blanks at its ends.
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;
/// The printable characters of `text` in quotation marks, cut when long, for messages.
[[nodiscard]] std::string quoted(std::string_view text);

/// The settings of a profile. A section that does not exist is nullptr.
struct profile_view {
    std::string_view name{};
    shared_properties const* properties = nullptr;
    shared_properties const* services = nullptr; ///< The section that the profile's property "services" names.
};
/// The view refers to `files` and `name`, which must outlive it.
[[nodiscard]] profile_view view_profile(shared_config const& files, std::string const& name);
profile_view view_profile(shared_config const& files, std::string&& name) = delete;

/// The variable, else the property of the profile; blank ones and empty names count as absent.
[[nodiscard]] std::optional<aws::setting> find_setting(environment const& env, profile_view const& profile,
                                                       std::string_view variable, std::string_view property = {});
/// The variable, else the property; empty when neither is set. `properties` may be nullptr.
[[nodiscard]] std::string setting(environment const& env, std::string_view variable,
                                  shared_properties const* properties, std::string_view property);
/// Implements client_settings::configured_endpoint().
[[nodiscard]] std::optional<aws::setting> configured_endpoint(environment const& env, profile_view const& profile,
                                                              std::string_view service, std::optional<bool> ignore);

/// `region` when it is not empty, else the region as in resolve_region(). Throws errc::no_region when there is none and
/// errc::invalid_configuration when it cannot be part of a host name.
[[nodiscard]] std::string required_region(environment const& env, loaded_files const& files, std::string const& profile,
                                          std::string region);

/// The services that providers send requests to.
enum class provider_service { sts, sso, sso_oidc, signin };

/// "https://sts.eu-west-1.amazonaws.com". `region` has been checked.
[[nodiscard]] std::string regional_endpoint(provider_service service, std::string_view region, bool fips,
                                            bool dual_stack);

/// The configured endpoint, without a slash at the end, else the region's. Throws errc::invalid_configuration when it
/// is not a URL, or when a switch is neither true nor false.
[[nodiscard]] std::string service_endpoint(environment const& env, loaded_files const& files,
                                           std::string const& profile, provider_service service,
                                           std::string_view region);

} // namespace dynasio::aws::detail

#endif
