#ifndef DYNASIO_SRC_ORM_LOAD_TIMELINE_ROWS_HPP
#define DYNASIO_SRC_ORM_LOAD_TIMELINE_ROWS_HPP

#include <dynasio/orm/load_timeline.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

// What the drawings of a timeline have in common: its rows, and the words about them.
namespace dynasio::detail {

/// One row of a drawing: a request, or several that are neighbours in one group.
struct timeline_row {
    std::size_t first = 0; ///< Number of the first request.
    std::size_t last = 0;
    std::size_t count = 1;
    bool is_batch = false;
    std::string group{}; ///< The relation of a query; "keys" for batches.
    std::string what{};  ///< "Query posts index by_author"
    std::string about{}; ///< Relations, page, items, capacity, what it waited for, what went wrong.
    load_timeline::duration known{}, sent{}, ended{}; ///< In this order; none is negative.
    std::vector<load_timeline::duration> retries{};   ///< In ascending order, between `sent` and `ended`.
    bool asks_again = false;                          ///< For keys that came back unprocessed.
    bool failed = false;
    /// The row whose answer it waited for last; nothing when it was known from the beginning.
    std::optional<std::size_t> behind{};

    [[nodiscard]] bool was_repeated() const noexcept { return asks_again || !retries.empty(); }
    /// "7", or "7-12" for several.
    [[nodiscard]] std::string numbers() const;
};

/// At most `most` rows, but one for each group. When there are more requests, all groups are divided into parts of the
/// same number of requests.
[[nodiscard]] std::vector<timeline_row> rows_of(load_timeline const& timeline, std::size_t most);

/// The time from the beginning to the last end.
[[nodiscard]] load_timeline::duration length_of(load_timeline const& timeline) noexcept;
/// "12 requests in 41.3 ms, at most 5 at the same time, 34 items, 17.5 read units"
[[nodiscard]] std::string headline_of(load_timeline const& timeline);
/// "41.3 ms"
[[nodiscard]] std::string milliseconds(load_timeline::duration t);

} // namespace dynasio::detail

#endif
