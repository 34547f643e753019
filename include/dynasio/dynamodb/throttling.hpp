#ifndef DYNASIO_DYNAMODB_THROTTLING_HPP
#define DYNASIO_DYNAMODB_THROTTLING_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace dynasio {

/// How a client treats tables and indexes that throttle its requests.
struct throttle_options {
    /// Requests to a resource that throttles wait for their turn instead of being sent to be refused. Off: only the
    /// pauses between the attempts of each call slow them.
    bool enabled = true;
    /// After the first throttling of a resource, other requests to it wait for so long (the call that was throttled
    /// makes the pause that its retries prescribe); meanwhile, and until it throttles again, it is counted how many are
    /// sent.
    std::chrono::milliseconds first_pause{25};
    /// A resource that throttles again is sent this part of the requests per second that it was sent before, but not
    /// less than `headroom` times what succeeded per second of late.
    double decrease = 0.7;  ///< 0 to 1.
    double headroom = 1.25; ///< 0 to 1000.
    /// Every request that succeeds raises that rate by this part of it.
    double increase = 0.02; ///< 0 to 1000.
    double min_rate = 10;   ///< Requests per second that a resource is sent at least; 0.001 to 1000000.
    /// A resource is forgotten when it has not throttled for so long and no request waits for it.
    std::chrono::milliseconds lifetime{10'000};
};

/// Which of a table's two kinds of capacity.
enum class capacity_kind : std::uint8_t { read, write };

/// A table or index, or a part of one, that throttled requests lately; see client::throttled().
struct throttled_resource {
    std::string table{};
    std::string index{}; ///< Empty: the table itself.
    capacity_kind kind = capacity_kind::read;
    /// Only requests for one partition: the service said that a key range, not the table or index, gets too many. For
    /// one key while the client has not seen which attribute is the partition key.
    bool single_key = false;
    std::string reason{};        ///< The service's last one, as received; empty when it gave none.
    double rate = 0;             ///< Requests per second that are let through; 0: not limited after the first pause.
    std::size_t waiting = 0;     ///< Requests that wait for their turn.
    std::uint64_t throttled = 0; ///< Answers that said so since `since`.
    std::chrono::steady_clock::time_point since{};
    std::chrono::steady_clock::time_point last{}; ///< When it throttled for the last time.
};

} // namespace dynasio

#endif
