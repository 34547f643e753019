#include "option_limits.hpp"

#include <dynasio/core/duration.hpp>
#include <dynasio/core/error.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace dynasio::dynamodb::detail {
namespace {

[[noreturn]] void refuse(std::string message) { throw_error(errc::invalid_configuration, std::move(message)); }

template <class Duration> void check_not_negative(char const* name, Duration& value) {
    if (value.count() < 0) refuse(std::string(name) + ": must not be negative");
    dynasio::detail::limit_duration(value);
}

} // namespace

void limit_options(client_options& options) {
    if (options.timeout.count() <= 0) refuse("timeout: must be positive");
    dynasio::detail::limit_duration(options.timeout);
    if (options.attempt_timeout.count() < 0) refuse("attempt_timeout: must not be negative; 0 is none");
    dynasio::detail::limit_duration(options.attempt_timeout);

    throttle_options& throttling = options.throttling;
    check_not_negative("throttling.first_pause", throttling.first_pause);
    check_not_negative("throttling.lifetime", throttling.lifetime);

    hedging_options& hedging = options.hedging;
    check_not_negative("hedging.min_delay", hedging.min_delay);
}

} // namespace dynasio::dynamodb::detail
