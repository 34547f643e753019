#ifndef DYNASIO_SRC_ORM_LOAD_STORE_HPP
#define DYNASIO_SRC_ORM_LOAD_STORE_HPP

#include <dynasio/core/error.hpp>

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "fetch.hpp"
#include "queue.hpp"

namespace dynasio::detail {

class load_plan;

/// Adds the path of a relation to an error, or, for the root's path, the entity that a load begins with.
void name_path(diagnostics& d, std::string const& path);

/// Holds what came, and asks for what it leads to. Every result of a fetch looks at new rows at once: nothing waits for
/// a level of the tree to be complete. Reads answers; no I/O, no clock.
class load_store {
public:
    load_store(load_plan const& plan, load_queue& queue) noexcept : plan_(plan), queue_(queue) {}
    load_store(load_store const&) = delete;
    load_store& operator=(load_store const&) = delete;

    /// What a target makes of the rows under a key; asks for them if nobody has yet.
    load_result* ask(load_target& target, std::string key);
    /// Asks for what one row leads to. `row`: its place in the result.
    void discover(load_result& r, std::size_t row, owner_row& owner);

    /// Reads a page into its fetch.
    void on_page(fetch& f, std::string_view body);
    /// Reads the answer to a batch. Returns the keys that it leaves unprocessed.
    [[nodiscard]] std::vector<fetch*> on_batch(std::vector<fetch*> const& asked, std::string_view body);

    /// Figures of what came.
    [[nodiscard]] std::uint64_t items() const noexcept { return items_; }
    [[nodiscard]] double read_units() const noexcept { return read_units_; }

private:
    class rows_reader;
    class batch_reader;

    void absorb(load_result& r);
    void absorb_all(fetch& f);
    void complete(fetch& f);

    load_plan const& plan_;
    load_queue& queue_;
    std::deque<load_result> results_{}; // they stay where they are
    std::uint64_t items_ = 0;
    double read_units_ = 0;
};

} // namespace dynasio::detail

#endif
