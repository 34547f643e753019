#ifndef DYNASIO_SRC_ORM_LOAD_LOADER_HPP
#define DYNASIO_SRC_ORM_LOAD_LOADER_HPP

#include <dynasio/orm/detail/operations.hpp>
#include <dynasio/orm/load_node.hpp>
#include <dynasio/orm/load_report.hpp>

#include <dynasio/dynamodb/detail/request_source.hpp>

#include <dynasio/aws/retry.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "assemble.hpp"
#include "load_plan.hpp"
#include "patience.hpp"
#include "queue.hpp"
#include "recorder.hpp"
#include "store.hpp"

// The graph loader decides which requests a load sends, when, and what their answers mean. It does no I/O, reads no
// clock and has no coroutines.
namespace dynasio::detail {

/// What an operation has done before one of its loads begins, such as the GetItem of a find().
struct load_before {
    std::uint64_t requests = 0;
    double read_units = 0;
    std::size_t number = 0; ///< Of its last request in the timeline; 0 for none.
};

struct loader_options {
    std::string table_prefix{};
    aws::retry_policy retry{};    ///< For unprocessed keys and requests that are sent again; see load_patience.
    bool limits_attempts = false; ///< The caller has said how many attempts a request has.
    /// Gives random numbers in [0, 1), for pauses after requests that failed; null for 1.
    std::function<double()> jitter{};
    /// The deadline of the load. What could only be asked for again behind it ends the load at once, with its own
    /// error.
    std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();
    std::chrono::nanoseconds linger = std::chrono::milliseconds(1); ///< How long a partial batch waits for more keys.
    /// Returns an empty string for the body of a request, whose memory may be reused; null for new strings.
    std::function<std::string()> make_body{};
    bad_item_policy bad_items{};
    read_budget budget{};                         ///< For the query that a load starts with.
    system_time now{};                            ///< When entities with ttl<> count as expired.
    std::shared_ptr<load_settings const> whole{}; ///< About the whole load; null for nothing.
    load_before before{};
    /// For requests that fail, of which drive() does not tell the time.
    std::chrono::steady_clock::time_point (*clock)() = &std::chrono::steady_clock::now;
    bool consistent_read = false; ///< For tables and local indexes; global indexes have no consistent reads.
};

/// A load as a request_source for drive(). It connects plan, queue, store and assembly, which make all decisions.
class loader final : public dynamodb::detail::request_source {
public:
    explicit loader(loader_options options);
    ~loader() override;
    loader(loader const&) = delete;
    loader& operator=(loader const&) = delete;

    // One of the functions start_… must be called, once. `children` are the relations to load below the root.

    /// Starts with entities that the caller has; they must stay where they are until finish().
    void start_with_entities(entity_type const& type, std::vector<void*> entities, std::vector<load_node> children);
    /// Starts with entities of which only the number is known, to explain() the load.
    void start_to_explain(entity_type const& type, std::size_t owners, std::vector<load_node> children);
    /// Starts the counting of one relation of entities, which are read by this call and left alone by finish().
    void start_to_count(entity_type const& type, std::span<void const* const> owners, load_node what);
    /// Starts with entities by key (`{"id":{"S":"…"}}`, spelt as this library writes keys). Duplicates are allowed.
    /// Entities that `which` leaves out are treated as missing, and without `everything` those that the default scope
    /// leaves out.
    void start_with_keys(entity_type const& type, std::vector<std::string> const& keys, std::vector<load_node> children,
                         trashed which = trashed::with, bool everything = true);
    /// The same with the keys that `next_key` returns, `count` of them.
    void start_with_keys(entity_type const& type, std::size_t count, std::function<std::string()> const& next_key,
                         std::vector<load_node> children, trashed which, bool everything);
    /// Lets `put(i, entity)` move the entity of key i away as soon as it has come, so that the load need not hold all
    /// of them: found_by_key() then leaves it out. Only entities of which the load needs nothing more are given so. To
    /// be called after start_with_keys(); `put` must outlive the load.
    void give_early(std::function<void(std::size_t, void*)> put);
    /// Starts with a query or scan for `select.limit` entities behind `cursor` (LastEvaluatedKey as JSON, empty for the
    /// start), or for their number when `wanted` is projection::count.
    void start_with_query(entity_type const& type, access_plan const& plan, selection const& select, std::string cursor,
                          std::vector<load_node> children, projection wanted = projection::items,
                          bool resumable = true);

    std::optional<request> next(time_point now) override;
    [[nodiscard]] bool ready(time_point now) const override { return !has_spent_requests() && queue_.ready(now); }
    [[nodiscard]] std::optional<time_point> wake_at() const override {
        return has_spent_requests() ? std::nullopt : queue_.wake_at();
    }
    [[nodiscard]] bool sequential() const override { return queue_.sequential(); }
    [[nodiscard]] bool done() const noexcept override { return queue_.done(); }
    void on_answer(std::size_t id, answer const& got) override { on_answer(id, got.reply.body(), got.now, got.jitter); }
    [[nodiscard]] bool takes_failure(std::size_t id, error const& e) override;
    void on_failure(std::size_t id, error const& e) override;
    /// The same for the text of an answer. Throws dynasio::error for an answer that does not fit the request; the load
    /// cannot be continued then.
    void on_answer(std::size_t id, std::string_view body, time_point now, double jitter);
    void describe(std::size_t id, diagnostics& d) const override;
    void describe_whole(diagnostics& d) const override;

    /// Throws errc::load_budget_exceeded when it takes more requests than the budget has to send what is known to be
    /// needed now. To be called before the first request; each answer is followed by the same check.
    void check_budget() const;
    /// Whether no further request may be sent. Then one is under way, whose answer ends the load.
    [[nodiscard]] bool has_spent_requests() const noexcept;
    /// Whether nothing is to be asked for and nothing is under way.
    [[nodiscard]] bool sends_nothing() const noexcept { return queue_.done(); }

    /// Ends a query before its last page, after a request failed: its result is what has arrived, and next_cursor() the
    /// place where the failed request began. Returns false, and changes nothing, when nothing has arrived yet, when the
    /// query is complete, and when relations of its entities are to be loaded.
    [[nodiscard]] bool stop();
    /// The place up to which the query has read (LastEvaluatedKey as JSON); empty at the start and after the end.
    [[nodiscard]] std::string reached() const;
    /// The entities that were read and whose hooks of after_read are not called while an answer is read. They are to be
    /// called before finish(), which makes copies. Precondition: as of finish().
    [[nodiscard]] std::vector<std::pair<entity_type const*, void*>> awaiting_hooks();
    /// Fills all handles. Precondition: done(), or stop() returned true.
    void finish();

    // The results, after finish(): counts_of_owners() after start_to_count(), found_by_key() after start_with_keys(),
    // the others after start_with_query().

    /// The number of related entities of each owner.
    [[nodiscard]] std::vector<std::uint64_t> counts_of_owners() const;

    /// An entity or nullptr for each key; the pointers are valid as long as the loader. The flag says that the entity
    /// may be moved from: no later key gives the same entity, and no relation of the load uses it.
    [[nodiscard]] std::vector<std::pair<void*, bool>> found_by_key() const;
    /// The query's vector<T>.
    [[nodiscard]] std::shared_ptr<void> take_items();
    /// The number of entities behind the offset for projection::count; at most the limit.
    [[nodiscard]] std::uint64_t counted() const;
    /// LastEvaluatedKey for the next page; empty when there are no more entities.
    [[nodiscard]] std::string next_cursor() const;

    /// For a further load of the same operation.
    [[nodiscard]] load_before so_far() const;
    [[nodiscard]] load_report report() const;
    /// The plan as text, one line for each source. `with_figures` adds the requests and items of the load so far.
    [[nodiscard]] std::string explain(bool with_figures) const;
    /// How many entities the load begins with, or finds by its query under the assumptions of the options; 0 for such a
    /// query without assumptions.
    [[nodiscard]] std::size_t expected_roots() const;

private:
    load_target& plan_from(entity_type const& type, load_source* from, std::vector<load_node> children);
    void describe(load_queue::dispatch const& d, diagnostics& about) const;
    [[noreturn]] void give_up(std::vector<fetch*> const& keys) const;
    void give_roots(std::vector<fetch*> const& keys);
    void read_answer(load_queue::dispatch const& answered, std::string_view body, time_point now, double jitter);
    /// How many entities or keys the load begins with.
    [[nodiscard]] double given() const noexcept;
    [[nodiscard]] std::string explain(bool with_figures, std::vector<load_read>* reads) const;
    /// Takes a request that is sent again out of the figures, which count what the load needs, as they do not count the
    /// attempts that the client repeats.
    void forget_request(load_queue::dispatch const& failed);
    request make_query(load_queue::dispatch const& d);
    request make_batch(load_queue::dispatch const& d);
    [[nodiscard]] request begin(load_queue::dispatch const& d, dynamodb::operation op) const;
    static void tell(dynamodb::detail::request_subject const& self, std::string_view body, std::string_view prefix,
                     dynamodb::detail::request_targets& out);

    loader_options options_;
    load_patience patience_; // the queue refers to its policy
    load_plan plan_;
    std::unique_ptr<load_recorder> recorder_{}; // null unless there is a timeline; the queue tells it what is wanted
    load_queue queue_;
    load_store store_;
    load_assembly assembly_{};
    std::vector<void*> root_entities_{};
    std::unique_ptr<load_result> root_result_{}; // of start_with_entities and start_to_count
    std::vector<load_result*> root_keys_{};
    std::function<void(std::size_t, void*)> put_root_{}; // of give_early()
    bool has_repeated_keys_ = false;
    load_result* root_query_ = nullptr;
    std::vector<load_result*> root_segments_{}; // of a scan in segments, in place of root_query_
    std::optional<std::uint64_t> root_limit_{};
    std::uint64_t root_offset_ = 0;
    std::string root_start_{};     // the place where the query began
    std::size_t given_owners_ = 0; // of start_with_entities and start_to_count
    load_report report_{};
};

} // namespace dynasio::detail

#endif
