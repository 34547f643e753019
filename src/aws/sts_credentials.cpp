#include <dynasio/http/url.hpp>

#include <dynasio/aws/providers.hpp>
#include <dynasio/aws/shared_config.hpp>
#include <dynasio/aws/sigv4.hpp>

#include <algorithm>
#include <array>
#include <mutex>
#include <optional>
#include <utility>

#include "answers.hpp"
#include "provider_support.hpp"
#include "settings.hpp"
#include "sts_request.hpp"
#include "wipe.hpp"

namespace dynasio::aws {
namespace detail {
namespace {

namespace asio = boost::asio;

/// Source credentials that expire within this time are asked for again.
constexpr std::chrono::minutes source_margin{5};

void add_field(std::string& form, std::string_view name, std::string_view value) {
    if (!form.empty()) form += '&';
    form.append(name).append("=");
    append_encoded(form, value);
}

std::string session_name(std::string const& given, system_time now) {
    return given.empty() ? "dynasio-" + std::to_string(now.time_since_epoch().count()) : given;
}

attempt_outcome judge_sts(transport_response const& response) {
    if (response.status / 100 == 2) return attempt_outcome::success;
    std::string const code = read_xml_failure(response.body).code;
    // The identity provider did not answer STS in time.
    if (code == "IDPCommunicationError") return attempt_outcome::transient_error;
    return classify(response.status, code);
}

struct sts_place {
    std::string region;
    std::string endpoint;
};

sts_place locate_sts(provider_context const& context) {
    loaded_files const files(context.env);
    std::string const profile = select_profile(context.env, context.profile);
    sts_place place;
    place.region = required_region(context.env, files, profile, context.region);
    place.endpoint = service_endpoint(context.env, files, profile, provider_service::sts, place.region);
    return place;
}

/// Sends a request to STS; it is unsigned when `keys` is empty.
asio::awaitable<credentials> call_sts(shared_context context, std::string action, std::string body,
                                      std::optional<credentials> keys) {
    wipe_at_exit const wipe_body(body);
    sts_place const place = locate_sts(*context);
    exchange_options options;
    options.build = [&] {
        return make_sts_request(place.endpoint, place.region, body, keys ? &*keys : nullptr, context->clock());
    };
    options.judge = judge_sts;
    options.retry = service_retries();
    options.source = "STS at " + host_of(place.endpoint);
    std::string const source = options.source;
    auto exchanging = exchange(context, std::move(options));
    transport_response const response = co_await std::move(exchanging);
    if (response.status != 200)
        throw_refused(source + ", asked for " + action + ",", response.status, read_xml_failure(response.body),
                      "see the service's message, and check the role and its trust policy");
    co_return read_sts_credentials(response.body, action);
}

/// Whether STS refused the keys themselves (expired or unknown), not the signature or the role.
bool keys_were_refused(error const& e) {
    constexpr std::array<std::string_view, 5> codes{
        "ExpiredToken",         "ExpiredTokenException",       "InvalidAccessKeyId",
        "InvalidClientTokenId", "UnrecognizedClientException",
    };
    return e.info().http_status / 100 == 4 &&
           std::find(codes.begin(), codes.end(), e.info().service_code) != codes.end();
}

class assume_role_state {
public:
    assume_role_state(assume_role_options o, credentials_provider s, shared_context c)
        : options(std::move(o)), source(std::move(s)), context(std::move(c)) {}

    /// The cached source credentials; nothing when the source has to be asked.
    [[nodiscard]] std::optional<credentials> known_keys() {
        std::lock_guard const lock(mutex_);
        if (keys_ && keys_->expires_at && *keys_->expires_at - context->clock() > source_margin) return keys_;
        return std::nullopt;
    }
    void remember(credentials const& keys) {
        std::lock_guard const lock(mutex_);
        keys_ = keys;
    }
    /// Drops `keys` from the cache, unless newer credentials have replaced them.
    void forget(credentials const& keys) {
        std::lock_guard const lock(mutex_);
        if (keys_ && keys_->access_key_id() == keys.access_key_id() && keys_->session_token() == keys.session_token())
            keys_.reset();
    }

    assume_role_options const options;
    credentials_provider const source;
    shared_context const context;

private:
    std::mutex mutex_{};
    std::optional<credentials> keys_{};
};

asio::awaitable<credentials> assume_with(std::shared_ptr<assume_role_state> state, credentials keys) {
    std::string body = assume_role_body(state->options, state->context->clock());
    auto calling = call_sts(state->context, "AssumeRole", std::move(body), keys);
    try {
        auto result = co_await std::move(calling);
        co_return result;
    } catch (error const& e) {
        if (keys_were_refused(e)) state->forget(keys);
        throw;
    }
}

asio::awaitable<credentials> assume_role(std::shared_ptr<assume_role_state> state) {
    auto known = state->known_keys();
    if (known) {
        auto assuming = assume_with(state, *std::move(known));
        try {
            auto result = co_await std::move(assuming);
            co_return result;
        } catch (error const& e) {
            // The keys were revoked or replaced before they expired. The source is asked again, because it may have
            // newer ones.
            if (!keys_were_refused(e)) throw;
        }
    }
    auto asking = state->source();
    credentials keys = co_await std::move(asking);
    state->remember(keys);
    auto assuming = assume_with(state, std::move(keys));
    co_return co_await std::move(assuming);
}

struct web_identity_state {
    web_identity_options options;
    shared_context context;
};

asio::awaitable<credentials> assume_with_web_identity(std::shared_ptr<web_identity_state const> state) {
    auto const& options = state->options;
    std::string token = state->context->env.read_file(options.token_file).value_or(std::string());
    wipe_at_exit const wipe_token(token);
    while (!token.empty() && (token.back() == '\n' || token.back() == '\r' || token.back() == ' ')) token.pop_back();
    if (token.empty())
        throw_error(errc::no_credentials, "the web identity token file " + options.token_file +
                                              " is missing or empty: check web_identity_token_file or "
                                              "AWS_WEB_IDENTITY_TOKEN_FILE");
    std::string body = web_identity_body(options, token, state->context->clock());
    auto calling = call_sts(state->context, "AssumeRoleWithWebIdentity", std::move(body), std::nullopt);
    co_return co_await std::move(calling);
}

} // namespace

std::string assume_role_body(assume_role_options const& options, system_time now) {
    std::string body;
    add_field(body, "Action", "AssumeRole");
    add_field(body, "Version", "2011-06-15");
    add_field(body, "RoleArn", options.role_arn);
    add_field(body, "RoleSessionName", session_name(options.role_session_name, now));
    if (options.duration.count() > 0) add_field(body, "DurationSeconds", std::to_string(options.duration.count()));
    if (!options.external_id.empty()) add_field(body, "ExternalId", options.external_id);
    return body;
}

std::string web_identity_body(web_identity_options const& options, std::string_view token, system_time now) {
    std::string body;
    // Growing would leave parts of the token in freed memory, so the size is reserved. Percent-encoding at most triples
    // the length.
    body.reserve(512 + 3 * (options.role_arn.size() + options.role_session_name.size() + token.size()));
    add_field(body, "Action", "AssumeRoleWithWebIdentity");
    add_field(body, "Version", "2011-06-15");
    add_field(body, "RoleArn", options.role_arn);
    add_field(body, "RoleSessionName", session_name(options.role_session_name, now));
    if (options.duration.count() > 0) add_field(body, "DurationSeconds", std::to_string(options.duration.count()));
    add_field(body, "WebIdentityToken", token);
    return body;
}

transport_request make_sts_request(std::string const& endpoint, std::string const& region, std::string const& body,
                                   credentials const* keys, system_time now) {
    http::url const url = http::url::parse(endpoint);
    constexpr std::string_view content_type = "application/x-www-form-urlencoded";
    std::string const authority = url.authority();
    transport_request request;
    request.method = "POST";
    request.url = (url.tls ? "https://" : "http://") + authority + url.path;
    request.body = body;
    request.headers.emplace_back("content-type", content_type);
    if (keys == nullptr) return request;

    header_view const headers[] = {{"content-type", content_type}, {"host", authority}};
    signable_request signable;
    signable.path = url.path;
    signable.headers = headers;
    signable.body = body;
    std::string lines;
    wipe_at_exit const wipe_lines(lines);
    lines.reserve(1024 + keys->session_token().size());
    signer(region, "sts").sign(signable, *keys, now, lines);
    std::string_view rest = lines;
    while (!rest.empty()) {
        auto const end = rest.find("\r\n");
        auto const colon = rest.find(": ");
        request.headers.emplace_back(rest.substr(0, colon), rest.substr(colon + 2, end - colon - 2));
        rest.remove_prefix(end + 2);
    }
    return request;
}

} // namespace detail

credentials_provider assume_role_credentials(assume_role_options options, credentials_provider source,
                                             provider_context context) {
    auto state = std::make_shared<detail::assume_role_state>(std::move(options), std::move(source),
                                                             detail::complete(std::move(context)));
    return [state = std::move(state)] { return detail::assume_role(state); };
}

credentials_provider web_identity_credentials(web_identity_options options, provider_context context) {
    auto state = std::make_shared<detail::web_identity_state>();
    state->options = std::move(options);
    state->context = detail::complete(std::move(context));
    return [state = std::move(state)] { return detail::assume_with_web_identity(state); };
}

} // namespace dynasio::aws
