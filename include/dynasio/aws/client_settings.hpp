#ifndef DYNASIO_AWS_CLIENT_SETTINGS_HPP
#define DYNASIO_AWS_CLIENT_SETTINGS_HPP

#include <dynasio/aws/environment.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace dynasio::aws {

/// A value that the environment or a profile sets, and its source.
struct setting {
    std::string value{};  ///< Without blanks around it; never empty.
    std::string source{}; ///< "AWS_MAX_ATTEMPTS", or "max_attempts of profile "x"": for error messages.

    [[nodiscard]] std::string lower_case() const; ///< The value with ASCII letters in lower case.
    /// "true" or "false", whatever the case. Throws errc::invalid_configuration for anything else.
    [[nodiscard]] bool flag() const;
    /// A number from 1 to 1,000,000. Throws errc::invalid_configuration for anything else.
    [[nodiscard]] unsigned count() const;
    /// Throws errc::invalid_configuration: source, value (its printable characters, cut when long) and `why`. For
    /// values that are no secrets.
    [[noreturn]] void refuse(std::string_view why) const;
};

/// The settings of the environment and of one profile of the shared files, with AWS's precedence: a variable comes
/// before the profile. The constructor reads the files once; secrets are not kept.
class client_settings {
public:
    /// `profile` empty means AWS_PROFILE, else "default". Throws errc::invalid_configuration when a file cannot be
    /// understood, or when `profile` does not exist. When AWS_PROFILE names a profile that does not exist, it has no
    /// settings; see require_profile(). `env` must outlive the object.
    explicit client_settings(environment const& env, std::string profile = {});
    ~client_settings();
    client_settings(client_settings&&) noexcept;
    client_settings& operator=(client_settings&&) = delete;

    /// The value of the variable, else of the profile's property. A blank value counts as absent; an empty name is not
    /// looked up.
    [[nodiscard]] std::optional<setting> find(std::string_view variable, std::string_view property = {}) const;

    /// The endpoint configured for a service ("dynamodb"), in this order: AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL,
    /// endpoint_url of the service in the profile's services section, endpoint_url of the profile. Nothing when none is
    /// set, or when AWS_IGNORE_CONFIGURED_ENDPOINT_URLS or the profile's ignore_configured_endpoint_urls is true;
    /// `ignore`, given in code, takes precedence over these two.
    [[nodiscard]] std::optional<setting> configured_endpoint(std::string_view service,
                                                             std::optional<bool> ignore = {}) const;

    /// For a setting that is needed and was found nowhere: throws errc::invalid_configuration when AWS_PROFILE names a
    /// profile that does not exist, because the setting would be there. (The variable may be left over from another
    /// program, so a program to which nothing is missing is not refused.)
    void require_profile() const;

private:
    struct content;
    std::unique_ptr<content> content_;
};

} // namespace dynasio::aws

#endif
