#ifndef DYNASIO_SRC_ORM_GRAPH_HPP
#define DYNASIO_SRC_ORM_GRAPH_HPP

#include <dynasio/orm/load_node.hpp>
#include <dynasio/orm/load_report.hpp>

#include <dynasio/dynamodb/operation.hpp>
#include <dynasio/dynamodb/progress.hpp>

#include <dynasio/aws/retry.hpp>

#include <dynasio/core/error.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "access_plan.hpp"

// The graph loader's decisions: which requests to send, when, and what their answers mean. No I/O, no clock, no
// coroutine.
//
// A plan is a tree of nodes, one for each relation to load. A node takes what it needs from a source: a source is one
// way to read entities (by key from a table, or by a Query with given constraints), shared by all nodes that read the
// same way. A source keeps one fetch for each key that was asked for, so each key is asked for once. A node keeps one
// result for each fetch it uses. When entities arrive at a fetch, every result of it looks at them at once and asks its
// node's children for what they need: nothing waits for a level to be complete. Handles are filled at the very end,
// when all has arrived, so that a failed load leaves every entity as it was.
namespace dynasio::detail {

using graph_time = std::chrono::steady_clock::time_point;

struct graph_options {
    std::string table_prefix{};
    aws::retry_policy retry{};                                      ///< For unprocessed keys.
    std::chrono::nanoseconds linger = std::chrono::milliseconds(1); ///< How long a partial batch waits for more keys.
    /// Gives an empty string for a request's body; nothing: a new one.
    std::function<std::string()> make_body{};
    bool report_capacity = false;
    bool consistent_read = false; ///< For reads of tables; indexes have none.
};

struct graph_request {
    std::size_t id;
    dynamodb::operation op;
    std::string body;
    std::string_view path; ///< Relation path for errors: "User.posts.comments". Valid as long as the graph.
};

/// Throws errc::invalid_argument for relations nested too deep, or named twice at one place.
void check_nesting(std::vector<load_node> const& children, unsigned depth = 1);

class graph {
public:
    explicit graph(graph_options options);
    ~graph();
    graph(graph const&) = delete;
    graph& operator=(graph const&) = delete;

    // One of these, once. `children` are the relations to load below.

    /// Entities that the caller has; they must stay where they are until finish().
    void start_with_entities(entity_type const& type, std::vector<void*> entities, std::vector<load_node> children);
    /// Entities by key (`{"id":{"S":"…"}}`, canonical), duplicates allowed.
    void start_with_keys(entity_type const& type, std::vector<std::string> const& keys,
                         std::vector<load_node> children);
    /// A query or scan; `select.limit` entities after `cursor` (LastEvaluatedKey as JSON, empty for the start).
    void start_with_query(entity_type const& type, access_plan plan, selection const& select, std::string cursor,
                          std::vector<load_node> children);

    /// The next request to send now, if there is one. Call again until there is none, while connections are free.
    [[nodiscard]] std::optional<graph_request> next(graph_time now);
    /// When next() may have something although no answer came: a partial batch or a resend that waits.
    [[nodiscard]] std::optional<graph_time> wake_at() const;
    /// Whether next() has something now.
    [[nodiscard]] bool ready(graph_time now) const;
    /// Nothing is under way and exactly one request can be sent.
    [[nodiscard]] bool sequential() const;
    /// The answer to a request. Throws dynasio::error for what does not fit; the graph is then of no further use.
    void on_answer(std::size_t id, std::string_view body, graph_time now, double jitter);
    /// Says what a request was about that got no answer. Nothing when it got one: its errors say so themselves.
    void locate(std::size_t id, diagnostics& d) const;
    /// Everything was asked and answered.
    [[nodiscard]] bool done() const noexcept;

    /// Fills all handles. Precondition: done().
    void finish();

    // After finish(), by kind of start.

    /// For each key an entity or nullptr; valid as long as the graph. The flag says that no later key gives the same
    /// entity.
    [[nodiscard]] std::vector<std::pair<void*, bool>> found_by_key() const;
    /// The query's vector<T>.
    [[nodiscard]] std::shared_ptr<void> take_items();
    /// LastEvaluatedKey for the next page; empty when there is nothing more.
    [[nodiscard]] std::string next_cursor() const;

    [[nodiscard]] load_report report() const;
    /// The plan as text, one line for each node; with figures of what ran.
    [[nodiscard]] std::string explain(bool with_figures) const;

    // Internal parts, named here because they refer to each other.
    struct source;
    struct fetch;
    struct result;
    struct node;

private:
    struct in_flight;

    void add_children(node& parent, std::vector<load_node> const& specs);
    void add_relation(node& parent, load_node const& spec);
    source& query_source(entity_type const& type, access_plan const& plan, selection const& select, bool by_relation,
                         relation_info const* relation);
    source& key_source(entity_type const& type);
    source& pivot_source(relation_info const& relation);
    int measure_height(node& n);

    result* ask(node& n, source& s, std::string key);
    result* ask_for(node& child, void* owner);
    result* ask_by_key_of(node& child, void* owner);
    void absorb(result& r);
    void discover(result& r, std::size_t row, void* entity);
    void complete(fetch& f);

    graph_request make_query(fetch& f);
    graph_request make_batch();
    void on_query_answer(fetch& f, std::string_view body);
    void on_batch_answer(std::vector<fetch*> const& asked, std::string_view body, graph_time now, double jitter);
    void read_pivot_rows(fetch& f, std::string_view items);
    void move_due(graph_time now);
    [[nodiscard]] bool keys_may_come() const;
    [[nodiscard]] std::string new_body() const;
    static dynamodb::operation operation_of(source const& s);
    static void locate(in_flight const& request, diagnostics& d);

    void assemble(result& r);
    [[nodiscard]] std::shared_ptr<void> collect_through(node const& far, result& middle);
    void attach(node const& child, void* owner, result* r);
    [[nodiscard]] std::string cursor_after(source const& s, void const* entity) const;

    graph_options options_;
    std::vector<std::unique_ptr<node>> nodes_;
    std::map<std::string, std::unique_ptr<source>> sources_;
    std::deque<result> results_;   // they stay where they are
    std::vector<load_node> specs_; // owns what nodes point to
    node* root_ = nullptr;
    std::vector<void*> root_entities_;
    std::unique_ptr<result> root_result_; // of start_with_entities
    std::vector<result*> root_keys_;
    fetch* root_query_ = nullptr;

    std::map<int, std::deque<fetch*>, std::greater<>> ready_queries_; // longest chain below first
    std::deque<fetch*> pending_keys_;
    std::multimap<graph_time, fetch*> delayed_keys_;
    graph_time last_key_at_{};
    bool key_added_ = false;
    std::map<std::size_t, in_flight> in_flight_;
    std::size_t feeding_queries_ = 0; // not complete, and their entities can ask for keys
    std::size_t feeding_batches_ = 0; // in flight, likewise
    std::size_t next_id_ = 1;
    load_report report_{};
};

} // namespace dynasio::detail

#endif
