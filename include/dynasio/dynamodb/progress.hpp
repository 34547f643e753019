#ifndef DYNASIO_DYNAMODB_PROGRESS_HPP
#define DYNASIO_DYNAMODB_PROGRESS_HPP

#include <dynasio/aws/retry.hpp>

#include <cstddef>

namespace dynasio::dynamodb {

/// Decides what to do with keys or items that a batch call left unprocessed. It uses no clock and no timer.
///
/// Only answers without any progress count against the limit, because even a healthy table needs several answers for
/// 100 items of 400 KB: one answer holds 16 MB. After progress the rest is sent at once; without progress it is sent
/// after a pause that grows each time.
class progress_guard {
public:
    /// `policy` must outlive the guard. After max_attempts answers in a row without progress the guard gives up; the
    /// n-th pause is jitter * min(base_delay * 2^(n-1), max_delay).
    explicit progress_guard(aws::retry_policy const& policy) noexcept : policy_(&policy) {}

    enum class action { done, resend, give_up };
    struct decision {
        action next;
        aws::retry_delay delay{}; ///< Before resending.
    };

    /// Call it after each answer; `jitter` is a random number in [0, 1].
    [[nodiscard]] decision on_answer(std::size_t sent, std::size_t unprocessed, double jitter) noexcept;
    /// How many answers in a row have brought no progress.
    [[nodiscard]] unsigned fruitless() const noexcept { return fruitless_; }

private:
    aws::retry_policy const* policy_;
    unsigned fruitless_ = 0;
};

} // namespace dynasio::dynamodb

#endif
