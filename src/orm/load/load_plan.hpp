#ifndef DYNASIO_SRC_ORM_LOAD_LOAD_PLAN_HPP
#define DYNASIO_SRC_ORM_LOAD_LOAD_PLAN_HPP

#include <dynasio/orm/entity_type.hpp>
#include <dynasio/orm/load_node.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "../plan/access_plan.hpp"
#include "../plan/projection.hpp"
#include "../type/item_values.hpp"
#include "../wire/query_read.hpp"
#include "../wire/table_name.hpp"
#include "fetch.hpp"

// The plan of a load, made before the first request: a tree of nodes, one for each relation at one place, and the
// sources from which the nodes take their rows.
namespace dynasio::detail {

class relation_step;
struct key_completion;
struct plan_node;

/// How the rows of a source are read from an answer. Rows are entities, or the links of a pivot table.
class row_format {
public:
    virtual ~row_format() = default;
    [[nodiscard]] virtual storage_functions const& storage() const noexcept = 0;
    /// Whether the rows are objects of the source's type.
    [[nodiscard]] virtual bool are_entities() const noexcept { return false; }
    /// Reads one item into `row`, a new element of the vector. A format whose values can be kept notes in `found` where
    /// they lie.
    virtual void read(dynamodb::json_reader& in, void* row, item_values& found) const = 0;
    /// Frees what rows hold only to ask for what they lead to. `rows` is their vector, or null.
    virtual void forget_keys(void* /*rows*/) const {}
};

/// The format of rows that are entities.
class entity_rows final : public row_format {
public:
    explicit entity_rows(entity_type const& type) noexcept : type_(&type) {}
    [[nodiscard]] storage_functions const& storage() const noexcept override { return type_->storage; }
    [[nodiscard]] bool are_entities() const noexcept override { return true; }
    void read(dynamodb::json_reader& in, void* row, item_values& found) const override {
        type_->decode(in, row, found);
    }

private:
    entity_type const* type_;
};

/// The format of rows that are only counted: of each item, the values of its attributes are noted and nothing is made.
class counted_rows final : public row_format {
public:
    explicit counted_rows(entity_type const& type) noexcept : type_(&type) {}
    [[nodiscard]] storage_functions const& storage() const noexcept override;
    void read(dynamodb::json_reader& in, void*, item_values& found) const override { type_->note_values(in, found); }

private:
    entity_type const* type_;
};

/// One way to read rows. All nodes that read in the same way share a source, so each key is asked for once.
struct load_source {
    /// The type of the entities. When the rows are links of a pivot table, the type of the entities behind the links.
    entity_type const* type = nullptr;
    std::unique_ptr<row_format> rows{};
    std::string table{};              ///< Physical name.
    std::optional<query_text> text{}; ///< The Query or Scan; empty for rows that BatchGetItem reads by key.
    access_plan plan{};               ///< The plan of a query for entities; empty for other sources.
    std::optional<ordering> order{};  ///< The order of a query as the caller asked for it.
    std::optional<std::size_t> limit{};
    std::size_t offset = 0;
    std::optional<std::size_t> reach{}; ///< Offset and limit together.
    projection wanted = projection::items;
    bool resumable = false; ///< The caller gets a cursor, to continue behind the last row.
    read_budget budget{};   ///< Of the query that the load starts with.
    kept_attributes kept{};
    /// Of a source of links: how many entities behind the first links the load takes, if it does not take all. Links
    /// have no condition and no limit of their own; what a load leaves out are the entities behind them. Where these
    /// are wanted in the order of the links, so many links are read, and further ones only in place of those that lead
    /// to nothing.
    std::optional<std::size_t> enough{};

    /// The source of item collections that bring these rows together with those of other sources.
    load_source* collection = nullptr;
    /// Of a source of item collections: the owners, which are entities by key, and behind them what lies in their
    /// partitions.
    std::vector<load_target*> collected{};

    /// How the items of a query are read whole, when its index gives them in part.
    std::shared_ptr<key_completion> completion{};
    key_completion* completes = nullptr; ///< Set for the source of these items.
    bool is_shown_whole = false;         ///< An item came with more than keys.

    /// The fetches by key: `{"id":…}`, or the values of a query's open key with fetch::part_end between.
    fetch_table fetches{};

    // What the store notes, to free what nobody needs any more.
    std::vector<load_target const*> targets{}; ///< Those that ask this source.
    std::size_t open = 0;                      ///< Number of fetches that are not complete.
    bool closed = false;                       ///< All that lead here have asked, so no fetch gets another user.

    // Figures of the load so far.
    std::uint64_t requests = 0;
    std::uint64_t received = 0;
    double units = 0; // capacity units

    [[nodiscard]] bool by_key() const noexcept { return !text; }
    /// Whether items that are read by key are asked for some of their attributes only: those of keys and of conditions
    /// that the client evaluates.
    [[nodiscard]] bool asks_for_kept() const noexcept { return by_key() && wanted != projection::items; }
    /// Whether the table's index could be one that projects keys only, in spite of the schema: its items have not shown
    /// the opposite yet.
    [[nodiscard]] bool may_lack_attributes() const noexcept {
        return !is_shown_whole && !type->is_projection && wanted == projection::items && plan.path != nullptr &&
               !plan.path->name.empty() && (plan.path->beside_keys[0] | plan.path->beside_keys[1]) != 0;
    }
    /// How many links the next request asks for, when `read` have come and were not enough. The number doubles, so that
    /// a condition which few entities satisfy does not take a request for each few links. Precondition: `enough`.
    [[nodiscard]] std::size_t next_links(std::size_t read) const noexcept { return std::max(*enough, read); }
    [[nodiscard]] std::string_view index() const noexcept {
        return text ? std::string_view(text->index()) : std::string_view();
    }
    /// The attributes of which a LastEvaluatedKey of this query consists: the table's key and the index's key.
    [[nodiscard]] std::vector<attribute_index> cursor_attributes() const;
};

/// The rows of one type that a node leads to. Most nodes have one target; a relation whose entities can be of several
/// types has one target for each type.
struct load_target {
    plan_node* node;
    entity_type const* type;
    load_source* from = nullptr; ///< Null for entities that the caller gave.
    /// Of a node with several targets, what the caller asked about this one.
    load_node const* spec = nullptr;
    /// The condition, order, offset and limit that are applied in the client.
    selection here{};
    std::vector<plan_node*> children{};
};

/// The source of the item collections in which the rows of a target are read; null when they are read by themselves.
[[nodiscard]] load_source const* collection_of(load_target const& target) noexcept;

/// One relation to load at one place of the tree, or the root.
struct plan_node {
    relation_step const* step = nullptr;     ///< Null for the root.
    load_target const* parent = nullptr;     ///< The rows that lead here; null for the root.
    load_node const* spec = nullptr;         ///< What the caller asked for; null for the root and for second hops.
    relation_info const* relation = nullptr; ///< The relation whose keys lead to the rows; null for the root.
    relation_info const* fills = nullptr;    ///< The relation whose handles are filled; null for root and second hops.
    std::string path{};                      ///< "User.posts.comments"
    std::deque<load_target> targets{};       ///< A deque, so that pointers to targets stay valid.
    int height = 0;                          ///< Number of requests in the longest chain from this node downwards.
    bool feeds = false;                      ///< Some node below this one is read by key.
    /// Of the first node of a has_many_through: how many nodes follow it up to the far entities.
    std::size_t hops = 0;

    /// Whether the entities are counted and not loaded. Not set for second hops.
    [[nodiscard]] bool counts() const noexcept { return spec != nullptr && spec->counts; }
    [[nodiscard]] load_target& target() { return targets.front(); }
    [[nodiscard]] load_target const& target() const { return targets.front(); }
};

/// Reads the items of a query by key, because its index does not project all of their attributes. The keys have a
/// source of their own, which other relations do not share, so it can be made when an answer first shows that it is
/// needed.
struct key_completion {
    struct row {
        fetch* item;
        std::string cursor; ///< The LastEvaluatedKey behind this row; empty when nobody continues there.
    };
    struct page {
        std::vector<row> rows{};
        std::string next{};      ///< LastEvaluatedKey of the page.
        std::size_t awaited = 0; ///< Number of items that have not come yet.
        bool feeds = false;      ///< fetch::feeds, which is not set while the page waits for its items.
    };

    load_source source{};
    plan_node node{};
    std::unordered_map<fetch const*, page> pages{};                  ///< The page of each query that waits for items.
    std::unordered_map<fetch const*, std::vector<fetch*>> waiting{}; ///< The queries that wait for each item.
};

class load_plan {
public:
    /// `now`: the time at which entities with ttl<> count as expired. `leaves_out`: items that cannot be read are left
    /// out, so items that are counted have to be read.
    load_plan(std::string table_prefix, bool consistent, system_time now, bool leaves_out = false)
        : table_prefix_(std::move(table_prefix)), consistent_(consistent), leaves_out_(leaves_out), now_(now) {}
    load_plan(load_plan const&) = delete;
    load_plan& operator=(load_plan const&) = delete;

    /// Makes the root and everything below it. Must be called once.
    load_target& plan_root(entity_type const& type, load_source* from, std::vector<load_node> children);

    /// Decides what item collections bring: the entities of the root, which are read by key, and the relations below it
    /// whose entities lie in their partitions. To be called after plan_root().
    void read_item_collections();

    [[nodiscard]] plan_node* root() noexcept { return root_; }
    [[nodiscard]] plan_node const* root() const noexcept { return root_; }
    [[nodiscard]] std::string physical_table(std::string_view table) const {
        return detail::physical_table(table_prefix_, table);
    }
    [[nodiscard]] bool consistent() const noexcept { return consistent_; }
    /// The time at which entities with ttl<> count as expired.
    [[nodiscard]] system_time now() const noexcept { return now_; }
    template <class Visit> void visit_sources(Visit const& visit) {
        for (auto& [identity, source] : sources_) visit(*source);
    }

    // ---- for the steps

    /// Adds a node below `parent`. `relation` is the relation whose keys lead to its rows.
    plan_node& add_node(load_target& parent, relation_step const& step, relation_info const& relation);
    load_target& add_target(plan_node& node, entity_type const& type, load_source& from);
    /// Plans the relations that the caller asked for below a target.
    void add_children(load_target& parent, std::vector<load_node> const& specs);

    /// The source of entities by key, or of those that are counted, which is `projection::items_to_count`. There is one
    /// for each type, so that no key is asked for twice; it reads entities when anybody needs them.
    load_source& source_by_key(entity_type const& type, projection wanted = projection::items);
    /// How the items of a plan are counted: by the service, unless the client has to look at them.
    [[nodiscard]] projection counting(access_plan const& plan) const noexcept {
        return plan.scope.residue.is_always() && !leaves_out_ ? projection::count : projection::items_to_count;
    }
    /// The source of entities by a query. `open_key`: the attributes whose values each request brings.
    load_source& source_by_query(entity_type const& type, access_plan const& plan, selection const& select,
                                 std::span<attribute_index const> open_key, projection wanted);
    /// The source of rows of another format, by a Query with an open key. `make_rows` makes the format and is called
    /// when there is no such source yet. `beside`: what tells the source from others with the same Query.
    template <class MakeRows>
    load_source& source_by_text(entity_type const& type, query_text text, std::string_view beside, MakeRows make_rows) {
        load_source& s = source_named("rows " + text.identity() + std::string(beside));
        if (s.type == nullptr) {
            s.type = &type;
            s.rows = make_rows();
            s.table = text.table();
            s.text.emplace(std::move(text));
        }
        return s;
    }

private:
    load_source& source_named(std::string identity);

    std::string table_prefix_;
    bool consistent_;
    bool leaves_out_;
    system_time now_;
    std::vector<std::unique_ptr<plan_node>> nodes_{};
    std::map<std::string, std::unique_ptr<load_source>> sources_{};
    std::vector<load_node> specs_{}; // the nodes point into it
    plan_node* root_ = nullptr;
};

} // namespace dynasio::detail

#endif
