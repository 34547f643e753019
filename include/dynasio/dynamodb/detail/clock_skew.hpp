#ifndef DYNASIO_DYNAMODB_DETAIL_CLOCK_SKEW_HPP
#define DYNASIO_DYNAMODB_DETAIL_CLOCK_SKEW_HPP

#include <dynasio/core/clock.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace dynasio::dynamodb::detail {

/// Time in a Date header (RFC 9110, IMF-fixdate; an offset like "-0500" may stand for GMT, as some proxies write it).
/// Nothing when it is in another form.
[[nodiscard]] std::optional<system_time> parse_http_date(std::string_view text) noexcept;

/// What to add to the local clock from now on, when a refused signature is explained by the clocks: the error is one
/// of those that a wrong date causes and the service's Date differs by more than four minutes (the service itself
/// allows five; the rule is the one AWS's SDKs share).
[[nodiscard]] std::optional<std::chrono::milliseconds>
clock_correction(std::string_view error_name, std::optional<system_time> service_time, system_time local_time) noexcept;

} // namespace dynasio::dynamodb::detail

#endif
