#ifndef DYNASIO_DYNAMODB_DETAIL_ENDPOINT_HPP
#define DYNASIO_DYNAMODB_DETAIL_ENDPOINT_HPP

#include <dynasio/dynamodb/client_options.hpp>

#include <dynasio/http/url.hpp>

#include <dynasio/aws/environment.hpp>

#include <string>
#include <string_view>

namespace dynasio::dynamodb::detail {

/// Options with every empty value resolved, and where requests go.
struct resolved_options {
    client_options options{};
    http::url endpoint{};
    std::string signing_region{}; ///< "us-east-1" for the region "local".
};

/// Fills what is empty, checks everything. Throws errc::invalid_configuration naming the option, or errc::no_region.
[[nodiscard]] resolved_options resolve(client_options options, aws::environment const& env);

/// "https://dynamodb.<region>.<suffix of the region's partition>"; "http://localhost:8000" for the region "local".
[[nodiscard]] std::string regional_endpoint(std::string_view region);

} // namespace dynasio::dynamodb::detail

#endif
