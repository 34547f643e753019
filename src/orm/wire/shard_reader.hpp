#ifndef DYNASIO_SRC_ORM_WIRE_SHARD_READER_HPP
#define DYNASIO_SRC_ORM_WIRE_SHARD_READER_HPP

#include <dynasio/orm/change_kind.hpp>

#include <dynasio/dynamodb/detail/request_source.hpp>
#include <dynasio/dynamodb/operations/describe_stream.hpp>

#include <dynasio/core/clock.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "change_place.hpp"

namespace dynasio::detail {

/// One change as the stream tells it.
struct told_change {
    std::string shard{};
    change_kind kind = change_kind::insert;
    std::string keys{};                  ///< The item's key as JSON.
    std::optional<std::string> before{}; ///< The item as JSON.
    std::optional<std::string> after{};
    std::string sequence{};
    system_time at{};
    bool expired = false; ///< Removed by the service, because its time to live had passed.
};

/// Decides which requests read a stream of changes, and in which order its changes are delivered. It does no I/O and
/// looks at no clock; drive() sends its requests, in rounds: a round ends when changes have arrived, or when there is
/// nothing to ask for before a pause is over. What has arrived is taken before the next round begins, so that no more
/// is in memory than one answer of each shard.
///
/// The shards of a stream are a forest: a shard is closed after some hours and continued by its children. The changes
/// of one item are in a shard and its descendants, so a child is read when everything of its parent was taken; shards
/// that do not descend from one another are read concurrently. A shard is read at most five times a second, which is
/// what the service allows.
class shard_reader final : public dynamodb::detail::request_source {
public:
    struct settings {
        std::chrono::steady_clock::duration idle = std::chrono::milliseconds(500); ///< After a read without changes.
        bool skips_lost = false; ///< Goes on behind changes that the stream has dropped.
        std::string table{};     ///< Physical; for errors.
        std::string entity{};
    };
    enum class beginning : unsigned char {
        oldest, ///< With everything that the stream holds.
        now,    ///< With the changes that come after the first round.
    };

    shard_reader(std::string stream, beginning from, system_time now, settings how);
    /// Goes on behind a place.
    shard_reader(change_place from, system_time now, settings how);

    // ---- between rounds

    void begin_round(time_point now);
    /// The change that take() would give; null for none.
    [[nodiscard]] told_change const* front() const noexcept { return untaken_.empty() ? nullptr : &untaken_.front(); }
    /// The next change; nothing when there is none before the next round. The change counts as delivered.
    std::optional<told_change> take();
    /// Whether everything was taken of a stream that was disabled, so that no change will come any more.
    [[nodiscard]] bool ended() const noexcept;
    /// When the next round can send something.
    [[nodiscard]] time_point next_round() const;
    /// Whether the shards are known, so that there is a place.
    [[nodiscard]] bool has_begun() const noexcept { return has_begun_; }
    /// The place behind everything that take() has given. Precondition: has_begun().
    [[nodiscard]] change_place place(system_time now) const;
    /// Why changes are lost, if skips_lost is false: the error of a request that showed it, or no more than a message.
    /// The next round asks again.
    [[nodiscard]] std::optional<failure> const& lost() const noexcept { return lost_; }
    /// How many times changes were lost and skipped.
    [[nodiscard]] std::uint64_t gaps() const noexcept { return gaps_; }
    /// What the last description of the stream said; empty before it.
    [[nodiscard]] std::string const& view() const noexcept { return view_; }
    [[nodiscard]] std::string const& table() const noexcept { return table_; }

    // ---- for drive(), within a round

    std::optional<request> next(time_point now) override;
    [[nodiscard]] bool ready(time_point now) const override;
    [[nodiscard]] std::optional<time_point> wake_at() const override { return std::nullopt; }
    [[nodiscard]] bool sequential() const override;
    [[nodiscard]] bool done() const noexcept override;
    void on_answer(std::size_t id, answer const& got) override;
    void describe(std::size_t id, diagnostics& d) const override;
    [[nodiscard]] bool takes_failure(std::size_t id, error const& e) override;
    void on_failure(std::size_t id, error const& e) override;

private:
    enum class phase : unsigned char {
        waits,    ///< For its parent.
        ready,    ///< Needs an iterator.
        open,     ///< Has an iterator.
        finished, ///< Read to its end; changes of it may be untaken.
        done,     ///< Taken to its end.
    };
    struct shard {
        std::string parent{};
        phase is = phase::waits;
        /// Where reading goes on when a new iterator is needed: behind what was read.
        shard_place read{};
        shard_place taken{};    ///< Behind what was taken.
        bool at_latest = false; ///< The next iterator is at the newest change; `read` is the time from which it counts.
        std::string iterator{};
        time_point due = time_point::min();
        std::size_t untaken = 0;
        unsigned refusals = 0;
        bool under_way = false;
        bool listed = false;
        bool leaves_out_older = false; ///< Changes before the time in `read` are left out.
    };
    using shards = std::map<std::string, shard>;

    struct listing {
        bool wanted = true;
        bool under_way = false;
        time_point due = time_point::min();
        std::string from{}; ///< ExclusiveStartShardId of the next page.
        std::vector<dynamodb::stream_shard> found{};
    };
    struct order {
        dynamodb::operation op;
        std::string shard{};
        std::string iterator{};
    };

    [[nodiscard]] bool may_list() const noexcept {
        return listing_.wanted && !listing_.under_way && listing_.due <= round_;
    }
    /// The place before the first change of a shard that has arrived and was not taken. Precondition: there is one.
    [[nodiscard]] shard_place before_untaken(std::string_view of) const;
    [[nodiscard]] bool may_read(shard const& s) const noexcept;
    [[nodiscard]] shards::value_type* next_shard();
    [[nodiscard]] std::size_t count_ready() const noexcept;

    [[nodiscard]] request list_request();
    [[nodiscard]] request shard_request(shards::value_type& entry);

    void take_listing(std::string_view body, time_point now);
    void end_listing(time_point now);
    void begin_with_listed();
    void go_on_with_listed();
    void take_iterator(shard& s, std::string_view body);
    void take_changes(order const& sent, std::string_view body, time_point now);
    void end_shard(std::string const& name, shard& s);
    void start_children();
    void lose_old_place();
    void lose(std::string const& name, shard& s, bool is_gone, error const& e);
    void want_listing(time_point at);

    settings how_;
    std::string stream_;
    beginning from_ = beginning::oldest;
    system_time began_at_{};
    std::optional<change_place> resumed_{}; // until the first listing
    bool is_too_old_ = false;               // the place that was resumed
    bool has_begun_ = false;
    bool is_disabled_ = false;
    std::string view_{};
    std::string table_{};

    shards shards_{};
    listing listing_{};
    std::deque<told_change> untaken_{};
    std::map<std::size_t, order> orders_{}; // under way
    std::size_t last_order_ = 0;
    time_point round_ = time_point::min();
    std::optional<failure> lost_{};
    std::uint64_t gaps_ = 0;
};

} // namespace dynasio::detail

#endif
