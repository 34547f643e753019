#ifndef DYNASIO_DYNAMODB_DETAIL_ENDPOINT_RULES_HPP
#define DYNASIO_DYNAMODB_DETAIL_ENDPOINT_RULES_HPP

#include <dynasio/dynamodb/account_endpoint_mode.hpp>

#include <dynasio/aws/detail/region.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace dynasio::dynamodb::detail {

using aws::detail::is_host_label;
using aws::detail::partition;
using aws::detail::partition_of;

/// The parameters of the service's published endpoint rules, on which the endpoint of a request depends.
struct endpoint_parameters {
    std::string_view region{};
    bool use_fips = false;
    bool use_dual_stack = false;
    std::string_view endpoint{};                  ///< A custom endpoint.
    std::optional<std::string_view> account_id{}; ///< The account of the credentials, if known.
    std::optional<account_endpoint_mode> account_mode{};
    std::string_view resource_arn{};     ///< The request's resource, if named by its ARN.
    std::string_view first_listed_arn{}; ///< The first of several resources.
    bool search = false;                 ///< Vector operations have their own hosts.
    bool streams = false;                ///< So has DynamoDB Streams, by endpoint rules of its own.
};

/// Why there is no endpoint.
enum class endpoint_refusal {
    no_region,
    fips_with_custom_endpoint,
    dual_stack_with_custom_endpoint,
    custom_endpoint_is_dual_stack,
    fips_with_local,
    dual_stack_with_local,
    no_fips_in_partition,
    no_dual_stack_in_partition,
    neither_in_partition,
    account_with_fips,
    account_not_in_partition,
    account_not_in_region,
    no_account_id,
    account_id_malformed,
};

/// A sentence that says what to do about the refusal.
[[nodiscard]] std::string_view explain(endpoint_refusal why) noexcept;

struct endpoint_choice {
    std::string url{}; ///< Empty when refused.
    std::optional<endpoint_refusal> refusal{};
    bool of_account = false; ///< The host contains an account id.
};

/// The service's endpoint rules (endpoint-rule-set-1.json), written by hand. Does no I/O. The region and account ids
/// become part of a host name: account ids that are not a host label are ignored or refused. Precondition: the region
/// is a host label.
[[nodiscard]] endpoint_choice choose_endpoint(endpoint_parameters const& p);

/// Whether the endpoint can differ between requests of this configuration.
[[nodiscard]] bool has_account_endpoints(endpoint_parameters const& p) noexcept;

/// The resources of a request, as the service model defines them for its operation, by name or ARN.
struct named_resources {
    std::string one{};
    std::string first_listed{};
};
/// Both are empty when the operation has no such member or the body is not JSON.
[[nodiscard]] named_resources resources_of(std::string_view operation, std::string_view body);

} // namespace dynasio::dynamodb::detail

#endif
