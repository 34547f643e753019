#include "option_limits.hpp"

#include <dynasio/core/duration.hpp>
#include <dynasio/core/error.hpp>

#include <chrono>
#include <string>
#include <utility>

#include "../core/refuse_configuration.hpp"

namespace dynasio::dynamodb::detail {
namespace {

using dynasio::detail::refuse_configuration;

void check_range(char const* name, double value, double least, double most, char const* allowed) {
    // The negated comparison also refuses NaN.
    if (!(value >= least && value <= most)) refuse_configuration(std::string(name) + ": must be from " + allowed);
}

template <class Duration> void check_not_negative(char const* name, Duration& value) {
    if (value.count() < 0) refuse_configuration(std::string(name) + ": must not be negative");
    dynasio::detail::limit_duration(value);
}

} // namespace

void limit_options(client_options& options) {
    if (options.timeout.count() <= 0) refuse_configuration("timeout: must be positive");
    dynasio::detail::limit_duration(options.timeout);
    if (options.attempt_timeout.count() < 0) refuse_configuration("attempt_timeout: must not be negative; 0 is none");
    dynasio::detail::limit_duration(options.attempt_timeout);

    throttle_options& throttling = options.throttling;
    check_not_negative("throttling.first_pause", throttling.first_pause);
    check_range("throttling.decrease", throttling.decrease, 0, 1, "0 to 1");
    check_range("throttling.headroom", throttling.headroom, 0, 1'000, "0 to 1000");
    check_range("throttling.increase", throttling.increase, 0, 1'000, "0 to 1000");
    // A rate of 0 would make the pause infinite.
    check_range("throttling.min_rate", throttling.min_rate, 0.001, 1e6, "0.001 to 1000000");
    check_not_negative("throttling.lifetime", throttling.lifetime);

    hedging_options& hedging = options.hedging;
    check_range("hedging.percentile", hedging.percentile, 0, 1, "0 to 1");
    check_range("hedging.budget", hedging.budget, 0, 1, "0 to 1");
    check_range("hedging.burst", hedging.burst, 0, 1e6, "0 to 1000000");
    check_not_negative("hedging.min_delay", hedging.min_delay);
}

} // namespace dynasio::dynamodb::detail
