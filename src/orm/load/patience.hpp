#ifndef DYNASIO_SRC_ORM_LOAD_PATIENCE_HPP
#define DYNASIO_SRC_ORM_LOAD_PATIENCE_HPP

#include <dynasio/aws/retry.hpp>

#include <dynasio/core/error.hpp>

#include <cstddef>
#include <optional>

namespace dynasio::detail {

/// Decides whether a load goes on when a request has failed for all its attempts, and after which pause it asks again.
///
/// A load sends thousands of requests and needs all of their answers. If the first one that uses up its attempts ended
/// it, a load of 8,000 requests would fail more often than not where one request in ten is throttled. So what passes by
/// itself is asked for again, after pauses that grow, as long as the load gets answers at all. Pauses after lost
/// connections and failures of the service go on where those of the request's own attempts ended. Asking again takes
/// nothing from the client's retry quota, and has a limit of its own: the number of answers so far, and some for the
/// beginning. It does no I/O and reads no clock; the operation's deadline bounds it.
class load_patience {
public:
    /// `is_limited`: the caller has said how many attempts a request has, and a request that has used them up ends the
    /// load. A policy of one attempt, which switches retries off, does the same.
    load_patience(aws::retry_policy const& policy, bool is_limited) noexcept;

    /// The policy for keys that come back unprocessed. Valid as long as this object.
    [[nodiscard]] aws::retry_policy const& for_unprocessed() const noexcept { return for_unprocessed_; }

    void note_answer() noexcept { ++answers_; }
    /// How long to wait before the request is sent again; nothing when its failure ends the load. `times`: how often it
    /// was sent again so, without an answer since. `jitter`: a random number in [0, 1].
    [[nodiscard]] std::optional<aws::retry_delay> after(error const& failed, unsigned times, double jitter) noexcept;

private:
    aws::retry_policy policy_;
    aws::retry_policy for_unprocessed_;
    bool is_patient_;
    std::size_t answers_ = 0;
    std::size_t asked_again_ = 0;
};

} // namespace dynasio::detail

#endif
