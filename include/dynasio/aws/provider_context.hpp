#ifndef DYNASIO_AWS_PROVIDER_CONTEXT_HPP
#define DYNASIO_AWS_PROVIDER_CONTEXT_HPP

#include <dynasio/aws/environment.hpp>
#include <dynasio/aws/http_transport.hpp>

#include <dynasio/core/clock.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <string>

namespace dynasio::aws {

/// The environment of credentials providers. The defaults are for programs; tests replace them.
struct provider_context {
    /// The profile whose settings apply. Empty: AWS_PROFILE, else "default".
    std::string profile{};
    /// The region of the services that are called (STS). Empty: AWS_REGION, AWS_DEFAULT_REGION, the profile's region.
    std::string region{};

    environment env = environment::process();
    wall_clock clock = system_now;
    /// Empty: make_http_transport(env, profile).
    http_transport transport{};
    /// Waits between attempts. Empty: a timer on the executor of the coroutine that waits.
    std::function<boost::asio::awaitable<void>(std::chrono::milliseconds)> sleep{};
    /// Random numbers in [0, 1) that spread retries and refreshes. Empty: a generator of the provider's own.
    std::function<double()> random{};
};

} // namespace dynasio::aws

#endif
