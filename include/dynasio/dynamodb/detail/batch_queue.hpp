#ifndef DYNASIO_DYNAMODB_DETAIL_BATCH_QUEUE_HPP
#define DYNASIO_DYNAMODB_DETAIL_BATCH_QUEUE_HPP

#include <dynasio/dynamodb/progress.hpp>

#include <dynasio/aws/retry.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace dynasio::dynamodb::detail {

/// The entries (keys or writes) of a batch operation that are not answered and not under way: those that can be sent
/// now, and those that came back unprocessed and have to pause first. The queue decides which entries are sent
/// together. It does no I/O and reads no clock.
///
/// `Entry` is a type that is cheap to copy, such as a pointer. Each entry counts its own answers without progress, so
/// an entry that is never processed is given up even while other entries make progress.
template <class Entry> class batch_queue {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// `limit` is the largest number of entries of one request. `policy` must outlive the queue and the progress_guards
    /// that it makes in the entries.
    batch_queue(std::size_t limit, aws::retry_policy const& policy) noexcept : limit_(limit), policy_(&policy) {}

    void add(Entry e) { waiting_.push_back(e); }

    /// Whether no entry waits and no entry pauses.
    [[nodiscard]] bool empty() const noexcept { return waiting_.empty() && pausing_.empty(); }
    /// Number of entries that can be sent now.
    [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size(); }
    /// Number of entries that can be sent now or pause.
    [[nodiscard]] std::size_t size() const noexcept { return waiting_.size() + pausing_.size(); }
    [[nodiscard]] bool full() const noexcept { return waiting_.size() >= limit_; }
    [[nodiscard]] bool pauses() const noexcept { return !pausing_.empty(); }
    /// The entry whose pause ends first. Precondition: pauses().
    [[nodiscard]] Entry first_pausing() const { return pausing_.begin()->second; }
    /// An entry that is not sent yet. Precondition: not empty().
    [[nodiscard]] Entry first() const { return waiting_.empty() ? pausing_.begin()->second : waiting_.front(); }
    [[nodiscard]] std::size_t limit() const noexcept { return limit_; }
    /// The time when the first pause ends; nothing when no entry pauses.
    [[nodiscard]] std::optional<time_point> wake_at() const {
        return pausing_.empty() ? std::nullopt : std::optional(pausing_.begin()->first);
    }
    /// Lets the entries whose pause is over be sent.
    void end_pauses(time_point now) {
        while (!pausing_.empty() && pausing_.begin()->first <= now) {
            waiting_.push_back(pausing_.begin()->second);
            pausing_.erase(pausing_.begin());
        }
    }

    /// Takes an entry back that can be sent again at `until`.
    void pause(Entry e, time_point until) { pausing_.emplace(until, e); }

    /// Removes and returns the entries of the next request: all that wait, and at most limit().
    [[nodiscard]] std::vector<Entry> take() {
        auto const end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(limit_, waiting_.size()));
        std::vector<Entry> taken(waiting_.begin(), end);
        waiting_.erase(waiting_.begin(), end);
        return taken;
    }

    /// Takes back the entries that an answer to a request of `sent` entries left unprocessed. When the answer brought
    /// progress, they can be sent at once and before others; else they pause. `guard_of(entry)` returns the entry's
    /// `std::optional<progress_guard>&`. Returns the entries that met too many answers without progress, and those
    /// whose pause would last until `until` or longer; they are not in the queue any more.
    template <class GuardOf>
    [[nodiscard]] std::vector<Entry> put_back(std::size_t sent, std::span<Entry const> unprocessed, time_point now,
                                              double jitter, GuardOf guard_of, time_point until = time_point::max()) {
        std::vector<Entry> given_up;
        std::vector<Entry> at_once;
        for (Entry const e : unprocessed) {
            std::optional<progress_guard>& guard = guard_of(e);
            if (!guard) guard.emplace(*policy_);
            auto const decision = guard->on_answer(sent, unprocessed.size(), jitter);
            bool const is_too_late = decision.delay.count() > 0 && decision.delay >= until - now;
            if (decision.next == progress_guard::action::give_up || is_too_late)
                given_up.push_back(e);
            else if (decision.delay.count() <= 0)
                at_once.push_back(e);
            else
                pausing_.emplace(now + std::chrono::ceil<typename time_point::duration>(decision.delay), e);
        }
        waiting_.insert(waiting_.begin(), at_once.begin(), at_once.end());
        return given_up;
    }

private:
    std::size_t limit_;
    aws::retry_policy const* policy_;
    std::deque<Entry> waiting_{};
    std::multimap<time_point, Entry> pausing_{};
};

} // namespace dynasio::dynamodb::detail

#endif
