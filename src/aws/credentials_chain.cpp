#include <dynasio/aws/providers.hpp>
#include <dynasio/aws/shared_config.hpp>

#include <dynasio/core/error.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <variant>

#include "profile_plan.hpp"
#include "provider_support.hpp"
#include "settings.hpp"

namespace dynasio::aws {
namespace detail {
namespace {

namespace asio = boost::asio;

asio::awaitable<credentials> environment_keys(shared_context context) {
    auto found = credentials_from_environment(context->env);
    if (!found)
        throw_error(errc::no_credentials, "credential_source is Environment, but AWS_ACCESS_KEY_ID and "
                                          "AWS_SECRET_ACCESS_KEY are not set: set them");
    co_return *std::move(found);
}

credentials_provider named_provider(named_source source, provider_context const& context) {
    switch (source) {
    case named_source::environment:
        return [shared = std::make_shared<provider_context const>(context)] { return environment_keys(shared); };
    case named_source::instance_metadata:
        return instance_metadata_credentials({}, context);
    case named_source::container:
        break;
    }
    return container_credentials(context);
}

/// Makes nested providers from the plan: the provider of each role calls the one before it.
credentials_provider provider_of(profile_plan plan, provider_context const& context) {
    struct visitor {
        provider_context const& ctx;
        credentials_provider operator()(credentials& keys) const { return static_credentials(std::move(keys)); }
        credentials_provider operator()(named_source source) const { return named_provider(source, ctx); }
        credentials_provider operator()(process_options& o) const { return process_credentials(std::move(o), ctx); }
        credentials_provider operator()(web_identity_options& o) const {
            return web_identity_credentials(std::move(o), ctx);
        }
        credentials_provider operator()(sso_options& o) const { return sso_credentials(std::move(o), ctx); }
        credentials_provider operator()(login_options& o) const { return login_credentials(std::move(o), ctx); }
    };
    credentials_provider provider = std::visit(visitor{context}, plan.base);
    for (assume_role_options& role : plan.roles)
        provider = assume_role_credentials(std::move(role), std::move(provider), context);
    return provider;
}

/// Keeps a profile's provider while the profile's settings are unchanged, because the provider caches tokens and source
/// credentials.
class profile_source {
public:
    explicit profile_source(shared_context context) : context_(std::move(context)) {}

    /// The profile's provider. Empty when the profile asks for no credentials; `why` is the reason then.
    [[nodiscard]] credentials_provider provider(std::string& why) {
        environment const& env = context_->env;
        std::string const profile = select_profile(env, context_->profile);
        std::string const where = file_names(env);
        loaded_files const files(env);
        // A profile that was not named explicitly need not exist.
        bool const named = !context_->profile.empty() || variable(env, "AWS_PROFILE");
        std::optional<profile_plan> plan;
        if (named || files.profile(profile) != nullptr) plan = plan_profile(files.get(), profile, where);
        if (!plan) {
            why = "profile \"" + profile + "\" (no credentials in " + where + ")";
            return {};
        }
        // Static keys are not cached: the provider costs nothing, and the keys in the file may have changed.
        if (std::holds_alternative<credentials>(plan->base) && plan->roles.empty())
            return provider_of(*std::move(plan), *context_);
        digest const mark = fingerprint(*plan);
        std::lock_guard const lock(mutex_);
        if (!provider_ || mark != mark_) {
            provider_ = provider_of(*std::move(plan), *context_);
            mark_ = mark;
        }
        return provider_;
    }

private:
    shared_context context_;
    std::mutex mutex_{};
    digest mark_{};
    credentials_provider provider_{};
};

asio::awaitable<credentials> ask_profile(std::shared_ptr<profile_source> source) {
    std::string why;
    auto provider = source->provider(why);
    if (!provider) throw_error(errc::no_credentials, why + ": add some, or name another profile");
    auto asking = provider();
    co_return co_await std::move(asking);
}

// --- the chain -------------------------------------------------------------------------------------------------------

enum class source : std::size_t { environment, profile, web_identity, container, instance_metadata };
constexpr std::size_t source_count = 5;

struct chain_state {
    explicit chain_state(shared_context c)
        : context(std::move(c)), profile(context), container(container_credentials(*context)),
          instance(instance_metadata_credentials({}, *context)) {}

    shared_context context;
    profile_source profile;
    credentials_provider container;
    credentials_provider instance;
    std::mutex mutex{};
    std::optional<source> answered{}; ///< Protected by the mutex.
};

/// Empty when the environment names no token; `why` is the reason then.
credentials_provider web_identity_of_environment(chain_state const& state, std::string& why) {
    environment const& env = state.context->env;
    auto const file = variable(env, "AWS_WEB_IDENTITY_TOKEN_FILE");
    if (!file) {
        why = "web identity (AWS_WEB_IDENTITY_TOKEN_FILE is not set)";
        return {};
    }
    web_identity_options options;
    options.token_file = *file;
    options.role_arn = variable(env, "AWS_ROLE_ARN").value_or(std::string());
    if (options.role_arn.empty())
        throw_error(errc::no_credentials, "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not: set it");
    options.role_session_name = variable(env, "AWS_ROLE_SESSION_NAME").value_or(std::string());
    return web_identity_credentials(std::move(options), *state.context);
}

/// The provider of one source. Empty when the source is not configured; `why` is the reason then. Throws when its
/// configuration is invalid.
credentials_provider provider_of(chain_state& state, source which, std::string& why) {
    provider_context const& context = *state.context;
    bool const profile_only = !context.profile.empty();
    switch (which) {
    case source::environment:
        if (profile_only) return {};
        if (auto keys = credentials_from_environment(context.env)) return static_credentials(*std::move(keys));
        why = "the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set)";
        return {};
    case source::profile:
        return state.profile.provider(why);
    case source::web_identity:
        if (profile_only) return {};
        return web_identity_of_environment(state, why);
    case source::container:
        if (variable(context.env, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") ||
            variable(context.env, "AWS_CONTAINER_CREDENTIALS_FULL_URI"))
            return state.container;
        why = "the container (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and AWS_CONTAINER_CREDENTIALS_FULL_URI are not "
              "set)";
        return {};
    case source::instance_metadata:
        break;
    }
    return state.instance;
}

/// Returns nothing when the source is skipped; `why` is the reason then.
asio::awaitable<std::optional<credentials>> ask_source(std::shared_ptr<chain_state> state, source which,
                                                       std::string& why) {
    auto provider = provider_of(*state, which, why);
    if (!provider) co_return std::nullopt;
    auto asking = provider();
    try {
        auto found = co_await std::move(asking);
        co_return std::optional<credentials>(std::move(found));
    } catch (error const& e) {
        // Whether this machine is an EC2 instance shows only by asking, so a failure of instance metadata is not an
        // error. Invalid settings are an error on every machine.
        if (which != source::instance_metadata || e.code() == errc::invalid_configuration) throw;
        why = message_of(e);
    }
    co_return std::nullopt;
}

asio::awaitable<credentials> ask_chain(std::shared_ptr<chain_state> state) {
    std::optional<source> first;
    {
        std::lock_guard const lock(state->mutex);
        first = state->answered;
    }
    std::string why_not_first;
    if (first) {
        auto asking = ask_source(state, *first, why_not_first);
        auto found = co_await std::move(asking);
        if (found) co_return *std::move(found);
    }
    std::string tried;
    for (std::size_t i = 0; i != source_count; ++i) {
        auto const which = static_cast<source>(i);
        std::string why;
        if (which == first) {
            why = why_not_first;
        } else {
            auto asking = ask_source(state, which, why);
            auto found = co_await std::move(asking);
            if (found) {
                std::lock_guard const lock(state->mutex);
                state->answered = which;
                co_return *std::move(found);
            }
        }
        if (why.empty()) continue;
        if (!tried.empty()) tried += "; ";
        tried += why;
    }
    throw_error(errc::no_credentials, "tried " + tried);
}

} // namespace
} // namespace detail

credentials_provider profile_credentials(provider_context context) {
    auto source = std::make_shared<detail::profile_source>(detail::complete(std::move(context)));
    return [source = std::move(source)] { return detail::ask_profile(source); };
}

credentials_provider chain_credentials(provider_context context) {
    auto state = std::make_shared<detail::chain_state>(detail::complete(std::move(context)));
    return [state = std::move(state)] { return detail::ask_chain(state); };
}

credentials_provider default_credentials(std::string profile, std::string region) {
    provider_context context;
    context.profile = std::move(profile);
    context.region = std::move(region);
    return chain_credentials(std::move(context));
}

} // namespace dynasio::aws
