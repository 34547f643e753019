#include <dynasio/dynamodb/detail/endpoint.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace dynasio::dynamodb::detail {
namespace {

struct partition {
    std::string_view region_prefix;
    std::string_view suffix;
};

// Longest prefix first where one is the beginning of another. Everything else is the partition "aws".
constexpr partition partitions[] = {
    {"cn-", "amazonaws.com.cn"},   {"eusc-", "amazonaws.eu"},      {"us-iso-", "c2s.ic.gov"},
    {"us-isob-", "sc2s.sgov.gov"}, {"eu-isoe-", "cloud.adc-e.uk"}, {"us-isof-", "csp.hci.ic.gov"},
};

constexpr std::size_t max_label = 63; // of a host name (RFC 1035)

[[noreturn]] void refuse(std::string message) { throw_error(errc::invalid_configuration, std::move(message)); }

/// The region becomes part of a host name and of a header: nothing but a host label may pass.
void check_region(std::string const& region) {
    bool const good = !region.empty() && region.size() <= max_label && region.front() != '-' && region.back() != '-' &&
                      std::all_of(region.begin(), region.end(),
                                  [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
    if (!good) refuse("region: not the name of a region (a-z, 0-9 and '-', like \"eu-west-1\")");
}

void check_prefix(std::string const& prefix) {
    bool const good = std::all_of(prefix.begin(), prefix.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
               c == '-';
    });
    if (!good) refuse("table_prefix: has characters outside [a-zA-Z0-9_.-]");
}

void check_retry(aws::retry_options const& retry) {
    if (retry.max_attempts == 0) refuse("retry.max_attempts: 0 would send nothing; 1 switches retries off");
    auto const check_delay = [](aws::retry_delay delay, char const* name) {
        if (!std::isfinite(delay.count()) || delay.count() < 0) refuse(std::string(name) + ": negative or not finite");
    };
    check_delay(retry.base_delay, "retry.base_delay");
    check_delay(retry.throttling_delay, "retry.throttling_delay");
    check_delay(retry.max_delay, "retry.max_delay");
}

void check_pool(http::pool_options const& pool) {
    if (pool.max_connections == 0) refuse("pool.max_connections: 0 would send nothing");
    if (pool.connect_timeout.count() <= 0) refuse("pool.connect_timeout: must be positive");
    if (pool.idle_lifetime.count() < 0) refuse("pool.idle_lifetime: must not be negative");
    if (pool.max_age.count() <= 0) refuse("pool.max_age: must be positive");
    if (pool.max_head_bytes == 0) refuse("pool.max_head_bytes: must be positive");
    if (pool.max_body_bytes == 0) refuse("pool.max_body_bytes: must be positive");
}

std::string resolve_endpoint(client_options const& options, aws::environment const& env, std::string& source) {
    if (!options.endpoint.empty()) {
        source = "endpoint";
        return options.endpoint;
    }
    bool const ignored = env.variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").value_or("") == "true";
    for (char const* name : {"DYNAMODB_ENDPOINT", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"}) {
        if (ignored && std::string_view(name) != "DYNAMODB_ENDPOINT") break;
        if (auto value = env.variable(name)) {
            source = std::string("endpoint (from ") + name + ")";
            return *std::move(value);
        }
    }
    source = "endpoint (of the region)";
    return regional_endpoint(options.region);
}

} // namespace

std::string regional_endpoint(std::string_view region) {
    if (region == "local") return "http://localhost:8000";
    std::string_view suffix = "amazonaws.com";
    for (partition const& p : partitions) {
        if (region.starts_with(p.region_prefix)) suffix = p.suffix;
    }
    return "https://dynamodb." + std::string(region) + '.' + std::string(suffix);
}

resolved_options resolve(client_options options, aws::environment const& env) {
    resolved_options out;
    if (options.region.empty()) {
        auto region = aws::resolve_region(env, options.profile);
        if (!region)
            throw_error(errc::no_region, "client_options::region, AWS_REGION, AWS_DEFAULT_REGION and the "
                                         "profile's region are all empty");
        options.region = *std::move(region);
    }
    check_region(options.region);
    out.signing_region = options.region == "local" ? "us-east-1" : options.region;

    std::string source;
    std::string const text = resolve_endpoint(options, env, source);
    try {
        out.endpoint = http::url::parse(text);
    } catch (error const& e) {
        refuse(source + ": " + (e.info().message.empty() ? std::string("not an http or https URL") : e.info().message));
    }
    options.endpoint = text;

    if (!options.credentials) options.credentials = aws::default_credentials(options.profile, out.signing_region);
    if (options.timeout.count() <= 0) refuse("timeout: must be positive");
    if (options.attempt_timeout.count() < 0) refuse("attempt_timeout: must not be negative; 0 is none");
    check_retry(options.retry);
    check_pool(options.pool);
    if (options.table_prefix.empty()) options.table_prefix = env.variable("DYNASIO_TABLE_PREFIX").value_or("");
    check_prefix(options.table_prefix);
    if (!options.clock) refuse("clock: empty; leave it at system_now");
    if (!options.ulids) options.ulids = std::make_shared<ulid_generator>(options.clock);
    out.options = std::move(options);
    return out;
}

} // namespace dynasio::dynamodb::detail
