#ifndef DYNASIO_ORM_CHANGES_HPP
#define DYNASIO_ORM_CHANGES_HPP

#include <dynasio/orm/bad_item.hpp>
#include <dynasio/orm/change_kind.hpp>
#include <dynasio/orm/detail/access.hpp>
#include <dynasio/orm/detail/change_reader.hpp>
#include <dynasio/orm/detail/options.hpp>
#include <dynasio/orm/key.hpp>
#include <dynasio/orm/stream_view.hpp>

#include <dynasio/core/clock.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace dynasio {

/// One change of an item.
template <class T> struct item_change {
    change_kind kind{};
    key_of<T> key; ///< Of the item: `users.find(change->key)`.
    /// The entity before and after the change, if the table's stream holds it: stream_view. Never `before` of an
    /// insertion or `after` of a removal. Relations are not loaded, and trashed entities are entities like others.
    std::optional<T> before{};
    std::optional<T> after{};
    std::string sequence_number{}; ///< Grows with each change of the same item.
    system_time at{};              ///< When it happened; the service tells it to the second.
    /// The service has removed the item itself, because the time of its ttl<> had passed.
    bool expired = false;
};

/// A place in the changes of a table's entities, as text that may leave the process and come back: it is opaque, and
/// not secret. It belongs to one entity and one table. It is usable as long as the service keeps the changes behind it,
/// which is 24 hours; store it more often than that, also when no change comes.
class change_position {
public:
    explicit change_position(std::string text) : text_(std::move(text)) {}
    [[nodiscard]] std::string const& text() const noexcept { return text_; }

    friend bool operator==(change_position const&, change_position const&) = default;

private:
    std::string text_;
};

struct from_start_t {
    enum class made { here };
    explicit constexpr from_start_t(made /*here*/) noexcept {}
};
/// For changes(): everything that the stream holds, which is the changes of the last 24 hours.
inline constexpr from_start_t from_start{from_start_t::made::here};

struct from_now_t {
    enum class made { here };
    explicit constexpr from_now_t(made /*here*/) noexcept {}
};
/// For changes(): the changes that happen after start() or the first next() has completed, and some that happen
/// meanwhile.
inline constexpr from_now_t from_now{from_now_t::made::here};

/// Option of changes(): what the program needs of each change. A stream that holds less is errc::no_stream with the
/// first next(). Without it, what streamed<> in the schema says, or else both images.
class seeing {
public:
    explicit constexpr seeing(stream_view view) noexcept : view_(view) {}
    [[nodiscard]] constexpr stream_view value() const noexcept { return view_; }

private:
    stream_view view_;
};

/// Option of changes(): how long to wait after a read of a shard that brought no change, at least 200 ms, which is what
/// the service allows. Without it, half a second. Each read of a shard takes a request, which the service charges for.
class poll_every {
public:
    explicit constexpr poll_every(std::chrono::nanoseconds pause) noexcept : pause_(pause) {}
    [[nodiscard]] constexpr std::chrono::nanoseconds value() const noexcept { return pause_; }

private:
    std::chrono::nanoseconds pause_;
};

/// Option of changes(): when the service has dropped changes that were not read, which it does after 24 hours, goes on
/// with the oldest that it still has. Without it, next() throws errc::changes_lost. change_stream::gaps() counts.
class on_lost_changes {
public:
    explicit constexpr on_lost_changes(skip_t) noexcept {}
};

namespace detail {

inline void apply_place(change_spec&, from_start_t const&) noexcept {}
inline void apply_place(change_spec& to, from_now_t const&) noexcept { to.from_now = true; }
inline void apply_place(change_spec& to, change_position const& from) {
    to.position = from.text();
    // An empty text would be read as no position.
    if (to.position.empty()) to.position = "-";
}
template <class From>
inline constexpr bool is_place_of_changes =
    std::is_same_v<From, from_start_t> || std::is_same_v<From, from_now_t> || std::is_same_v<From, change_position>;

inline void set_change_option(change_spec& to, seeing o) noexcept { to.view = o.value(); }
inline void set_change_option(change_spec& to, poll_every o) noexcept { to.idle = o.value(); }
inline void set_change_option(change_spec& to, on_lost_changes const&) noexcept { to.skips_lost = true; }
inline void set_change_option(change_spec& to, call_options const& o) { to.options.call = o; }
inline void set_change_option(change_spec& to, concurrency o) noexcept { to.options.concurrency = o.value(); }
inline void set_change_option(change_spec& to, on_bad_item const& o) noexcept {
    to.options.bad_items.leave_out = true;
    to.options.bad_items.into = o.into();
}
template <class Option>
concept change_option = requires(change_spec& to, Option const& o) { set_change_option(to, o); };

template <class Option> void apply_change_option(change_spec& to, Option const& option) {
    static_assert(change_option<Option>, "dynasio: changes() takes seeing, poll_every, on_lost_changes, on_bad_item, "
                                         "concurrency and call_options");
    if constexpr (change_option<Option>) set_change_option(to, option);
}

template <class T> std::optional<T> taken_image(std::shared_ptr<void> const& image) {
    std::optional<T> made;
    if (image) made.emplace(std::move(static_cast<std::vector<T>*>(image.get())->front()));
    return made;
}

template <class T>
boost::asio::awaitable<std::optional<item_change<T>>>
take_change(boost::asio::awaitable<std::optional<change_outcome>> op) {
    std::optional<change_outcome> outcome = co_await std::move(op);
    std::optional<item_change<T>> made;
    if (outcome) {
        made.emplace(item_change<T>{outcome->kind, access::key_as_told<key_of<T>>(std::move(outcome->key)),
                                    taken_image<T>(outcome->before), taken_image<T>(outcome->after),
                                    std::move(outcome->sequence_number), outcome->at, outcome->expired});
    }
    co_return made;
}

} // namespace detail

/// The changes of a table's entities, one after the other:
///
///     auto changes = users.changes(from_start);
///     for (;;) {
///         auto const change = co_await changes.next();
///         if (!change) break; // the stream was disabled
///         …
///         store(changes.position().text());
///     }
///
/// **Each change comes at least once.** A stream that is made anew from a stored position gives every change behind it;
/// those that were given and handled after the position was stored come once more, so what a program does with a change
/// has to bear that. No change is left out: when the service has dropped some, errc::changes_lost says so.
///
/// **Order.** The changes of one item come in their order. Those of different items come in the order of their shard;
/// between shards there is none.
///
/// It reads the shards of the stream concurrently, each at most five times a second, and a closed shard's children
/// after it. It is a handle: copies are the same stream, and it may be destroyed at any time. Nothing is read ahead
/// between two calls of next(); one answer of each shard (1 MB at most) is in memory.
template <class T> class change_stream {
public:
    /// The next change: waits until there is one. Nothing when the stream was disabled and all its changes were given;
    /// the table may have a newer one by then, which from_start reads.
    ///
    /// Only one operation of a stream may run at a time (a second one is errc::invalid_argument). Executor and
    /// cancellation are those of repositories; the deadline of call_options bounds each round of requests, and not the
    /// time without changes. After an error or a cancellation the next call goes on where the stream was.
    ///
    /// Throws errc::no_stream when the table has no stream or one that holds less than is asked for,
    /// errc::invalid_cursor for a position of other changes, and errc::changes_lost. The error of an item that does not
    /// fit its entity has its key; the change counts as given, so that the next call gives the one after it (see
    /// on_bad_item). Other entities' items in a shared table are such items.
    ///
    /// Sends DescribeTable and DescribeStream before the first change, and then GetShardIterator once and GetRecords
    /// again and again for each shard.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<std::optional<item_change<T>>>
    next() {
        return detail::take_change<T>(reader_.next(std::nullopt));
    }
    /// The same, but nothing also when no change has come within `patience`; ended() tells the two apart. With a
    /// patience of 0 it asks each shard that may be asked now.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<std::optional<item_change<T>>>
    next(std::chrono::nanoseconds patience) {
        return detail::take_change<T>(reader_.next(patience));
    }
    /// Takes up the place of a stream that was made with from_now: a change that happens after this has completed will
    /// be given. It also makes the checks of the first next(). Does nothing once the stream has begun.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void> start() {
        return reader_.start();
    }
    /// The place behind the last change that next() gave, or that it threw the error of. Precondition: start() or a
    /// next() has completed (else errc::invalid_argument, unless the stream was made with a position), and no operation
    /// of the stream is running.
    ///
    /// The place of a stream that was made with from_now, and has not given a change of some shard, stands for the time
    /// at which it began: a stream that goes on from there may give changes of that shard that happened up to five
    /// minutes before.
    [[nodiscard]] change_position position() const { return change_position(reader_.position()); }
    /// Whether the stream was disabled and all its changes were given.
    [[nodiscard]] bool ended() const { return reader_.ended(); }
    /// How many times changes were lost, with on_lost_changes(skip): once for each shard and time.
    [[nodiscard]] std::uint64_t gaps() const { return reader_.gaps(); }

private:
    friend struct detail::access;
    explicit change_stream(detail::change_reader reader) : reader_(std::move(reader)) {}

    detail::change_reader reader_;
};

namespace dsl {

using dynasio::change_kind;
using dynasio::change_position;
using dynasio::from_now;
using dynasio::from_start;
using dynasio::on_lost_changes;
using dynasio::poll_every;
using dynasio::seeing;

} // namespace dsl

} // namespace dynasio

#endif
