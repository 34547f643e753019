#ifndef DYNASIO_SRC_ORM_LOAD_QUEUE_HPP
#define DYNASIO_SRC_ORM_LOAD_QUEUE_HPP

#include <dynasio/dynamodb/detail/batch_queue.hpp>

#include <dynasio/aws/retry.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "fetch.hpp"

namespace dynasio::detail {

/// What is asked next, and when. Full batches leave first, then queries, those with the longest chain of requests below
/// them before others. A batch that is not full waits while something under way can still bring keys, but not longer
/// than the linger time after the last key. No I/O, no clock.
class load_queue {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// One request: a page of a query, or a batch of keys.
    struct dispatch {
        std::size_t id = 0;
        fetch* query = nullptr;
        std::vector<fetch*> keys{};
        bool feeds = false; ///< A batch whose entities can ask for more keys.

        /// The fetch that stands for the request in errors and reports.
        [[nodiscard]] fetch& first() const noexcept { return query != nullptr ? *query : *keys.front(); }
    };

    load_queue(std::chrono::nanoseconds linger, aws::retry_policy const& policy);

    // ---- what the store says
    /// A fetch that is new.
    void add(fetch& f);
    /// The next page of a query.
    void add_page(fetch& f);
    /// What a fetch brings can ask for keys from now on.
    void note_feeding(fetch& f) noexcept;
    /// Everything of a fetch has come.
    void note_complete(fetch& f) noexcept;
    /// Keys that an answer left unprocessed. Returns those that are given up.
    [[nodiscard]] std::vector<fetch*> put_back(std::size_t sent, std::span<fetch* const> unprocessed, time_point now,
                                               double jitter);

    // ---- what the loader asks
    /// The next request to send now; valid until it is answered. Null when there is none.
    [[nodiscard]] dispatch const* next(time_point now);
    [[nodiscard]] bool ready(time_point now) const;
    [[nodiscard]] std::optional<time_point> wake_at() const;
    [[nodiscard]] bool sequential() const;
    [[nodiscard]] bool done() const noexcept;
    [[nodiscard]] std::size_t in_flight() const noexcept { return in_flight_.size(); }
    /// A request under way; null for another id.
    [[nodiscard]] dispatch const* find(std::size_t id) const;
    /// It was answered: it is not under way any more.
    [[nodiscard]] dispatch take_answered(std::size_t id);
    /// The keys that came by now count as come at this time.
    void note_time(time_point now) noexcept;

private:
    [[nodiscard]] bool keys_may_come() const noexcept { return feeding_queries_ > 0 || feeding_batches_ > 0; }
    [[nodiscard]] bool may_send_part(time_point now) const noexcept;
    dispatch& start();

    std::chrono::nanoseconds linger_;
    std::map<int, std::deque<fetch*>, std::greater<>> queries_{}; // by height, longest chain first
    dynamodb::detail::batch_queue<fetch*> keys_;
    time_point last_key_at_{};
    bool key_added_ = false;
    std::map<std::size_t, dispatch> in_flight_{};
    std::size_t feeding_queries_ = 0; // not complete, and their entities can ask for keys
    std::size_t feeding_batches_ = 0; // under way, likewise
    std::size_t next_id_ = 1;
};

} // namespace dynasio::detail

#endif
