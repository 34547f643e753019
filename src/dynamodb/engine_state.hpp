#ifndef DYNASIO_SRC_DYNAMODB_ENGINE_STATE_HPP
#define DYNASIO_SRC_DYNAMODB_ENGINE_STATE_HPP

#include <dynasio/dynamodb/call_options.hpp>
#include <dynasio/dynamodb/client_options.hpp>
#include <dynasio/dynamodb/detail/credential_cache.hpp>
#include <dynasio/dynamodb/detail/endpoint.hpp>
#include <dynasio/dynamodb/observer.hpp>
#include <dynasio/dynamodb/request_counts.hpp>

#include <dynasio/http/deadline.hpp>

#include <dynasio/aws/environment.hpp>
#include <dynasio/aws/retry.hpp>
#include <dynasio/aws/sigv4.hpp>

#include <dynasio/core/detail/process_generation.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "endpoint_targets.hpp"
#include "hedge_policy.hpp"
#include "parking.hpp"
#include "partition_names.hpp"
#include "random_numbers.hpp"
#include "string_store.hpp"
#include "throttle_view.hpp"

namespace dynasio::dynamodb::detail {

class rate_turns;

/// Keeps the memory of ended calls for reuse. May be used on any thread, like string_store.
class call_store {
public:
    call_store() { free_.reserve(max_count); }
    [[nodiscard]] std::unique_ptr<std::byte[]> take(std::size_t size) {
        {
            std::lock_guard const guard(lock_);
            if (!free_.empty()) {
                auto taken = std::move(free_.back());
                free_.pop_back();
                return taken;
            }
        }
        return std::make_unique<std::byte[]>(size);
    }
    void put(std::unique_ptr<std::byte[]> memory) noexcept {
        std::lock_guard const guard(lock_);
        if (free_.size() != max_count) free_.push_back(std::move(memory)); // reserved: does not allocate
    }

private:
    static constexpr std::size_t max_count = 512;

    spin_lock lock_;
    std::vector<std::unique_ptr<std::byte[]>> free_;
};

/// The state that all calls of one client share. Except `strings`, `heads`, `calls_memory` and constant members, it may
/// be used on `executor` only.
struct engine_state {
    engine_state(boost::asio::any_io_executor ex, resolved_options resolved, aws::environment const& env);
    ~engine_state();

    double jitter() noexcept { return static_cast<double>(random.next() >> 11) * 0x1.0p-53; }
    void begin_work() noexcept { ++under_way; }
    void end_work() noexcept {
        if (--under_way == 0 && closing) wake_all(closers);
    }
    /// Called on the executor before anything else is done there. Costs one load and one comparison.
    void notice_fork() {
        if (process != dynasio::detail::process_generation()) [[unlikely]]
            forked();
    }
    /// In a child of fork(): leaves connections, TLS sessions and credentials to the parent.
    void forked();
    [[nodiscard]] std::chrono::steady_clock::time_point
    deadline_of(call_options const& call, std::chrono::steady_clock::time_point start) const noexcept;

    boost::asio::any_io_executor executor;
    client_options options;
    std::shared_ptr<aws::credentials_provider const> provider;
    endpoint_targets targets;
    http::deadline_queue deadlines;
    aws::retry_policy retry;
    aws::retry_quota quota;
    std::unique_ptr<rate_turns> turns; ///< In adaptive mode only.
    random_numbers random;
    call_store calls_memory; ///< Memory of ended calls, for reuse.
    string_store strings{string_store::content::plain};
    string_store heads{string_store::content::secret};
    throttle_view throttles;
    partition_names partitions; ///< For resources that throttle by partition.
    request_counts counts;
    std::array<bool, operation_count> large_answers{}; ///< Whether each operation's last answer was large.
    parked_list sleepers;
    bool closing = false;      ///< New calls are refused.
    bool closed = false;       ///< All calls are ended.
    std::size_t under_way = 0; ///< Running calls, and pauses between the requests of larger ones.
    parked_list closers;       ///< Calls of close() that wait for `under_way` to become 0.

    std::unique_ptr<hedge_policy> hedging; ///< Only if reads are hedged.
    observer* watcher = nullptr;           ///< The observer of the options, or null.
    std::uint64_t observed_as = 0;         ///< This client's number for the observer; 0 without one.
    std::uint64_t calls = 0;               ///< Counted for the observer.
    aws::environment environment;
    bool lambda = false; ///< Whether the environment's trace id is passed on.

    credential_cache credentials;
    parked_list credential_waiters;
    std::uint64_t fetches_ended = 0;
    std::uint64_t last_failed_fetch = std::numeric_limits<std::uint64_t>::max();
    std::exception_ptr fetch_error;
    std::shared_ptr<boost::asio::cancellation_signal> fetch_cancellation;

    unsigned process = dynasio::detail::process_generation(); ///< The process that uses the state.

    std::chrono::milliseconds clock_offset{0}; ///< Service's clock minus the local one, once found to differ.
};

} // namespace dynasio::dynamodb::detail

#endif
