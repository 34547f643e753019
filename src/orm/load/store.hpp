#ifndef DYNASIO_SRC_ORM_LOAD_STORE_HPP
#define DYNASIO_SRC_ORM_LOAD_STORE_HPP

#include <dynasio/dynamodb/capacity.hpp>

#include <dynasio/core/error.hpp>

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "../type/bad_item_filter.hpp"
#include "fetch.hpp"
#include "queue.hpp"

namespace dynasio::detail {

class load_plan;
class page_sink;
struct page_end;

/// Adds the path of a relation to an error, or, for the root's path, the entity that a load begins with.
void name_path(diagnostics& d, std::string const& path);

/// Holds the rows that answers brought and asks for the rows that these lead to. Every result of a fetch visits new
/// rows at once, so no request waits until a level of the tree is complete. The store reads answers; it does no I/O and
/// reads no clock.
class load_store {
public:
    load_store(load_plan& plan, load_queue& queue, bad_item_policy policy = {}) noexcept
        : plan_(plan), queue_(queue), bad_(policy) {}
    load_store(load_store const&) = delete;
    load_store& operator=(load_store const&) = delete;

    /// The result of a target for the rows under a key. The key is added to the queue when no target has asked for it
    /// yet.
    load_result* ask(load_target& target, std::string_view key);
    /// Asks for the rows that one row leads to. `row` is its place in the result.
    void discover(load_result& r, std::size_t row, owner_row& owner);

    /// Reads a page into its fetch.
    void on_page(fetch& f, std::string_view body);
    /// Reads the answer to a batch of the keys `asked`. Returns the keys that the answer leaves unprocessed.
    [[nodiscard]] std::vector<fetch*> on_batch(std::vector<fetch*> const& asked, std::string_view body);

    /// Is told that everything that the load begins with has asked for what it leads to. From then on the store frees
    /// what nobody needs any more.
    void note_roots_asked();
    /// Frees it. To be called after an answer was read; errors about an answer need the fetches that it belongs to.
    void free_settled();

    /// Frees an entity that the load begins with and whose result was taken. Its fetch must be complete and have no
    /// other user.
    void free_root(load_result& r);

    /// Ends a fetch of a query before its last page. Its cursor stays where the next page would begin.
    void stop(fetch& f);

    /// Figures of the answers so far: items received, items left out because they could not be read, and capacity units
    /// that the service reported.
    [[nodiscard]] std::uint64_t items() const noexcept { return items_; }
    [[nodiscard]] std::uint64_t bad_items() const noexcept { return bad_.count(); }
    [[nodiscard]] double read_units() const noexcept { return read_units_; }
    /// The capacity units by table and index.
    [[nodiscard]] capacity_report const& capacity() const noexcept { return capacity_; }

private:
    class rows_reader;
    class keys_reader;
    class batch_reader;
    class collection_reader;

    void absorb(load_result& r);
    void absorb_all(fetch& f);
    void complete(fetch& f);
    [[nodiscard]] bool has_asked_all(load_target const& target) const noexcept;
    void close_sources();
    void settle(fetch& f);
    [[nodiscard]] page_end read(std::string_view body, fetch& f, page_sink& sink);
    /// Adds what an answer has cost.
    void spend(load_source& s, double units);
    void spend_on_keys(std::vector<fetch*> const& asked, std::vector<std::pair<std::string, double>> const& tables);
    /// Adds the figures of a page, and checks that it leads forward.
    void note_page(fetch& f, page_end const& page);
    /// Goes on behind a page whose rows were taken, or ends the fetch. `next` is the place where the following page
    /// begins. `cut` says that rows were left out because of the limit; `behind_last()` gives the place behind the last
    /// row that was taken.
    template <class BehindLast> void end_page(fetch& f, std::string next, bool cut, BehindLast const& behind_last);
    [[nodiscard]] bool is_exhausted(load_source const& s) const noexcept;
    [[noreturn]] void throw_exhausted(fetch const& f) const;
    /// The error of an item that does not fit `s`, with the context that its collector wants.
    [[nodiscard]] static error about_bad_item(fetch const& f, error const& e);
    void ask_for_collection(load_target const& target, fetch& part);
    void on_page_of_collection(fetch& whole, std::string_view body);
    void await_entities_of(fetch& links);
    void note_entity(fetch const& entity);
    void go_on_with(fetch& links, bool feeds);
    void begin_completion(fetch& f);
    void on_page_of_keys(fetch& f, std::string_view body);
    [[nodiscard]] static bool is_found_by(fetch const& query, fetch const& item);
    void finish_page(fetch& f);

    load_plan& plan_;
    load_queue& queue_;
    std::deque<load_result> results_{}; // a deque, so that pointers to results stay valid
    bool roots_asked_ = false;
    std::vector<fetch*> settled_{}; // complete, and of a source that is closed
    /// What an item collection brings, by the sources of the collection: owners, and what lies in the partition.
    struct collection_parts {
        std::vector<fetch*> owners{};
        std::size_t missing = 0; ///< Number of owners that have not come.
        std::vector<fetch*> others{};
    };
    std::unordered_map<fetch const*, collection_parts> collections_{};
    /// Links of which more are read when those that have come lead to too few entities.
    struct paused_links {
        std::size_t awaited = 0; ///< Number of entities behind them that have not come yet.
        bool feeds = false;      ///< fetch::feeds, which is not set meanwhile.
    };
    std::unordered_map<fetch*, paused_links> paused_links_{};
    std::unordered_map<fetch const*, std::vector<fetch*>> links_awaiting_{}; // by entity
    bad_item_filter bad_;
    std::uint64_t items_ = 0;
    double read_units_ = 0;
    capacity_report capacity_{};
};

} // namespace dynasio::detail

#endif
