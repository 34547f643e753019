#ifndef DYNASIO_DYNAMODB_DETAIL_ENDPOINT_HPP
#define DYNASIO_DYNAMODB_DETAIL_ENDPOINT_HPP

#include <dynasio/dynamodb/client_options.hpp>

#include <dynasio/aws/environment.hpp>

#include <string>

namespace dynasio::dynamodb::detail {

/// Options with every empty value resolved.
struct resolved_options {
    client_options options{};
    std::string signing_region{}; ///< "us-east-1" for the region "local".
    aws::retry_policy retry{};
    bool by_account = false;         ///< Whether requests may go to accounts' endpoints instead of `options.endpoint`.
    bool streams_by_account = false; ///< The same for streams and `options.streams_endpoint`.
    http::pool_options streams_pool{}; ///< Connections to `options.streams_endpoint`.
};

/// Fills empty options (code before environment before profile before default) and checks all. Throws
/// errc::invalid_configuration naming the option, variable or property, or errc::no_region.
[[nodiscard]] resolved_options resolve(client_options options, aws::environment const& env);

} // namespace dynasio::dynamodb::detail

#endif
