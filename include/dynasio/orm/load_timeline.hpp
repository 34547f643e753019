#ifndef DYNASIO_ORM_LOAD_TIMELINE_HPP
#define DYNASIO_ORM_LOAD_TIMELINE_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace dynasio {

/// What a load did when: its requests in the order in which they were sent, what each waited for, which relations
/// shared it, and when it was repeated. Pass one to a read (`users.find(id, with<…>(…), timeline_to(timeline))`), which
/// fills it while it runs, also when it fails. It must outlive the operation. While the operation runs, look at it only
/// on the client's executor, and change nothing. Several reads, one after the other, may share one; clear() makes it
/// empty. Two reads at the same time need two. A query with where_has<> is several loads, and with this option
/// errc::invalid_argument.
///
/// to_text(), to_mermaid() and to_svg() draw it.
struct load_timeline {
    using duration = std::chrono::nanoseconds;

    /// One relation that a request reads.
    struct share {
        std::string relation{}; ///< "User.posts"; the entity's name for what the load begins with.
        std::size_t keys = 0;   ///< Of a BatchGetItem: how many of its keys are for this relation.
    };

    struct request {
        std::size_t number = 0;      ///< Counts from 1.
        std::string operation{};     ///< "Query", "Scan", "BatchGetItem", "GetItem"
        std::string target{};        ///< "posts index by_author"; of a BatchGetItem all its tables.
        std::vector<share> shares{}; ///< What shares it: one relation of a Query, all of a BatchGetItem.
        std::size_t page = 1;        ///< Of a Query or Scan.
        /// Keys that an earlier request had left unprocessed, and keys or queries of one that had failed.
        std::size_t asked_again = 0;
        /// The requests whose answers brought its keys, or the page before it; those that had failed, of what is asked
        /// again. Empty: it was known from the beginning.
        std::vector<std::size_t> waited_for{};

        // Times since load_timeline::began.
        duration known{}; ///< Its first key was there, or the place where its page begins.
        duration sent{};  ///< It was given to the client, where it may have waited for a connection.
        duration ended{}; ///< Its answer was there, or it failed.
        /// When attempts had failed that the client then repeated.
        std::vector<duration> retries{};

        std::size_t items = 0;       ///< Received.
        std::size_t unprocessed = 0; ///< Keys that came back unprocessed.
        double read_units = 0;       ///< As the service reported them; 0 when nobody asked for them.
        std::string error{};         ///< Why it failed; empty when it was answered.
        bool under_way = false;      ///< It has no end yet.

        [[nodiscard]] bool was_repeated() const noexcept { return !retries.empty() || asked_again > 0; }
    };

    std::chrono::steady_clock::time_point began{}; ///< When the first load that it holds began.
    std::vector<request> requests{};
    std::size_t left_out = 0; ///< Requests beyond the most that timeline_to() lets it hold.

    void clear() { *this = {}; }
};

/// Option of reads: records the load in `timeline`, at most the first `at_most` requests of it; the others are counted.
/// A request takes some 300 bytes, and 50 for each relation that shares it. A load without this option pays one
/// comparison for each key and each answer.
class timeline_to {
public:
    explicit timeline_to(load_timeline& timeline, std::size_t at_most = 10'000) noexcept
        : timeline_(&timeline), at_most_(at_most) {}
    [[nodiscard]] load_timeline* get() const noexcept { return timeline_; }
    [[nodiscard]] std::size_t at_most() const noexcept { return at_most_; }

private:
    load_timeline* timeline_;
    std::size_t at_most_;
};

/// Drawings of a timeline. Each has one row for each request, in the order of sending, unless there are more than
/// `rows` of them: then neighbouring requests of one relation (and batches) are joined to one row, from the first that
/// was sent to the last that ended, so that a load of thousands of requests stays readable. There is at least one row
/// for each relation. A timeline that a program has made or shortened can be drawn as well: waited_for may name
/// requests that are not in it, and times that cannot be are taken for the nearest that can.

/// Lines of text: `=` is a request under way, `.` the time since its keys were known, `!` an attempt that was repeated,
/// `x` one that failed.
[[nodiscard]] std::string to_text(load_timeline const& timeline, std::size_t rows = 100);
/// A Mermaid gantt chart in microseconds, with a section for each relation. What was repeated or failed is `crit`,
/// which Mermaid draws in red; batches are `active`.
[[nodiscard]] std::string to_mermaid(load_timeline const& timeline, std::size_t rows = 60);
/// An SVG file that needs nothing else: no script, no font, no link. As an element of a page it changes nothing else
/// there: its rules are those of the class `dynasio-timeline`. Each row has a text that shows when it is pointed at; a
/// thin line leads from the answer that a request waited for last. Attempts that were repeated are orange, failures
/// red.
[[nodiscard]] std::string to_svg(load_timeline const& timeline, std::size_t rows = 150);

namespace dsl {

using dynasio::load_timeline;
using dynasio::timeline_to;

} // namespace dsl

} // namespace dynasio

#endif
