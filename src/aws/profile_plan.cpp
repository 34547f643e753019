#include "profile_plan.hpp"

#include <dynasio/aws/detail/region.hpp>

#include <dynasio/core/clock.hpp>
#include <dynasio/core/error.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <string_view>
#include <system_error>
#include <utility>

#include "settings.hpp"
#include "wipe.hpp"

namespace dynasio::aws::detail {
namespace {

class planner {
public:
    planner(shared_config const& config, std::string const& where) : config_(config), where_(where) {}

    std::optional<profile_plan> plan(std::string const& selected) {
        profile_plan result;
        std::vector<std::string> visited;
        std::string name = selected;
        for (;;) {
            shared_properties const& properties = find(name, visited);
            if (std::find(visited.begin(), visited.end(), name) != visited.end())
                fail(selected, "leads through source_profile back to profile \"" + name + "\": break the circle");
            visited.push_back(name);
            // For a profile that another one names as its source, static keys take precedence over a role.
            if (visited.size() > 1 && has_keys(properties)) {
                result.base = keys(name, properties);
                break;
            }
            if (property(properties, "role_arn").empty() || !property(properties, "web_identity_token_file").empty()) {
                if (!set_base(result, name, properties)) {
                    if (visited.size() == 1) return std::nullopt;
                    fail(name, "is the source of a role, but has no credentials: add some");
                }
                break;
            }
            result.roles.push_back(role(name, properties));
            std::string source = property(properties, "source_profile");
            std::string const named = property(properties, "credential_source");
            if (!source.empty() && !named.empty())
                fail(name, "has both source_profile and credential_source: remove one");
            if (source.empty() && named.empty())
                fail(name, "has role_arn, but neither source_profile nor credential_source nor "
                           "web_identity_token_file: add one");
            if (!named.empty()) {
                result.base = named_source_of(name, named);
                break;
            }
            if (source == name) {
                if (!has_keys(properties)) {
                    refuse_half_keys(name, properties);
                    fail(name, "is its own source_profile, but has no keys: add them, or name another");
                }
                result.base = keys(name, properties);
                break;
            }
            name = std::move(source);
        }
        std::reverse(result.roles.begin(), result.roles.end());
        return result;
    }

private:
    [[noreturn]] void fail(std::string const& profile, std::string_view what) const {
        throw_error(errc::no_credentials, "profile \"" + profile + "\" in " + where_ + " " + std::string(what));
    }

    shared_properties const& find(std::string const& name, std::vector<std::string> const& visited) const {
        auto const found = config_.profiles.find(name);
        if (found != config_.profiles.end()) return found->second;
        if (visited.empty()) fail(name, "does not exist: name another, or add it");
        fail(visited.back(), "names source_profile \"" + name + "\", which does not exist: add it");
    }

    static bool has_keys(shared_properties const& properties) {
        std::string secret = property(properties, "aws_secret_access_key");
        wipe_at_exit const wipe_secret(secret);
        return !property(properties, "aws_access_key_id").empty() && !secret.empty();
    }

    void refuse_half_keys(std::string const& name, shared_properties const& properties) const {
        bool const id = properties.find("aws_access_key_id") != properties.end() &&
                        !property(properties, "aws_access_key_id").empty();
        std::string secret = property(properties, "aws_secret_access_key");
        wipe_at_exit const wipe_secret(secret);
        if (id && secret.empty()) fail(name, "has aws_access_key_id, but no aws_secret_access_key: add it");
        if (!id && !secret.empty()) fail(name, "has aws_secret_access_key, but no aws_access_key_id: add it");
    }

    static credentials keys(std::string const&, shared_properties const& properties) {
        std::string secret = property(properties, "aws_secret_access_key");
        std::string token = property(properties, "aws_session_token");
        wipe_at_exit const wipe_secret(secret);
        wipe_at_exit const wipe_token(token);
        credentials result(property(properties, "aws_access_key_id"), take_secret(secret), take_secret(token));
        result.account_id = property(properties, "aws_account_id");
        return result;
    }

    assume_role_options role(std::string const& name, shared_properties const& properties) const {
        if (!property(properties, "mfa_serial").empty())
            fail(name, "assumes a role with mfa_serial, and nobody can be asked for the code here: get temporary "
                       "credentials with the AWS CLI, or pass a provider of your own");
        assume_role_options result;
        result.role_arn = property(properties, "role_arn");
        result.role_session_name = property(properties, "role_session_name");
        result.external_id = property(properties, "external_id");
        result.duration = duration(name, properties);
        return result;
    }

    std::chrono::seconds duration(std::string const& name, shared_properties const& properties) const {
        std::string const text = property(properties, "duration_seconds");
        if (text.empty()) return std::chrono::seconds(0);
        int seconds = 0;
        auto const [end, failed] = std::from_chars(text.data(), text.data() + text.size(), seconds);
        if (failed != std::errc() || end != text.data() + text.size() || seconds < 900 || seconds > 43'200)
            fail(name, "has a duration_seconds that is no number from 900 to 43200: change it");
        return std::chrono::seconds(seconds);
    }

    named_source named_source_of(std::string const& name, std::string_view text) const {
        if (text == "Environment") return named_source::environment;
        if (text == "Ec2InstanceMetadata") return named_source::instance_metadata;
        if (text == "EcsContainer") return named_source::container;
        fail(name, "has a credential_source that is not Environment, Ec2InstanceMetadata or EcsContainer: change it");
    }

    /// Sets the base of the plan; returns false when the profile asks for no credentials.
    bool set_base(profile_plan& plan, std::string const& name, shared_properties const& properties) const {
        if (std::string file = property(properties, "web_identity_token_file"); !file.empty()) {
            web_identity_options options;
            options.role_arn = property(properties, "role_arn");
            if (options.role_arn.empty()) fail(name, "has web_identity_token_file, but no role_arn: add it");
            options.token_file = std::move(file);
            options.role_session_name = property(properties, "role_session_name");
            options.duration = duration(name, properties);
            plan.base = std::move(options);
            return true;
        }
        refuse_half_keys(name, properties);
        if (has_keys(properties)) {
            plan.base = keys(name, properties);
            return true;
        }
        if (auto options = sso(name, properties)) {
            plan.base = std::move(*options);
            return true;
        }
        if (std::string session = property(properties, "login_session"); !session.empty()) {
            login_options options;
            options.session = std::move(session);
            plan.base = std::move(options);
            return true;
        }
        if (std::string command = property(properties, "credential_process"); !command.empty()) {
            process_options options;
            options.command = std::move(command);
            options.account_id = property(properties, "aws_account_id");
            plan.base = std::move(options);
            return true;
        }
        return false;
    }

    std::optional<sso_options> sso(std::string const& name, shared_properties const& properties) const {
        sso_options options;
        options.session = property(properties, "sso_session");
        options.start_url = property(properties, "sso_start_url");
        options.region = property(properties, "sso_region");
        options.account_id = property(properties, "sso_account_id");
        options.role_name = property(properties, "sso_role_name");
        bool const any = !options.session.empty() || !options.start_url.empty() || !options.account_id.empty() ||
                         !options.role_name.empty();
        if (!any) return std::nullopt;
        if (!options.session.empty()) read_session(name, options);
        if (options.role_name.empty() != options.account_id.empty())
            fail(name, "has one of sso_account_id and sso_role_name, but not the other: add it");
        if (options.start_url.empty()) fail(name, "asks for SSO, but there is no sso_start_url: add it");
        if (options.region.empty()) fail(name, "asks for SSO, but there is no sso_region: add it");
        if (!is_region_name(options.region))
            fail(name, "has the sso_region \"" + options.region + "\", which is no name of a region: correct it");
        return options;
    }

    void read_session(std::string const& name, sso_options& options) const {
        auto const found = config_.sso_sessions.find(options.session);
        if (found == config_.sso_sessions.end())
            fail(name, "names sso_session \"" + options.session + "\", which does not exist: add [sso-session " +
                           options.session + "]");
        auto const take = [&](std::string& value, std::string_view key) {
            std::string of_session = property(found->second, key);
            if (of_session.empty())
                fail(name, "names sso_session \"" + options.session + "\", which has no " + std::string(key) +
                               ": add it there");
            if (!value.empty() && value != of_session)
                fail(name, "has another " + std::string(key) + " than its sso-session: remove it from the profile");
            value = std::move(of_session);
        };
        take(options.region, "sso_region");
        take(options.start_url, "sso_start_url");
    }

    shared_config const& config_;
    std::string const& where_;
};

/// Hashes all members of the plan. Structures are decomposed by structured bindings, so that a member that is added
/// later does not compile until it is hashed, too.
class plan_hash {
public:
    plan_hash() { hash_.begin(); }

    void add(std::string_view text) {
        // The length is hashed first, so that adjacent texts cannot be confused ("ab", "c" and "a", "bc").
        add(text.size());
        hash_.add(text);
    }
    void add(std::size_t number) { hash_.add(&number, sizeof number); }
    template <class Rep, class Period> void add(std::chrono::duration<Rep, Period> time) {
        add(static_cast<std::size_t>(time.count()));
    }
    void add(named_source source) { add(static_cast<std::size_t>(source)); }
    void add(credentials const& keys) {
        // credentials has private members and cannot be decomposed, so this structure lists them.
        struct members {
            std::optional<system_time> expires_at;
            std::string account_id, access_key_id, secret_access_key, session_token;
        };
        static_assert(sizeof(credentials) == sizeof(members), "count the new member in");
        add(keys.access_key_id());
        add(keys.secret_access_key());
        add(keys.session_token());
        add(keys.account_id);
        add(keys.expires_at ? keys.expires_at->time_since_epoch() : system_time::duration(0));
    }
    void add(process_options const& options) {
        auto const& [command, timeout, max_output, account_id] = options;
        add_all(command, timeout, max_output, account_id);
    }
    void add(web_identity_options const& options) {
        auto const& [role_arn, token_file, role_session_name, duration] = options;
        add_all(role_arn, token_file, role_session_name, duration);
    }
    void add(sso_options const& options) {
        auto const& [session, start_url, region, account_id, role_name] = options;
        add_all(session, start_url, region, account_id, role_name);
    }
    void add(login_options const& options) {
        auto const& [session] = options;
        add(session);
    }
    void add(assume_role_options const& options) {
        auto const& [role_arn, role_session_name, external_id, duration] = options;
        add_all(role_arn, role_session_name, external_id, duration);
    }

    [[nodiscard]] digest end() {
        digest result{};
        hash_.end(result);
        return result;
    }

private:
    template <class... Members> void add_all(Members const&... members) { (add(members), ...); }

    sha256 hash_{};
};

} // namespace

std::optional<profile_plan> plan_profile(shared_config const& config, std::string const& profile,
                                         std::string const& where) {
    return planner(config, where).plan(profile);
}

digest fingerprint(profile_plan const& plan) {
    auto const& [base, roles] = plan;
    plan_hash hash;
    hash.add(base.index());
    std::visit([&hash](auto const& of_base) { hash.add(of_base); }, base);
    for (assume_role_options const& role : roles) hash.add(role);
    return hash.end();
}

} // namespace dynasio::aws::detail
