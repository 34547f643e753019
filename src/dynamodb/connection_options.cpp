#include "connection_options.hpp"

#include <dynasio/aws/client_settings.hpp>

#include <dynasio/core/error.hpp>

#include <string>
#include <utility>

#include "../core/refuse_configuration.hpp"

namespace dynasio::dynamodb::detail {
namespace {

using dynasio::detail::refuse_configuration;

void check_pool(http::pool_options const& pool) {
    if (pool.max_connections == 0) refuse_configuration("pool.max_connections: 0 would send nothing");
    if (pool.min_connections > pool.max_connections)
        refuse_configuration("pool.min_connections: more than pool.max_connections");
    if (pool.connect_timeout.count() <= 0) refuse_configuration("pool.connect_timeout: must be positive");
    if (pool.resolve_interval.count() < 0) refuse_configuration("pool.resolve_interval: must not be negative");
    if (pool.idle_lifetime.count() < 0) refuse_configuration("pool.idle_lifetime: must not be negative");
    if (pool.max_age.count() <= 0) refuse_configuration("pool.max_age: must be positive");
    if (pool.max_head_bytes == 0) refuse_configuration("pool.max_head_bytes: must be positive");
    if (pool.max_body_bytes == 0) refuse_configuration("pool.max_body_bytes: must be positive");
}

} // namespace

void resolve_connections(http::pool_options& pool, bool proxy_from_environment, http::url const& endpoint,
                         aws::environment const& env, aws::client_settings const& from) {
    check_pool(pool);
    if (!pool.proxy && proxy_from_environment) pool.proxy = http::proxy::from_environment(env.variable, endpoint);

    auto& tls = pool.tls;
    bool const chosen = !tls.use_system_authorities || !tls.authorities_file.empty() || !tls.authorities_pem.empty() ||
                        !tls.authorities_directory.empty();
    if (!endpoint.tls || !tls.verify_peer || chosen) return;
    auto bundle = from.find("AWS_CA_BUNDLE", "ca_bundle");
    if (!bundle) return;
    tls.authorities_file = std::move(bundle->value);
    // A configured bundle replaces the system's authorities, as in AWS's SDKs.
    tls.use_system_authorities = false;
}

} // namespace dynasio::dynamodb::detail
