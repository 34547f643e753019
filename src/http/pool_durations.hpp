#ifndef DYNASIO_SRC_HTTP_POOL_DURATIONS_HPP
#define DYNASIO_SRC_HTTP_POOL_DURATIONS_HPP

#include <dynasio/http/connection_pool.hpp>

#include <dynasio/core/duration.hpp>

namespace dynasio::http::detail {

/// Limits every duration to longest_duration. It is called once, before any of them is added to a time, so that no sum
/// overflows.
inline void limit_durations(pool_options& options) noexcept {
    dynasio::detail::limit_duration(options.connect_timeout);
    dynasio::detail::limit_duration(options.resolve_interval);
    dynasio::detail::limit_duration(options.idle_lifetime);
    dynasio::detail::limit_duration(options.max_age);
}

} // namespace dynasio::http::detail

#endif
