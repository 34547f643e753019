#include <dynasio/aws/credentials.hpp>
#include <dynasio/aws/shared_config.hpp>

#include <dynasio/core/error.hpp>

#include <ostream>
#include <utility>
#include <variant>

#include "profile_plan.hpp"
#include "settings.hpp"
#include "wipe.hpp"

namespace dynasio::aws {
namespace {

using detail::variable;

[[noreturn]] void fail(std::string message) { throw_error(errc::no_credentials, std::move(message)); }

boost::asio::awaitable<credentials> give(credentials value) { co_return value; }

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
    // The old value is wiped first, because a move may swap the old buffer into `other` or free it without wiping.
    wipe(secret_access_key_);
    secret_access_key_ = take_secret(other.secret_access_key_);
    wipe(session_token_);
    session_token_ = take_secret(other.session_token_);
    return *this;
}

std::ostream& operator<<(std::ostream& out, credentials const& value) {
    return out << "credentials(" << value.access_key_id_ << ')';
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
    detail::loaded_files const files(env);
    if (!named && files.profile(profile) == nullptr) return std::nullopt;
    std::string const where = detail::file_names(env);
    auto plan = detail::plan_profile(files.get(), profile, where);
    if (!plan) return std::nullopt;
    auto* const keys = std::get_if<credentials>(&plan->base);
    if (keys == nullptr || !plan->roles.empty())
        fail("profile \"" + profile + "\" in " + where +
             " has no keys of its own, but a role or another source to ask: use profile_credentials()");
    return std::move(*keys);
}

credentials_provider static_credentials(credentials value) {
    return [value = std::move(value)] { return give(value); };
}

std::optional<std::string> resolve_region(environment const& env, std::string profile) {
    if (auto region = variable(env, "AWS_REGION")) return region;
    if (auto region = variable(env, "AWS_DEFAULT_REGION")) return region;
    detail::loaded_files const files(env);
    shared_properties const* const properties = files.profile(select_profile(env, std::move(profile)));
    if (properties == nullptr) return std::nullopt;
    std::string region = detail::property(*properties, "region");
    if (region.empty()) return std::nullopt;
    return region;
}

} // namespace dynasio::aws
