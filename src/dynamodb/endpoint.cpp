#include <dynasio/dynamodb/detail/endpoint.hpp>
#include <dynasio/dynamodb/detail/endpoint_rules.hpp>

#include <dynasio/http/url.hpp>

#include <dynasio/aws/client_settings.hpp>
#include <dynasio/aws/detail/region.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "../core/refuse_configuration.hpp"
#include "connection_options.hpp"
#include "option_limits.hpp"

namespace dynasio::dynamodb::detail {
namespace {

using dynasio::detail::refuse_configuration;

/// Throws unless `region` is a host label in lower case, because it becomes part of a host name and of a header.
void check_region(std::string const& region) {
    if (!aws::detail::is_region_name(region))
        refuse_configuration("region: not the name of a region (a-z, 0-9 and '-', like \"eu-west-1\")");
    if (region.starts_with("fips-") || region.ends_with("-fips"))
        refuse_configuration("region: name it without \"fips\", and set use_fips");
}

/// Whether `text` consists of ASCII letters, ASCII digits and characters of `others`.
bool consists_of(std::string_view text, std::string_view others) {
    return std::all_of(text.begin(), text.end(), [others](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               others.find(c) != std::string_view::npos;
    });
}

void check_prefix(std::string const& prefix, std::string const& source) {
    if (!consists_of(prefix, "_.-")) refuse_configuration(source + ": has characters outside [a-zA-Z0-9_.-]");
}

/// Throws for a value that a cast made and that is not an enumerator.
void check_retry_mode(std::optional<aws::retry_mode> mode) {
    if (!mode) return;
    switch (*mode) {
    case aws::retry_mode::standard:
    case aws::retry_mode::standard_2_0:
    case aws::retry_mode::adaptive:
    case aws::retry_mode::off:
        return;
    }
    refuse_configuration("retry.mode: none of the enumerators of retry_mode");
}

/// The custom endpoint and its source; nothing when none is configured.
std::optional<aws::setting> configured_endpoint(client_options const& options, aws::client_settings const& from) {
    if (!options.endpoint.empty()) return aws::setting{options.endpoint, "endpoint"};
    auto found = from.find("DYNAMODB_ENDPOINT");
    if (!found) found = from.configured_endpoint("dynamodb", options.ignore_configured_endpoint_urls);
    if (found) found->source = "endpoint (from " + found->source + ")";
    return found;
}

bool flag(std::optional<bool> given, aws::client_settings const& from, char const* variable, char const* property) {
    if (given) return *given;
    auto const found = from.find(variable, property);
    return found && found->flag();
}

account_endpoint_mode account_mode(std::optional<account_endpoint_mode> given, aws::client_settings const& from) {
    if (given) return *given;
    auto const found = from.find("AWS_ACCOUNT_ID_ENDPOINT_MODE", "account_id_endpoint_mode");
    if (!found) return account_endpoint_mode::preferred;
    std::string const text = found->lower_case();
    if (text == "disabled") return account_endpoint_mode::disabled;
    if (text == "preferred") return account_endpoint_mode::preferred;
    if (text == "required") return account_endpoint_mode::required;
    found->refuse("use disabled, preferred or required");
}

/// Resolves and checks the application's name, which becomes part of a header.
void resolve_app_id(client_options& options, aws::client_settings const& from) {
    auto found = options.app_id.empty() ? from.find("AWS_SDK_UA_APP_ID", "sdk_ua_app_id")
                                        : std::optional(aws::setting{options.app_id, "app_id"});
    if (!found) return;
    constexpr std::size_t longest = 50; // the limit of AWS's SDKs
    if (found->value.size() > longest || !consists_of(found->value, "!#$%&'*+-.^_`|~"))
        found->refuse("use at most 50 letters, digits and !#$%&'*+-.^_`|~");
    options.app_id = std::move(found->value);
}

void resolve_region(client_options& options, aws::client_settings const& from) {
    if (options.region.empty()) {
        auto found = from.find("AWS_REGION");
        if (!found) found = from.find("AWS_DEFAULT_REGION", "region");
        if (!found) from.require_profile();
        if (!found)
            throw_error(errc::no_region, "client_options::region, AWS_REGION, AWS_DEFAULT_REGION and the "
                                         "profile's region are all empty");
        options.region = std::move(found->value);
    }
    check_region(options.region);
}

/// The custom endpoint of streams and its source. `everything` is the custom endpoint of the other operations.
std::optional<aws::setting> configured_streams_endpoint(client_options const& options, aws::client_settings const& from,
                                                        std::optional<aws::setting> const& everything) {
    if (!options.streams_endpoint.empty()) return aws::setting{options.streams_endpoint, "streams_endpoint"};
    if (!options.endpoint.empty()) return everything;
    auto found = from.configured_endpoint("dynamodb_streams", options.ignore_configured_endpoint_urls);
    bool const is_specific = found && found->source == "AWS_ENDPOINT_URL_DYNAMODB_STREAMS";
    if (!is_specific && from.find("DYNAMODB_ENDPOINT")) return everything;
    if (!found) return everything;
    found->source = "streams_endpoint (from " + found->source + ")";
    return found;
}

http::url parsed_endpoint(std::string const& url, std::string const& source) {
    try {
        return http::url::parse(url);
    } catch (error const& e) {
        refuse_configuration(source + ": " +
                             (e.info().message.empty() ? std::string("not an http or https URL") : e.info().message));
    }
}

struct resolved_urls {
    http::url everything;
    http::url streams;
};

resolved_urls resolve_endpoints(resolved_options& out, client_options& options, aws::client_settings const& from) {
    options.use_fips = flag(options.use_fips, from, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
    options.use_dual_stack = flag(options.use_dual_stack, from, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
    options.account_id_endpoint_mode = account_mode(options.account_id_endpoint_mode, from);

    auto const configured = configured_endpoint(options, from);
    endpoint_parameters p;
    p.region = options.region;
    p.use_fips = *options.use_fips;
    p.use_dual_stack = *options.use_dual_stack;
    p.account_mode = options.account_id_endpoint_mode;
    auto const of_streams = configured_streams_endpoint(options, from, configured);
    endpoint_parameters streams = p;
    streams.streams = true;
    if (configured) p.endpoint = configured->value;
    if (of_streams) streams.endpoint = of_streams->value;
    out.by_account = has_account_endpoints(p);
    // Regions whose accounts have no endpoints for streams refuse `required` with the first request of a stream,
    // because the other requests of the client have theirs.
    out.streams_by_account =
        has_account_endpoints(streams) || (streams.endpoint.empty() && streams.region != "local" && out.by_account &&
                                           streams.account_mode == account_endpoint_mode::required);
    // The account is known later, with the credentials, so the region's endpoints are resolved here.
    if (out.by_account) p.account_mode = account_endpoint_mode::disabled;
    endpoint_choice choice = choose_endpoint(p);
    if (choice.refusal) refuse_configuration(std::string(explain(*choice.refusal)));
    streams.account_mode = account_endpoint_mode::disabled;
    endpoint_choice choice_of_streams = choose_endpoint(streams);
    if (choice_of_streams.refusal) refuse_configuration(std::string(explain(*choice_of_streams.refusal)));
    resolved_urls urls{
        parsed_endpoint(choice.url, configured ? configured->source : "endpoint (of the region)"),
        parsed_endpoint(choice_of_streams.url, of_streams ? of_streams->source : "streams_endpoint (of the region)")};
    options.endpoint = std::move(choice.url);
    options.streams_endpoint = std::move(choice_of_streams.url);
    return urls;
}

} // namespace

resolved_options resolve(client_options options, aws::environment const& env) {
    resolved_options out;
    aws::client_settings const from(env, options.profile);
    resolve_region(options, from);
    resolve_app_id(options, from);
    out.signing_region = options.region == "local" ? "us-east-1" : options.region;
    resolved_urls const urls = resolve_endpoints(out, options, from);
    check_retry_mode(options.retry.mode);
    out.retry = aws::resolve_retry(options.retry, from);
    options.retry = out.retry.as_options();

    if (!options.credentials) options.credentials = aws::default_credentials(options.profile, out.signing_region);
    limit_options(options);
    out.streams_pool = options.pool;
    resolve_connections(out.streams_pool, options.proxy_from_environment, urls.streams, env, from);
    resolve_connections(options.pool, options.proxy_from_environment, urls.everything, env, from);
    bool const given = !options.table_prefix.empty();
    if (!given) options.table_prefix = env.variable("DYNASIO_TABLE_PREFIX").value_or("");
    check_prefix(options.table_prefix, given ? "table_prefix" : "table_prefix (from DYNASIO_TABLE_PREFIX)");
    if (!options.clock) refuse_configuration("clock: empty; leave it at system_now");
    if (!options.ulids) options.ulids = std::make_shared<ulid_generator>(options.clock);
    out.options = std::move(options);
    return out;
}

} // namespace dynasio::dynamodb::detail
