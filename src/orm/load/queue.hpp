#ifndef DYNASIO_SRC_ORM_LOAD_QUEUE_HPP
#define DYNASIO_SRC_ORM_LOAD_QUEUE_HPP

#include <dynasio/dynamodb/detail/batch_queue.hpp>
#include <dynasio/dynamodb/progress.hpp>

#include <dynasio/aws/retry.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "fetch.hpp"

namespace dynasio::detail {

/// Is told when the queue gets something to ask for.
class load_watcher {
public:
    /// `again`: the fetch is a key that came back unprocessed, or what a request was to bring that has failed.
    virtual void on_wanted(fetch const& f, bool again) = 0;
    /// No further request is sent for the fetch, which may be freed.
    virtual void on_complete(fetch const& f) = 0;

protected:
    ~load_watcher() = default;
};

/// Decides which request leaves next, and when. Full batches leave first, then queries; of the queries, those with the
/// longest chain of requests below them leave first. A batch that is not full waits while a request under way can still
/// bring keys, but not longer than the linger time after the last key. It does no I/O and reads no clock.
class load_queue {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// One request: a page of a query, or a batch of keys.
    struct dispatch {
        std::size_t id = 0;
        fetch* query = nullptr;
        std::vector<fetch*> keys{};
        bool feeds = false; ///< The request is a batch whose entities can lead to more keys.

        /// The fetch that stands for the request in errors and reports.
        [[nodiscard]] fetch& first() const noexcept { return query != nullptr ? *query : *keys.front(); }
    };

    load_queue(std::chrono::nanoseconds linger, aws::retry_policy const& policy);

    /// `watcher` is told from now on; it must outlive the queue.
    void watch(load_watcher& watcher) noexcept { watcher_ = &watcher; }

    // ---- called by the store and for its answers
    /// Adds a new fetch.
    void add(fetch& f);
    /// Adds the next page of a query, before other queries of the same height.
    void add_page(fetch& f);
    /// Notes that the rows of a fetch can lead to keys from now on.
    void note_feeding(fetch& f) noexcept;
    /// Notes that no request for a query is wanted until the items of its page were read by key. Returns whether its
    /// rows can lead to keys, which is noted again with note_feeding() afterwards.
    bool note_parked(fetch& f) noexcept;
    /// Notes that the fetch needs no further request.
    void note_complete(fetch& f) noexcept;
    /// Takes back the keys that an answer to `sent` keys left unprocessed. Returns those that are given up: they met
    /// too many answers without progress, or could only be sent again after `until`.
    [[nodiscard]] std::vector<fetch*> put_back(std::size_t sent, std::span<fetch* const> unprocessed, time_point now,
                                               double jitter, time_point until = time_point::max());

    /// How many answers in a row have left a key unprocessed and brought no progress.
    [[nodiscard]] unsigned fruitless(fetch const& f) const;

    /// Takes back what a request was to bring that has failed. It is sent again at `until`.
    void put_back_failed(dispatch const& failed, time_point until);

    // ---- called by the loader
    /// The next request to send now; valid until it is answered. Null when there is none.
    [[nodiscard]] dispatch const* next(time_point now);
    [[nodiscard]] bool ready(time_point now) const;
    [[nodiscard]] std::optional<time_point> wake_at() const;
    [[nodiscard]] bool sequential() const;
    [[nodiscard]] bool done() const noexcept;
    [[nodiscard]] std::size_t in_flight() const noexcept { return in_flight_.size(); }
    /// How many requests it takes at least for what is in the queue now.
    [[nodiscard]] std::size_t least_requests() const noexcept;
    /// What is asked for next; null when the queue is empty.
    [[nodiscard]] fetch const* first_wanted() const noexcept;
    /// The key or query whose pause ends first; null when none pauses.
    [[nodiscard]] fetch const* first_pausing() const;
    /// The request under way with this id; null when there is none.
    [[nodiscard]] dispatch const* find(std::size_t id) const;
    /// Removes the request, which was answered, from those under way and returns it.
    [[nodiscard]] dispatch take_answered(std::size_t id);
    /// Sets the time of the last key to `now` when keys were added since the last call. The linger time counts from it.
    void note_time(time_point now) noexcept;

private:
    [[nodiscard]] bool keys_may_come() const noexcept { return feeding_queries_ > 0 || feeding_batches_ > 0; }
    [[nodiscard]] bool may_send_part(time_point now) const noexcept;
    void end_pauses(time_point now);
    dispatch& start();

    std::chrono::nanoseconds linger_;
    std::map<int, std::deque<fetch*>, std::greater<>> queries_{}; // by height, longest chain first
    std::multimap<time_point, fetch*> pausing_queries_{};         // by the end of the pause
    dynamodb::detail::batch_queue<fetch*> keys_;
    std::unordered_map<fetch const*, std::optional<dynamodb::progress_guard>> guards_{}; // of keys that came back
    time_point last_key_at_{};
    bool key_added_ = false;
    std::map<std::size_t, dispatch> in_flight_{};
    std::size_t feeding_queries_ = 0; // queries that are not complete and whose rows can lead to keys
    std::size_t feeding_batches_ = 0; // batches under way whose entities can lead to keys
    std::size_t next_id_ = 1;
    load_watcher* watcher_ = nullptr;
};

} // namespace dynasio::detail

#endif
