#ifndef DYNASIO_SRC_DYNAMODB_WAITER_HPP
#define DYNASIO_SRC_DYNAMODB_WAITER_HPP

#include <dynasio/dynamodb/client.hpp>
#include <dynasio/dynamodb/requests_fwd.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

// Decisions of the waiters, without I/O.
namespace dynasio::dynamodb::detail {

enum class wait_verdict { again, reached, failed };

/// The result of one look at the resource.
struct sighting {
    wait_verdict verdict = wait_verdict::again;
    std::string state{}; ///< Used in the message if this is the last look.
};

// One judge for each goal. `answer` is null when the service reports that the resource does not exist.

/// Goal: the table and its global secondary indexes are ACTIVE.
[[nodiscard]] sighting judge_table_usable(describe_table_response const* answer);
/// Goal: the table is ACTIVE, whatever the states of its indexes.
[[nodiscard]] sighting judge_table_exists(describe_table_response const* answer);
[[nodiscard]] sighting judge_table_gone(describe_table_response const* answer);
[[nodiscard]] sighting judge_export(describe_export_response const* answer);
[[nodiscard]] sighting judge_import(describe_import_response const* answer);
[[nodiscard]] sighting judge_contributor_insights(describe_contributor_insights_response const* answer);
[[nodiscard]] sighting judge_kinesis_streaming(describe_kinesis_streaming_destination_response const* answer);

/// Decides after each look whether to look again, and when: pauses are doubled up to the longest one.
class waiter {
public:
    /// Throws errc::invalid_argument when a pause is not positive.
    explicit waiter(poll_options poll);

    /// Takes the result of a look. Returns true when the goal is reached; throws errc::wait_failed when it cannot be
    /// reached any more.
    [[nodiscard]] bool saw(sighting seen, char const* goal, char const* operation, std::string const& subject);
    /// The pause before the next look.
    [[nodiscard]] std::chrono::milliseconds pause() noexcept {
        return std::exchange(delay_, std::min(delay_ * 2, longest_));
    }
    /// Throws `code` because there is no time for another look.
    [[noreturn]] void out_of_time(errc code, char const* goal, char const* operation, std::string const& subject) const;

private:
    std::chrono::milliseconds delay_{};
    std::chrono::milliseconds longest_{};
    std::string state_{};
};

} // namespace dynasio::dynamodb::detail

#endif
