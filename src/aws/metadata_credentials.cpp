#include <dynasio/aws/providers.hpp>

#include <dynasio/core/duration.hpp>
#include <dynasio/core/error.hpp>

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "answers.hpp"
#include "metadata_settings.hpp"
#include "provider_support.hpp"
#include "wipe.hpp"

namespace dynasio::aws {
namespace detail {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::hours token_lifetime{6};
/// A session token that expires within this time is not reused.
constexpr std::chrono::minutes token_margin{2};
/// Expired credentials that the service does not renew are returned with an expiration `extension` ahead, plus
/// `extension_spread` times a random number, so that many clients do not ask again at the same time.
constexpr std::chrono::minutes extension{10};
constexpr std::chrono::minutes extension_spread{5};

// --- containers ------------------------------------------------------------------------------------------------------

asio::awaitable<credentials> ask_container(shared_context context) {
    auto const request = container_request(context->env);
    if (!request)
        throw_error(errc::no_credentials,
                    "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor "
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI is set: this is no container with a role");
    exchange_options options;
    options.build = [&request] { return *request; };
    options.retry = service_retries();
    options.source = "the container's credentials endpoint at " + host_of(request->url);
    std::string const source = options.source;
    auto exchanging = exchange(std::move(context), std::move(options));
    transport_response const response = co_await std::move(exchanging);
    if (response.status != 200)
        throw_refused(source, response.status, read_json_failure(response),
                      "check that the container has a role, and its authorization token");
    co_return read_metadata_credentials(response.body, source);
}

// --- instances -------------------------------------------------------------------------------------------------------

struct session_token {
    std::string value{};
    system_time expires_at{};
};

struct instance_state {
    ~instance_state() { wipe(token.value); }

    instance_metadata_options options{};
    shared_context context{};
    std::mutex mutex{};
    session_token token{};              ///< Protected by the mutex; empty when there is none.
    std::optional<credentials> known{}; ///< Protected by the mutex.
};
using shared_instance = std::shared_ptr<instance_state>;

exchange_options options_for(instance_state const& state, std::string const& endpoint) {
    exchange_options options;
    options.retry = service_retries();
    options.retry.max_attempts = std::max(1U, state.options.max_attempts);
    // Outside EC2 no server answers at the address, so connecting is not retried.
    options.retry_connecting = false;
    options.source = "EC2 instance metadata at " + host_of(endpoint);
    return options;
}

transport_request request_for(instance_state const& state, std::string url) {
    transport_request request;
    request.url = std::move(url);
    request.direct = true;
    request.connect_timeout = state.options.connect_timeout;
    request.timeout = state.options.connect_timeout + state.options.read_timeout;
    return request;
}

asio::awaitable<std::string> fetch_token(shared_instance state, std::string endpoint) {
    system_time const now = state->context->clock();
    {
        std::lock_guard const lock(state->mutex);
        if (!state->token.value.empty() && state->token.expires_at - now > token_margin) co_return state->token.value;
    }
    exchange_options options = options_for(*state, endpoint);
    options.build = [&] {
        transport_request request = request_for(*state, endpoint + "/latest/api/token");
        request.method = "PUT";
        auto const seconds = std::chrono::seconds(token_lifetime).count();
        request.headers.emplace_back("x-aws-ec2-metadata-token-ttl-seconds", std::to_string(seconds));
        return request;
    };
    std::string const source = options.source;
    auto exchanging = exchange(state->context, std::move(options));
    transport_response response = co_await std::move(exchanging);
    if (response.status == 403)
        throw_refused(source, response.status, {}, "the metadata service is switched off for this instance");
    if (response.status != 200) throw_refused(source, response.status, {}, "it gave no session token");
    if (!is_token(response.body))
        throw_error(errc::no_credentials, source + " gave a session token that fits no header");
    std::lock_guard const lock(state->mutex);
    wipe(state->token.value);
    state->token.value = response.body;
    state->token.expires_at = now + token_lifetime;
    co_return std::move(response.body);
}

asio::awaitable<transport_response> get(shared_instance state, std::string endpoint, std::string path) {
    for (bool again = true;; again = false) {
        auto fetching = fetch_token(state, endpoint);
        std::string token = co_await std::move(fetching);
        wipe_at_exit const wipe_token(token);
        exchange_options options = options_for(*state, endpoint);
        options.build = [&] {
            transport_request request = request_for(*state, endpoint + path);
            add_token(request, "x-aws-ec2-metadata-token", token, "the session token of the instance metadata");
            return request;
        };
        auto exchanging = exchange(state->context, std::move(options));
        transport_response response = co_await std::move(exchanging);
        if (response.status != 401 || !again) co_return response;
        // The service no longer accepts the token.
        std::lock_guard const lock(state->mutex);
        if (state->token.value == token) wipe(state->token.value);
    }
}

/// The first line of `body`, if it can be the name of a role; else empty.
std::string role_name(std::string_view body) {
    auto const name = body.substr(0, body.find_first_of("\r\n"));
    bool const good = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("_+=,.@-").find(c) != std::string_view::npos;
    });
    return good ? std::string(name) : std::string();
}

asio::awaitable<credentials> fetch(shared_instance state, std::string endpoint) {
    std::string const path = "/latest/meta-data/iam/security-credentials/";
    std::string const source = "EC2 instance metadata at " + host_of(endpoint);
    auto listing = get(state, endpoint, path);
    transport_response const list = co_await std::move(listing);
    if (list.status == 404) throw_refused(source, list.status, {}, "the instance has no role: attach one");
    if (list.status != 200) throw_refused(source, list.status, {}, "it does not list the instance's role");
    std::string const role = role_name(list.body);
    if (role.empty()) throw_error(errc::no_credentials, source + " names no role: attach one to the instance");
    auto getting = get(state, endpoint, path + role);
    transport_response const response = co_await std::move(getting);
    if (response.status != 200) throw_refused(source, response.status, {}, "it has no credentials of role " + role);
    co_return read_metadata_credentials(response.body, source);
}

/// Moves the expiration of expired credentials ahead; credentials that are still valid are unchanged.
credentials extended(credentials value, provider_context const& context) {
    system_time const now = context.clock();
    if (value.expires_at && *value.expires_at <= now) {
        std::chrono::duration<double> const spread = extension_spread * context.random();
        value.expires_at = now + extension + std::chrono::floor<std::chrono::milliseconds>(spread);
    }
    return value;
}

asio::awaitable<credentials> ask_instance(shared_instance state) {
    auto const settings = resolve_instance_metadata(state->options, *state->context);
    if (settings.disabled)
        throw_error(errc::no_credentials, "EC2 instance metadata is switched off by AWS_EC2_METADATA_DISABLED");
    std::optional<credentials> found;
    std::optional<error> failed;
    auto fetching = fetch(state, settings.endpoint);
    try {
        found = co_await std::move(fetching);
    } catch (error const& e) {
        failed = e;
    }
    {
        std::lock_guard const lock(state->mutex);
        if (found) {
            state->known = found;
        } else if (state->known) {
            found = state->known;
        }
    }
    if (!found) throw error(*failed);
    co_return extended(*std::move(found), *state->context);
}

} // namespace
} // namespace detail

credentials_provider container_credentials(provider_context context) {
    return [context = detail::complete(std::move(context))] { return detail::ask_container(context); };
}

credentials_provider instance_metadata_credentials(instance_metadata_options options, provider_context context) {
    auto state = std::make_shared<detail::instance_state>();
    state->options = std::move(options);
    // Both are limited, because their sum is used as a duration and must not overflow.
    dynasio::detail::limit_duration(state->options.connect_timeout);
    dynasio::detail::limit_duration(state->options.read_timeout);
    state->context = detail::complete(std::move(context));
    return [state = std::move(state)] { return detail::ask_instance(state); };
}

} // namespace dynasio::aws
