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

#include "request_targets.hpp"

namespace dynasio::dynamodb::detail {

/// Tracks the tables and indexes that throttle a client, and decides when a request to one of them may be sent. It does
/// no I/O and uses no clock; the caller passes the times.
///
/// Each throttled resource has a queue in the order of arrival, and a rate. The rules for each resource:
/// - The first throttling closes the resource for `first_pause`; from then on sent requests are counted.
/// - A throttling of a request that was sent after the last decrease sets the rate to `decrease` times the recent rate
///   of sent requests, but not below `headroom` times the recent rate of successes. Throttled requests that were sent
///   before the last decrease do not decrease the rate again, because they report the same event.
/// - A success raises the rate by the fraction `increase`, so that the rate follows a limit that rises.
/// The capacity of the service is used in full, at the cost that up to about a fifth of the requests is throttled. If a
/// part of the requests is refused at any rate (one hot partition that the reasons do not name), pauses and decreases
/// still cost throughput, the more the larger that part is. A throttled request itself pauses as the retry policy says
/// and then takes its turn without queueing again.
///
/// A resource is the reads or the writes of a table or index. An answer throttles the resources that its
/// ThrottlingReasons name, and also the request's own resource unless they name it. A reason that names a key range
/// concerns requests for the same partition (the same key, while the name of the partition key is not known). It
/// concerns no request if the throttled request does not show its partition: batches never do, and updates and deletes
/// do not show the partition of an index. Writes to a table also wait for throttled writes of its indexes, because a
/// write does not show which indexes it changes.
class throttle_view {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// A request in the queue of a resource. The destructor leaves the queue.
    class turn : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    public:
        turn() = default;
        turn(turn const&) = delete;
        turn& operator=(turn const&) = delete;
        /// Called when the request has reached the front of the queue; its time must be read again.
        virtual void on_front() noexcept = 0;

    protected:
        ~turn() = default;
    };
    struct entry;

    explicit throttle_view(throttle_options options);
    ~throttle_view();
    throttle_view(throttle_view const&) = delete;
    throttle_view& operator=(throttle_view const&) = delete;

    /// Whether any resource is throttled. If not, no other function needs to be called for a request.
    [[nodiscard]] bool any() const noexcept { return !entries_.empty(); }

    /// An answer said that `request`, sent at `sent`, was throttled.
    void on_throttled(request_targets const& request, std::span<throttling_reason const> reasons, time_point sent,
                      time_point now);
    /// A request was answered without being throttled.
    void on_success(request_targets const& request, time_point now);

    /// The first resource, of those not in `passed`, that holds the request back; nullptr when the request may be sent.
    /// Takes a turn at the resources before it and adds them to `passed`.
    [[nodiscard]] entry* hold(request_targets const& request, std::vector<std::uint64_t>& passed, time_point now);
    /// Takes turns at all resources of the request without waiting.
    void pass(request_targets const& request, time_point now);
    /// Whether any resource of the request is throttled.
    [[nodiscard]] bool concerns(request_targets const& request) const noexcept;

    /// Appends `t` to the queue of `e`. The entry exists at least until its queue is empty.
    void enqueue(entry& e, turn& t);
    /// When `t` may be sent. Only the front of the queue has a time; a time in the past means at once.
    [[nodiscard]] std::optional<time_point> time_of(entry const& e, turn const& t) const noexcept;
    /// Removes `t`, which takes its turn (`taken`) or gives up, and tells the next one in the queue.
    void leave(entry& e, turn& t, bool taken, std::vector<std::uint64_t>& passed, time_point now);

    /// Removes resources that have not throttled for `lifetime`.
    void expire(time_point now);
    [[nodiscard]] std::vector<throttled_resource> snapshot() const;
    /// "table users" or "index by_email of table users", for messages.
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
