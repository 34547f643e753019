#ifndef DYNASIO_DYNAMODB_DETAIL_CLOCK_SKEW_HPP
#define DYNASIO_DYNAMODB_DETAIL_CLOCK_SKEW_HPP

#include <dynasio/core/clock.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace dynasio::dynamodb::detail {

/// The time of a Date header (RFC 9110, IMF-fixdate; an offset like "-0500" in place of GMT is accepted, because some
/// proxies write it). Nothing when `text` has another form.
[[nodiscard]] std::optional<system_time> parse_http_date(std::string_view text) noexcept;

/// The correction of the local clock, if different clocks explain a refused signature: the error is one that a wrong
/// date causes, and the service's Date differs by more than four minutes. The service allows five; the rule is that of
/// AWS's SDKs.
[[nodiscard]] std::optional<std::chrono::milliseconds>
clock_correction(std::string_view error_name, std::optional<system_time> service_time, system_time local_time) noexcept;

} // namespace dynasio::dynamodb::detail

#endif
