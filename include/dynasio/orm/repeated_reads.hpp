#ifndef DYNASIO_ORM_REPEATED_READS_HPP
#define DYNASIO_ORM_REPEATED_READS_HPP

#include <dynasio/dynamodb/client.hpp>

#include <cstddef>

namespace dynasio {

/// What is done when a relation was loaded for one entity after the other: see watch_repeated_reads().
class repeated_reads {
public:
    /// `times`: the load of one relation that is too many; at least 2, because a single lazy load is no mistake.
    explicit repeated_reads(std::size_t times = 5) noexcept : times_(times) {}

    /// Lets that load, and each after it, throw errc::repeated_reads before it sends anything. Without this, the
    /// client's observer is told once for each relation (observer::on_repeated_reads(); the log observer writes a
    /// warning), and the load goes on.
    [[nodiscard]] repeated_reads fail() const noexcept {
        repeated_reads copy = *this;
        copy.fails_ = true;
        return copy;
    }
    [[nodiscard]] std::size_t times() const noexcept { return times_; }
    [[nodiscard]] bool fails() const noexcept { return fails_; }

private:
    std::size_t times_;
    bool fails_ = false;
};

/// A handle of the same client that finds N+1 reads: a relation that is loaded one entity at a time, where one load for
/// all entities would send a fraction of the requests.
///
///     auto const scoped = watch_repeated_reads(db, repeated_reads(5).fail());  // for one request of a server
///     repository<User> users(scoped);
///     for (auto& user : found) co_await users.load<&User::posts>(user);        // the 5th throws errc::repeated_reads
///
/// The scope is the handle with its copies and what is made from them (repositories, queries, related_entities):
/// their loads are counted together, and other handles of the client are not concerned. So make one for each unit of
/// work, such as a request that a server handles; it costs one allocation and shares connections and options. It may be
/// used as `db` is, on several threads too when the client is thread-safe.
///
/// Counted are load() and count() of a repository for one entity, and get(), count() and exists() of related_entities,
/// by relation and whatever their constraints; when they send a request. Loads of vectors, and relations that a find or
/// a query brings along, are not. The error and the event have the relation, the number of times, and file, line and
/// function of the call, that of related() for related_entities.
///
/// Throws errc::invalid_argument when `what` has less than 2 times.
[[nodiscard]] client watch_repeated_reads(client const& db, repeated_reads what);

namespace dsl {

using dynasio::repeated_reads;
using dynasio::watch_repeated_reads;

} // namespace dsl

} // namespace dynasio

#endif
