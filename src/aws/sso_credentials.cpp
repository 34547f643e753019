#include <dynasio/aws/providers.hpp>
#include <dynasio/aws/shared_config.hpp>

#include <dynasio/core/timestamp.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "answers.hpp"
#include "dpop.hpp"
#include "json_value.hpp"
#include "provider_support.hpp"
#include "settings.hpp"
#include "turnstile.hpp"
#include "wipe.hpp"

// SSO and login: both use a token that a command-line login has left in a cache file, and renew it in that file.
namespace dynasio::aws {
namespace detail {
namespace {

namespace asio = boost::asio;

/// Tokens are renewed when they expire within this time.
constexpr std::chrono::minutes refresh_margin{5};
/// The minimum time between two attempts to renew a token.
constexpr std::chrono::seconds refresh_pause{30};

/// The time that another program may take between renewing a token and writing it.
constexpr std::chrono::milliseconds writing_time{500};

/// A cache file as JSON.
struct cached_token {
    std::string path;
    json_value json;
    std::optional<system_time> expires; ///< Nothing when the file has no expiration.
};

/// The state of a provider's renewals of its token. A call must hold the turnstile's pass to access the other members.
/// A call that arrives during a renewal waits at the turnstile and then finds the result in the file or here.
struct renewals {
    turnstile door{};
    std::optional<system_time> last{};     ///< When the latest attempt ended.
    std::optional<error> failure{};        ///< Why the latest attempt failed; empty if it succeeded.
    std::optional<cached_token> unsaved{}; ///< A token that could not be written to its file.

    /// Whether the next attempt has to wait.
    [[nodiscard]] bool pausing(system_time now) const { return last && now >= *last && now - *last < refresh_pause; }
};

bool ends_soon(cached_token const& token, system_time now) { return *token.expires - now <= refresh_margin; }
bool has_ended(cached_token const& token, system_time now) { return *token.expires <= now; }

/// Reads the expiration of a token from its cache.
using expiry_reader = std::optional<system_time> (*)(json_value const& cache);

/// Reads a cache file. Returns nothing when there is no file or it is not a JSON object; `why` is the reason then.
std::optional<cached_token> find_token(provider_context const& context, std::string const& path, expiry_reader expiry,
                                       std::string& why) {
    auto text = context.env.read_file(path);
    if (!text) {
        why = "there is no token cache " + path;
        return std::nullopt;
    }
    wipe_at_exit const wipe_text(*text);
    auto json = json_value::parse(*text);
    if (!json || !json->is_object()) {
        why = "the token cache " + path + " is no JSON object";
        return std::nullopt;
    }
    cached_token token;
    token.path = path;
    token.expires = expiry(*json);
    token.json = std::move(*json);
    return token;
}

cached_token load(provider_context const& context, std::string const& path, expiry_reader expiry,
                  std::string const& advice) {
    std::string why;
    auto token = find_token(context, path, expiry, why);
    if (!token) throw_error(errc::no_credentials, why + ": " + advice);
    return *std::move(token);
}

/// Writes the token to its cache file. A failure is not an error: the token is valid and is kept in `of.unsaved`.
void save(provider_context const& context, cached_token const& token, renewals& of) {
    of.unsaved.reset();
    std::string text = token.json.to_text();
    wipe_at_exit const wipe_text(text);
    if (!context.env.write_file || !context.env.write_file(token.path, text)) of.unsaved = token;
}

/// Replaces `token` by the unsaved token if that expires later.
void prefer_unsaved(cached_token& token, renewals const& of) {
    if (of.unsaved && of.unsaved->path == token.path && token.expires && of.unsaved->expires > token.expires)
        token = *of.unsaved;
}

/// Another program may have used the refresh token of the same file and written the new token. Waits for that for a
/// short time (writing_time) if `token` has expired.
asio::awaitable<bool> renewed_elsewhere(shared_context context, expiry_reader expiry, cached_token& token) {
    for (bool waited = false;; waited = true) {
        std::string why;
        auto found = find_token(*context, token.path, expiry, why);
        if (found && found->expires > token.expires && !has_ended(*found, context->clock())) {
            token = *std::move(found);
            co_return true;
        }
        if (waited || !has_ended(token, context->clock())) co_return false;
        auto waiting = context->sleep(writing_time);
        co_await std::move(waiting);
    }
}

bool was_refused(unsigned status) noexcept { return status / 100 == 4; }

std::string home_folder(provider_context const& context, std::string const& what) {
    auto home = variable(context.env, "HOME");
    if (!home) throw_error(errc::no_credentials, what + ": HOME is not set, so the token cache cannot be found");
    while (home->ends_with('/')) home->pop_back();
    return *std::move(home);
}

json_value secret_of(json_value const& json, std::string_view name) {
    json_value const* const member = json.find(name);
    return member == nullptr ? json_value::of_string({}) : *member;
}

/// The expiration of an answer that has "expiresIn" in seconds.
std::optional<system_time> expiry_of(json_value const& answer, system_time now) {
    auto const seconds = answer.integer("expiresIn");
    if (!seconds || *seconds <= 0 || *seconds > 366 * 24 * 3600) return std::nullopt;
    return now + std::chrono::seconds(*seconds);
}

std::string cache_time(system_time time) {
    // Times are written in whole seconds, as the command-line tool writes them.
    std::string text = timestamp(std::chrono::floor<std::chrono::seconds>(time)).to_string();
    return text.substr(0, text.find('.')) + "Z";
}

attempt_outcome judge_json(transport_response const& response) {
    if (response.status / 100 == 2) return attempt_outcome::success;
    return classify(response.status, read_json_failure(response).code);
}

transport_request json_post(std::string url, json_value const& body) {
    transport_request request;
    request.method = "POST";
    request.url = std::move(url);
    request.headers.emplace_back("content-type", "application/json");
    request.body = body.to_text();
    return request;
}

asio::awaitable<transport_response> send(shared_context context, transport_request request, std::string source) {
    exchange_options options;
    options.build = [&request] { return request; };
    options.judge = judge_json;
    options.retry = service_retries();
    options.source = std::move(source);
    auto exchanging = exchange(std::move(context), std::move(options));
    co_return co_await std::move(exchanging);
}

// --- SSO -------------------------------------------------------------------------------------------------------------

struct sso_state {
    sso_options options;
    shared_context context;
    renewals of_token{};
};

std::optional<system_time> sso_expiry(json_value const& cache) { return parse_time(cache.string("expiresAt")); }

std::string sso_advice(sso_state const& state) {
    std::string const profile = select_profile(state.context->env, state.context->profile);
    return "log in with \"aws sso login --profile " + profile + "\"";
}

std::string endpoint_of(provider_context const& context, provider_service service, std::string const& region) {
    loaded_files const files(context.env);
    return service_endpoint(context.env, files, select_profile(context.env, context.profile), service, region);
}

bool can_refresh(json_value const& cache, system_time now) {
    auto const registered_until = parse_time(cache.string("registrationExpiresAt"));
    return !cache.string("refreshToken").empty() && !cache.string("clientId").empty() &&
           !cache.string("clientSecret").empty() && registered_until && *registered_until > now;
}

enum class refresh_result : std::uint8_t { renewed, failed, refused };

/// Throws nothing but cancellation, because the present token may still be valid.
asio::awaitable<refresh_result> refresh(std::shared_ptr<sso_state> state, cached_token& token) {
    provider_context const& context = *state->context;
    json_value const& json = token.json;
    json_value body = json_value::of_object();
    body.set("clientId", secret_of(json, "clientId"));
    body.set("clientSecret", secret_of(json, "clientSecret"));
    body.set("grantType", json_value::of_string("refresh_token"));
    body.set("refreshToken", secret_of(json, "refreshToken"));
    std::string const endpoint = endpoint_of(context, provider_service::sso_oidc, state->options.region);
    auto sending = send(state->context, json_post(endpoint + "/token", body), "SSO OIDC at " + host_of(endpoint));
    transport_response response;
    try {
        response = co_await std::move(sending);
    } catch (error const&) {
        co_return refresh_result::failed;
    }
    if (response.status != 200)
        co_return was_refused(response.status) ? refresh_result::refused : refresh_result::failed;
    auto const answer = json_value::parse(response.body);
    auto const expires = answer ? expiry_of(*answer, context.clock()) : std::nullopt;
    if (!expires || answer->string("accessToken").empty()) co_return refresh_result::failed;
    token.json.set("accessToken", secret_of(*answer, "accessToken"));
    token.json.set("expiresAt", json_value::of_string(cache_time(*expires)));
    token.expires = expires;
    if (!answer->string("refreshToken").empty()) token.json.set("refreshToken", secret_of(*answer, "refreshToken"));
    save(context, token, state->of_token);
    co_return refresh_result::renewed;
}

cached_token load_sso_token(sso_state const& state, std::string const& path) {
    std::string const advice = sso_advice(state);
    cached_token token = load(*state.context, path, sso_expiry, advice);
    if (!token.expires || token.json.string("accessToken").empty())
        throw_error(errc::no_credentials, "the token cache " + path + " has no accessToken with expiresAt: " + advice);
    return token;
}

/// Renews the token. If it cannot be renewed, the token is unchanged.
asio::awaitable<void> renew(std::shared_ptr<sso_state> state, cached_token& token) {
    provider_context const& context = *state->context;
    renewals& of_token = state->of_token;
    auto entering = of_token.door.enter();
    auto const inside = co_await std::move(entering);
    // Another call or another program may have renewed the token in the meantime.
    token = load_sso_token(*state, token.path);
    prefer_unsaved(token, of_token);
    system_time const now = context.clock();
    if (!ends_soon(token, now) || !can_refresh(token.json, now) || of_token.pausing(now)) co_return;
    auto refreshing = refresh(state, token);
    refresh_result const result = co_await std::move(refreshing);
    of_token.last = context.clock();
    if (result != refresh_result::refused) co_return;
    auto looking = renewed_elsewhere(state->context, sso_expiry, token);
    (void)co_await std::move(looking);
}

asio::awaitable<cached_token> valid_token(std::shared_ptr<sso_state> state) {
    provider_context const& context = *state->context;
    sso_options const& options = state->options;
    std::string const name = hex_digest("SHA1", options.session.empty() ? options.start_url : options.session);
    std::string const path = home_folder(context, "SSO") + "/.aws/sso/cache/" + name + ".json";
    cached_token token = load_sso_token(*state, path);
    if (!options.session.empty() && ends_soon(token, context.clock())) {
        auto renewing = renew(state, token);
        co_await std::move(renewing);
    }
    if (has_ended(token, context.clock()))
        throw_error(errc::no_credentials,
                    "the SSO token in " + path + " has expired and could not be refreshed: " + sso_advice(*state));
    co_return token;
}

asio::awaitable<credentials> sso(std::shared_ptr<sso_state> state) {
    sso_options const& options = state->options;
    if (options.account_id.empty() || options.role_name.empty())
        throw_error(errc::no_credentials, "profile \"" + select_profile(state->context->env, state->context->profile) +
                                              "\" names an SSO session without sso_account_id and sso_role_name, which "
                                              "gives a token but no credentials: add both");
    auto getting = valid_token(state);
    cached_token const token = co_await std::move(getting);
    std::string const endpoint = endpoint_of(*state->context, provider_service::sso, options.region);
    transport_request request;
    request.url = endpoint + "/federation/credentials?account_id=";
    append_encoded(request.url, options.account_id);
    request.url += "&role_name=";
    append_encoded(request.url, options.role_name);
    add_token(request, "x-amz-sso_bearer_token", token.json.string("accessToken"), "the SSO token");
    std::string const source = "SSO at " + host_of(endpoint);
    auto sending = send(state->context, std::move(request), source);
    transport_response const response = co_await std::move(sending);
    if (response.status != 200) {
        std::string const advice = response.status == 401
                                       ? sso_advice(*state)
                                       : std::string("check sso_account_id, sso_role_name and sso_region");
        throw_refused(source, response.status, read_json_failure(response), advice);
    }
    co_return read_sso_credentials(response.body, options.account_id);
}

// --- login -----------------------------------------------------------------------------------------------------------

struct login_state {
    login_options options;
    shared_context context;
    renewals of_token{};
};

constexpr char const* login_advice = "log in with \"aws login\"";

std::optional<system_time> login_expiry(json_value const& cache) {
    json_value const* const access = cache.find("accessToken");
    return access != nullptr ? parse_time(access->string("expiresAt")) : std::nullopt;
}

std::string login_cache_path(provider_context const& context, std::string_view session) {
    constexpr std::string_view blanks = " \t\r\n";
    auto const first = std::min(session.find_first_not_of(blanks), session.size());
    session.remove_prefix(first);
    session = session.substr(0, session.find_last_not_of(blanks) + 1);
    auto folder = variable(context.env, "AWS_LOGIN_CACHE_DIRECTORY");
    if (!folder) folder = home_folder(context, "login") + "/.aws/login/cache";
    return *folder + "/" + hex_digest("SHA256", session) + ".json";
}

credentials read_login_token(cached_token const& token) {
    json_value const* const access = token.json.find("accessToken");
    std::string secret;
    std::string session_token;
    wipe_at_exit const wipe_secret(secret);
    wipe_at_exit const wipe_token(session_token);
    std::string id;
    if (access != nullptr && access->is_object()) {
        id = access->string("accessKeyId");
        secret = access->string("secretAccessKey");
        session_token = access->string("sessionToken");
    }
    if (!token.expires || secret.empty() || !is_token(id) || !is_token(session_token))
        throw_error(errc::no_credentials,
                    "the token cache " + token.path + " has no complete accessToken: " + login_advice);
    credentials result(std::move(id), take_secret(secret), take_secret(session_token));
    result.expires_at = token.expires;
    result.account_id = access->string("accountId");
    return result;
}

asio::awaitable<void> refresh(std::shared_ptr<login_state> state, cached_token& token) {
    provider_context const& context = *state->context;
    for (char const* name : {"clientId", "refreshToken", "dpopKey"})
        if (token.json.string(name).empty())
            throw_error(errc::no_credentials,
                        "the token cache " + token.path + " has no " + name + ": " + login_advice);
    std::string region;
    std::string endpoint;
    {
        loaded_files const files(context.env);
        std::string const profile = select_profile(context.env, context.profile);
        region = required_region(context.env, files, profile, context.region);
        endpoint = service_endpoint(context.env, files, profile, provider_service::signin, region);
    }
    std::string const url = endpoint + "/v1/token";
    json_value body = json_value::of_object();
    body.set("clientId", secret_of(token.json, "clientId"));
    body.set("grantType", json_value::of_string("refresh_token"));
    body.set("refreshToken", secret_of(token.json, "refreshToken"));
    std::string key = token.json.string("dpopKey");
    wipe_at_exit const wipe_key(key);
    exchange_options options;
    // A DPoP proof is valid for one request only.
    options.build = [&] {
        transport_request request = json_post(url, body);
        add_token(request, "DPoP", dpop_proof(key, url, random_uuid(), context.clock()), "the proof");
        return request;
    };
    options.judge = judge_json;
    options.retry = service_retries();
    options.source = "sign-in at " + host_of(endpoint);
    std::string const source = options.source;
    auto exchanging = exchange(state->context, std::move(options));
    transport_response const response = co_await std::move(exchanging);
    if (response.status / 100 != 2) throw_refused(source, response.status, read_json_failure(response), login_advice);
    auto const answer = json_value::parse(response.body);
    json_value const* const access = answer ? answer->find("accessToken") : nullptr;
    auto const expires = answer ? expiry_of(*answer, context.clock()) : std::nullopt;
    json_value* const cached = token.json.find("accessToken");
    if (access == nullptr || !expires || cached == nullptr || access->string("secretAccessKey").empty())
        throw_error(errc::no_credentials, source + " gave something that is no token: " + login_advice);
    for (char const* name : {"accessKeyId", "secretAccessKey", "sessionToken"})
        cached->set(name, secret_of(*access, name));
    cached->set("expiresAt", json_value::of_string(cache_time(*expires)));
    token.expires = expires;
    for (char const* name : {"refreshToken", "idToken"})
        if (!answer->string(name).empty()) token.json.set(name, secret_of(*answer, name));
    save(context, token, state->of_token);
}

/// Renews the token and gives its credentials. If it cannot be renewed but is still valid, the credentials are those of
/// the present token.
asio::awaitable<credentials> renew(std::shared_ptr<login_state> state, cached_token token) {
    provider_context const& context = *state->context;
    renewals& of_token = state->of_token;
    auto entering = of_token.door.enter();
    auto const inside = co_await std::move(entering);
    // Another call or another program may have renewed the token in the meantime.
    token = load(context, token.path, login_expiry, login_advice);
    prefer_unsaved(token, of_token);
    credentials result = read_login_token(token);
    system_time const now = context.clock();
    if (!ends_soon(token, now)) co_return result;
    if (!of_token.pausing(now)) {
        of_token.failure.reset();
        auto refreshing = refresh(state, token);
        try {
            co_await std::move(refreshing);
        } catch (error const& e) {
            of_token.failure = e;
        }
        of_token.last = context.clock();
        bool renewed = !of_token.failure;
        if (of_token.failure && was_refused(of_token.failure->info().http_status)) {
            auto looking = renewed_elsewhere(state->context, login_expiry, token);
            renewed = co_await std::move(looking);
        }
        if (renewed) co_return read_login_token(token);
    }
    if (!has_ended(token, context.clock())) co_return result;
    if (of_token.failure) throw error(*of_token.failure);
    throw_error(errc::no_credentials,
                "the login token in " + token.path + " has expired and could not be refreshed: " + login_advice);
}

asio::awaitable<credentials> login(std::shared_ptr<login_state> state) {
    provider_context const& context = *state->context;
    cached_token token = load(context, login_cache_path(context, state->options.session), login_expiry, login_advice);
    credentials result = read_login_token(token);
    if (!ends_soon(token, context.clock())) co_return result;
    auto renewing = renew(state, std::move(token));
    co_return co_await std::move(renewing);
}

} // namespace
} // namespace detail

credentials_provider sso_credentials(sso_options options, provider_context context) {
    auto state = std::make_shared<detail::sso_state>();
    state->options = std::move(options);
    state->context = detail::complete(std::move(context));
    return [state = std::move(state)] { return detail::sso(state); };
}

credentials_provider login_credentials(login_options options, provider_context context) {
    auto state = std::make_shared<detail::login_state>();
    state->options = std::move(options);
    state->context = detail::complete(std::move(context));
    return [state = std::move(state)] { return detail::login(state); };
}

} // namespace dynasio::aws
