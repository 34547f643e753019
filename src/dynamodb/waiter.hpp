#ifndef DYNASIO_SRC_DYNAMODB_WAITER_HPP
#define DYNASIO_SRC_DYNAMODB_WAITER_HPP

#include <dynasio/dynamodb/client.hpp>
#include <dynasio/dynamodb/requests_fwd.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

// What is waited for, and how: without I/O.
namespace dynasio::dynamodb::detail {

enum class wait_verdict { again, reached, failed };

/// What one look showed.
struct sighting {
    wait_verdict verdict = wait_verdict::again;
    std::string state{}; ///< For the message, should this be the last look.
};

// One judge for each goal. `answer` is null when the service said that there is no such thing.

/// The table and its global secondary indexes are ACTIVE.
[[nodiscard]] sighting judge_table_usable(describe_table_response const* answer);
/// The table is ACTIVE, whatever its indexes are.
[[nodiscard]] sighting judge_table_exists(describe_table_response const* answer);
[[nodiscard]] sighting judge_table_gone(describe_table_response const* answer);
[[nodiscard]] sighting judge_export(describe_export_response const* answer);
[[nodiscard]] sighting judge_import(describe_import_response const* answer);
[[nodiscard]] sighting judge_contributor_insights(describe_contributor_insights_response const* answer);
[[nodiscard]] sighting judge_kinesis_streaming(describe_kinesis_streaming_destination_response const* answer);

/// Decides after each look whether to go on, and when to look again: pauses are doubled up to the longest one.
class waiter {
public:
    /// Throws errc::invalid_argument when a pause is not positive.
    explicit waiter(poll_options poll);

    /// What the last look showed. True: the goal is reached. Throws errc::wait_failed when it never will be.
    [[nodiscard]] bool saw(sighting seen, char const* goal, char const* operation, std::string const& subject);
    /// The pause before the next look.
    [[nodiscard]] std::chrono::milliseconds pause() noexcept {
        return std::exchange(delay_, std::min(delay_ * 2, longest_));
    }
    /// There is no time for another look.
    [[noreturn]] void out_of_time(errc code, char const* goal, char const* operation, std::string const& subject) const;

private:
    std::chrono::milliseconds delay_{};
    std::chrono::milliseconds longest_{};
    std::string state_{};
};

} // namespace dynasio::dynamodb::detail

#endif
