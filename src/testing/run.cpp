#include <dynasio/testing/run.hpp>

#include <dynasio/aws/credentials.hpp>

#include <chrono>
#include <utility>

namespace dynasio::testing {

client_options options_for(std::string endpoint) {
    client_options options;
    options.endpoint = std::move(endpoint);
    options.region = "us-east-1";
    options.credentials = aws::static_credentials(aws::credentials("test", "test"));
    options.ignore_configured_endpoint_urls = true;
    options.use_fips = false;
    options.use_dual_stack = false;
    options.account_id_endpoint_mode = account_endpoint_mode::disabled;
    options.proxy_from_environment = false;
    options.retry.mode = aws::retry_mode::standard;
    options.retry.max_attempts = 3;
    options.retry.base_delay = std::chrono::milliseconds(1);
    options.retry.throttling_delay = std::chrono::milliseconds(1);
    options.retry.max_delay = std::chrono::milliseconds(1);
    return options;
}

} // namespace dynasio::testing
