#ifndef DYNASIO_DYNAMODB_PROGRESS_HPP
#define DYNASIO_DYNAMODB_PROGRESS_HPP

#include <dynasio/aws/retry.hpp>

#include <cstddef>

namespace dynasio::dynamodb {

/// Decides what to do with keys or items that a batch call left unprocessed. No clock, no timer.
///
/// Only answers without any progress count against the limit: 100 items of 400 KB take many answers on a healthy table,
/// because one answer holds 16 MB. After progress the rest leaves at once; after none it waits, longer each time.
class progress_guard {
public:
    /// `policy` must outlive the guard: max_attempts fruitless answers in a row are too many; base_delay and max_delay
    /// shape the pauses: the n-th is jitter * min(base_delay * 2^(n-1), max_delay).
    explicit progress_guard(aws::retry_policy const& policy) noexcept : policy_(&policy) {}

    enum class action { done, resend, give_up };
    struct decision {
        action next;
        aws::retry_delay delay{}; ///< Before resending.
    };

    /// Call after each answer; `jitter` is a random number in [0, 1].
    [[nodiscard]] decision on_answer(std::size_t sent, std::size_t unprocessed, double jitter) noexcept;

private:
    aws::retry_policy const* policy_;
    unsigned fruitless_ = 0;
};

} // namespace dynasio::dynamodb

#endif
