#ifndef DYNASIO_SRC_DYNAMODB_THROTTLE_VIEW_HPP
#define DYNASIO_SRC_DYNAMODB_THROTTLE_VIEW_HPP

#include <dynasio/dynamodb/throttling.hpp>

#include <dynasio/core/error.hpp>

#include <boost/intrusive/list.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "request_facts.hpp"

namespace dynasio::dynamodb::detail {

/// What a client knows about tables and indexes that throttle it, and when a request to one of them may go. No I/O, no
/// clock: times in, decisions out.
///
/// Each throttled resource has its own queue, first come, first served, and a rate. The rule, once for each resource:
/// - The first throttling closes it for `first_pause`; from then on sent requests are counted.
/// - A throttling of a request that was sent after the last decrease sets the rate to `decrease` times what was sent
///   per second of late, but not below `headroom` times what succeeded. Several answers to what was sent before are one
///   event: they tell of the same moment.
/// - A success raises the rate by the part `increase`, so that a limit is found again when it moves.
/// What the service gives is used in full, at the price that up to about a fifth of the requests is throttled. Where a
/// part of the requests is refused whatever the rate is (one hot partition without a reason that says so), pauses and
/// decreases still cost throughput, the more the larger that part is.
/// A request that was throttled itself waits as the retry rules say and then takes its turn without queueing once more.
///
/// A resource is a table or index, with reads and writes apart. It is what ThrottlingReasons name, and besides what the
/// request is about, unless they name that. A reason that names a key range concerns requests for the same partition
/// (the same key, while the name of the partition key is not known), and nobody where the request does not tell one:
/// batches never do, updates and deletes do not tell the partition of an index. Writes to a table wait for throttled
/// writes of its indexes too, because what a write does to indexes cannot be seen in it.
class throttle_view {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// A request in the queue of a resource; leaves it when destroyed.
    class turn : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    public:
        turn() = default;
        turn(turn const&) = delete;
        turn& operator=(turn const&) = delete;
        /// It is at the front now: look at the time again.
        virtual void on_front() noexcept = 0;

    protected:
        ~turn() = default;
    };
    struct entry;

    explicit throttle_view(throttle_options options);
    ~throttle_view();
    throttle_view(throttle_view const&) = delete;
    throttle_view& operator=(throttle_view const&) = delete;

    /// False while nothing is throttled: nothing else needs to be asked then.
    [[nodiscard]] bool any() const noexcept { return !entries_.empty(); }

    /// An answer said that a request to `facts`, sent at `sent`, was throttled.
    void on_throttled(request_facts const& facts, std::span<throttling_reason const> reasons, time_point sent,
                      time_point now);
    /// One that was not.
    void on_success(request_facts const& facts, time_point now);

    /// The first resource that holds the request back, of those that are not in `passed`; nullptr when it may go. Takes
    /// its turn at the others, which are added to `passed`.
    [[nodiscard]] entry* hold(request_facts const& facts, std::vector<std::uint64_t>& passed, time_point now);
    /// Takes turns without asking.
    void pass(request_facts const& facts, time_point now);
    /// Whether any resource of the request is throttled.
    [[nodiscard]] bool concerns(request_facts const& facts) const noexcept;

    /// Behind the others that wait for `e`. The entry stays until the queue is empty.
    void enqueue(entry& e, turn& t);
    /// When `t` may go: only the front has a time, which is past when it may go at once.
    [[nodiscard]] std::optional<time_point> time_of(entry const& e, turn const& t) const noexcept;
    /// `t` goes (`taken`) or gives up; the next one is told.
    void leave(entry& e, turn& t, bool taken, std::vector<std::uint64_t>& passed, time_point now);

    /// Forgets what has not throttled for its lifetime.
    void expire(time_point now);
    [[nodiscard]] std::vector<throttled_resource> snapshot() const;
    /// "table users", "index by_email of table users": for messages.
    [[nodiscard]] static std::string name_of(entry const& e);
    [[nodiscard]] static std::string const& table_of(entry const& e) noexcept;
    [[nodiscard]] static std::string const& index_of(entry const& e) noexcept;

private:
    struct key;
    void note(key const& which, std::string const& reason, time_point sent, time_point now);
    void take(entry& e, time_point now);

    throttle_options options_;
    std::vector<std::unique_ptr<entry>> entries_;
    std::uint64_t last_id_ = 0;
    time_point next_expiry_ = time_point::min();
};

} // namespace dynasio::dynamodb::detail

#endif
