#include <dynasio/aws/credentials.hpp>
#include <dynasio/aws/shared_config.hpp>

#include <dynasio/core/error.hpp>

#include <string_view>
#include <utility>

#include "wipe.hpp"

namespace dynasio::aws {
namespace {

bool is_blank(std::string const& text) noexcept { return text.find_first_not_of(" \t\r\n") == std::string::npos; }

std::optional<std::string> variable(environment const& env, char const* name) {
    auto value = env.variable(name);
    if (value && is_blank(*value)) value.reset();
    return value;
}

/// What a profile can ask for that needs more than its own two keys.
constexpr std::string_view role_sources[] = {"role_arn", "web_identity_token_file"};
constexpr std::string_view other_sources[] = {"sso_session", "sso_start_url", "sso_account_id", "credential_process",
                                              "login_session"};

/// The shared files with their secrets wiped in the end.
class loaded_files {
public:
    explicit loaded_files(environment const& env) : config_(load_shared_config(env)) {}
    ~loaded_files() {
        for (auto& [name, properties] : config_.profiles)
            for (auto& [key, value] : properties) wipe(value);
    }
    loaded_files(loaded_files const&) = delete;
    loaded_files& operator=(loaded_files const&) = delete;

    shared_properties const* find(std::string const& profile) const {
        auto const found = config_.profiles.find(profile);
        return found == config_.profiles.end() ? nullptr : &found->second;
    }

private:
    shared_config config_;
};

/// Empty when the profile has no such property, or a blank one.
std::string property(shared_properties const& properties, std::string_view name) {
    auto const found = properties.find(name);
    return found == properties.end() || is_blank(found->second) ? std::string() : found->second;
}

std::string file_names(environment const& env) {
    shared_file_paths const paths = locate_shared_files(env);
    if (paths.credentials.empty() && paths.config.empty()) return "the shared files (no HOME, so there are none)";
    if (paths.credentials.empty()) return paths.config;
    if (paths.config.empty()) return paths.credentials;
    return paths.credentials + " and " + paths.config;
}

[[noreturn]] void fail(std::string message) { throw_error(errc::no_credentials, std::move(message)); }

boost::asio::awaitable<credentials> give(credentials value) { co_return value; }

boost::asio::awaitable<credentials> resolve_in_process(std::string profile) {
    co_return resolve_credentials(environment::process(), std::move(profile));
}

} // namespace

credentials::credentials(std::string access_key_id, std::string secret_access_key, std::string session_token)
    : access_key_id_(std::move(access_key_id)), secret_access_key_(take_secret(secret_access_key)),
      session_token_(take_secret(session_token)) {}

credentials::~credentials() {
    wipe(secret_access_key_);
    wipe(session_token_);
}

credentials::credentials(credentials&& other) noexcept
    : expires_at(std::exchange(other.expires_at, std::nullopt)), account_id(std::exchange(other.account_id, {})),
      access_key_id_(std::move(other.access_key_id_)), secret_access_key_(take_secret(other.secret_access_key_)),
      session_token_(take_secret(other.session_token_)) {
    other.access_key_id_.clear();
}

credentials& credentials::operator=(credentials const& other) {
    if (this != &other) *this = credentials(other);
    return *this;
}

credentials& credentials::operator=(credentials&& other) noexcept {
    if (this == &other) return *this;
    expires_at = std::exchange(other.expires_at, std::nullopt);
    account_id = std::exchange(other.account_id, {});
    access_key_id_ = std::move(other.access_key_id_);
    other.access_key_id_.clear();
    // Wiped before: a move may hand the old buffer to `other`, or free it as it is.
    wipe(secret_access_key_);
    secret_access_key_ = take_secret(other.secret_access_key_);
    wipe(session_token_);
    session_token_ = take_secret(other.session_token_);
    return *this;
}

std::optional<credentials> credentials_from_environment(environment const& env) {
    auto id = variable(env, "AWS_ACCESS_KEY_ID");
    auto secret = variable(env, "AWS_SECRET_ACCESS_KEY");
    if (!id && !secret) return std::nullopt;
    if (!id) fail("AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is not: set both or neither");
    if (!secret) fail("AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not: set both or neither");
    auto token = variable(env, "AWS_SESSION_TOKEN");
    std::string token_text = token ? take_secret(*token) : std::string();
    credentials result(std::move(*id), take_secret(*secret), take_secret(token_text));
    result.account_id = variable(env, "AWS_ACCOUNT_ID").value_or(std::string());
    return result;
}

std::optional<credentials> credentials_from_profile(environment const& env, std::string profile) {
    bool const named = !profile.empty() || variable(env, "AWS_PROFILE").has_value();
    profile = select_profile(env, std::move(profile));
    loaded_files const files(env);
    shared_properties const* const properties = files.find(profile);
    auto const label = [&] { return "profile \"" + profile + "\" in " + file_names(env); };
    if (properties == nullptr) {
        if (named) fail(label() + " does not exist: name another, or add it");
        return std::nullopt;
    }
    for (std::string_view const source : role_sources)
        if (!property(*properties, source).empty())
            fail(label() + " asks for " + std::string(source) +
                 ", which this version cannot do: get the credentials in code and pass a provider");
    std::string id = property(*properties, "aws_access_key_id");
    std::string secret = property(*properties, "aws_secret_access_key");
    std::string token = property(*properties, "aws_session_token");
    wipe_at_exit const wipe_secret(secret);
    wipe_at_exit const wipe_token(token);
    if (!id.empty() && !secret.empty()) {
        credentials result(std::move(id), take_secret(secret), take_secret(token));
        result.account_id = property(*properties, "aws_account_id");
        return result;
    }
    if (!id.empty()) fail(label() + " has aws_access_key_id, but no aws_secret_access_key: add it");
    if (!secret.empty()) fail(label() + " has aws_secret_access_key, but no aws_access_key_id: add it");
    for (std::string_view const source : other_sources)
        if (!property(*properties, source).empty())
            fail(label() + " asks for " + std::string(source) +
                 ", which this version cannot do: get the credentials in code and pass a provider");
    return std::nullopt;
}

credentials resolve_credentials(environment const& env, std::string profile) {
    bool const profile_only = !profile.empty();
    if (!profile_only)
        if (auto found = credentials_from_environment(env)) return std::move(*found);
    if (auto found = credentials_from_profile(env, profile)) return std::move(*found);
    std::string message = "tried ";
    if (!profile_only) message += "the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set) and ";
    message += "profile \"" + select_profile(env, std::move(profile)) + "\" (no keys in " + file_names(env) + ")";
    fail(std::move(message));
}

credentials_provider static_credentials(credentials value) {
    return [value = std::move(value)] { return give(value); };
}

credentials_provider default_credentials(std::string profile) {
    return [profile = std::move(profile)] { return resolve_in_process(profile); };
}

std::optional<std::string> resolve_region(environment const& env, std::string profile) {
    if (auto region = variable(env, "AWS_REGION")) return region;
    if (auto region = variable(env, "AWS_DEFAULT_REGION")) return region;
    loaded_files const files(env);
    shared_properties const* const properties = files.find(select_profile(env, std::move(profile)));
    if (properties == nullptr) return std::nullopt;
    std::string region = property(*properties, "region");
    if (region.empty()) return std::nullopt;
    return region;
}

} // namespace dynasio::aws
