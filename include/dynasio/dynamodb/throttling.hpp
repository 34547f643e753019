#ifndef DYNASIO_DYNAMODB_THROTTLING_HPP
#define DYNASIO_DYNAMODB_THROTTLING_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace dynasio {

/// How a client treats tables and indexes that throttle its requests.
struct throttle_options {
    /// If true, requests to a resource that throttles wait for their turn instead of being sent and refused. If false,
    /// only the pauses between the attempts of each call slow requests down.
    bool enabled = true;
    /// How long other requests to a resource wait after its first throttling (the throttled call itself makes the pause
    /// of its retry policy). From then until the resource throttles again, the requests sent to it are counted.
    std::chrono::milliseconds first_pause{25};
    /// When a resource throttles again, its rate becomes this fraction of the requests per second that were sent
    /// before, but not less than `headroom` times the recent rate of successes.
    double decrease = 0.7;  ///< 0 to 1.
    double headroom = 1.25; ///< 0 to 1000.
    /// Every success raises the rate by this fraction of it.
    double increase = 0.02; ///< 0 to 1000.
    double min_rate = 10;   ///< Lowest rate in requests per second; 0.001 to 1000000.
    /// A resource is forgotten when it has not throttled for this time and no request waits for it.
    std::chrono::milliseconds lifetime{10'000};
};

/// The two kinds of a table's capacity.
enum class capacity_kind : std::uint8_t { read, write };

/// A table or index, or a partition of one, that throttled requests recently; see client::throttled().
struct throttled_resource {
    std::string table{};
    std::string index{}; ///< Empty: the table itself.
    capacity_kind kind = capacity_kind::read;
    /// True if only requests for one partition are limited, because the service reported that a key range, not the
    /// table or index, gets too many. While the client does not know which attribute is the partition key, requests for
    /// one key are limited.
    bool single_key = false;
    std::string reason{};        ///< The service's last reason, as received; empty if none.
    double rate = 0;             ///< Permitted requests per second; 0: not limited after the first pause.
    std::size_t waiting = 0;     ///< Requests that are waiting.
    std::uint64_t throttled = 0; ///< Throttling answers since `since`.
    std::chrono::steady_clock::time_point since{};
    std::chrono::steady_clock::time_point last{}; ///< Time of the last throttling answer.
};

} // namespace dynasio

#endif
