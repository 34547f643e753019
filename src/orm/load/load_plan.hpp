#ifndef DYNASIO_SRC_ORM_LOAD_LOAD_PLAN_HPP
#define DYNASIO_SRC_ORM_LOAD_LOAD_PLAN_HPP

#include <dynasio/orm/entity_type.hpp>
#include <dynasio/orm/load_node.hpp>

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
#include "fetch.hpp"

// What a load reads, decided before the first request: a tree of nodes, one for each relation at one place, and the
// sources that they take their rows from.
namespace dynasio::detail {

class relation_step;
struct plan_node;

/// How the rows of a source are read from an answer. Rows are entities, or the links of a pivot table.
class row_format {
public:
    virtual ~row_format() = default;
    [[nodiscard]] virtual storage_functions const& storage() const noexcept = 0;
    /// Reads one row into a new element of the vector, and tells where its values lie where they can be kept.
    virtual void read(dynamodb::json_reader& in, void* row, item_values& found) const = 0;
};

/// The rows of a source that are entities.
class entity_rows final : public row_format {
public:
    explicit entity_rows(entity_type const& type) noexcept : type_(&type) {}
    [[nodiscard]] storage_functions const& storage() const noexcept override { return type_->storage; }
    void read(dynamodb::json_reader& in, void* row, item_values& found) const override {
        type_->decode(in, row, found);
    }

private:
    entity_type const* type_;
};

/// One way to read rows, shared by all nodes that read the same way: each key is asked for once.
struct load_source {
    /// Of the entities; of those behind the rows, where the rows are links.
    entity_type const* type = nullptr;
    std::unique_ptr<row_format> rows{};
    std::string table{};              ///< Physical name.
    std::optional<query_text> text{}; ///< Nothing: read by key, with BatchGetItem.
    access_plan plan{};               ///< Of queries for entities.
    std::optional<ordering> order{};  ///< Of queries, as it was asked for.
    std::optional<std::size_t> limit{};
    projection wanted = projection::items;
    bool resumable = false; ///< The caller can go on behind the last row: it gets a cursor.
    kept_attributes kept{};

    struct text_hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
    };
    /// By key: `{"id":…}`, or the values of a query's open key, one in each line. They stay where they are.
    std::unordered_map<std::string, fetch, text_hash, std::equal_to<>> fetches{};

    // Figures of what ran.
    std::uint64_t requests = 0;
    std::uint64_t received = 0;

    [[nodiscard]] bool by_key() const noexcept { return !text; }
    [[nodiscard]] std::string_view index() const noexcept {
        return text ? std::string_view(text->index()) : std::string_view();
    }
    /// What names a place between the rows of a query: the table's key and that of the index.
    [[nodiscard]] std::vector<attribute_index> cursor_attributes() const;
};

/// The rows of one type that a node leads to. Most nodes have one target; a relation to one of several types has one for
/// each of them.
struct load_target {
    plan_node* node;
    entity_type const* type;
    load_source* from = nullptr; ///< Null for entities that the caller has.
    /// What is done here with the rows that come: condition, order, limit.
    selection here{};
    std::vector<plan_node*> children{};
};

/// One relation to load at one place of the tree; the root is one, too.
struct plan_node {
    relation_step const* step = nullptr;   ///< Null for the root.
    load_node const* spec = nullptr;       ///< What the caller asked for; null for the root and for second hops.
    relation_info const* relation = nullptr; ///< Whose keys lead to it; null for the root.
    relation_info const* fills = nullptr;  ///< Whose handle gets what it finds; null for the root and for second hops.
    std::string path{};                    ///< "User.posts.comments"
    std::deque<load_target> targets{};     ///< They stay where they are.
    int height = 0;                        ///< Longest chain of requests from here downwards.
    bool feeds = false;                    ///< Something below is read by key.

    [[nodiscard]] load_target& target() { return targets.front(); }
    [[nodiscard]] load_target const& target() const { return targets.front(); }
};

/// Throws errc::invalid_argument for relations nested too deep, or named twice at one place.
void check_nesting(std::vector<load_node> const& children, unsigned depth = 1);

class load_plan {
public:
    load_plan(std::string table_prefix, bool consistent)
        : table_prefix_(std::move(table_prefix)), consistent_(consistent) {}
    load_plan(load_plan const&) = delete;
    load_plan& operator=(load_plan const&) = delete;

    /// Makes the root and everything below it. Once.
    load_target& plan_root(entity_type const& type, load_source* from, std::vector<load_node> children);

    [[nodiscard]] plan_node* root() noexcept { return root_; }
    [[nodiscard]] plan_node const* root() const noexcept { return root_; }
    [[nodiscard]] std::string physical_table(std::string_view table) const {
        return table_prefix_ + std::string(table);
    }
    [[nodiscard]] bool consistent() const noexcept { return consistent_; }

    // ---- for the steps

    /// A node below `parent` for a relation; `relation` says how its rows are found.
    plan_node& add_node(load_target& parent, relation_step const& step, relation_info const& relation);
    load_target& add_target(plan_node& node, entity_type const& type, load_source& from);
    /// Plans what was asked for below a target.
    void add_children(load_target& parent, std::vector<load_node> const& specs);

    /// Entities by key.
    load_source& source_by_key(entity_type const& type);
    /// Entities by a query; `open_key`: the attributes whose values each request brings.
    load_source& source_by_query(entity_type const& type, access_plan const& plan, selection const& select,
                                 std::span<attribute_index const> open_key, projection wanted);
    /// Rows of another format, by a Query with an open key. `make_rows` is called when there is no such source yet.
    template <class MakeRows>
    load_source& source_by_text(entity_type const& type, query_text text, MakeRows make_rows) {
        load_source& s = source_named("rows " + text.identity());
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
    std::vector<std::unique_ptr<plan_node>> nodes_{};
    std::map<std::string, std::unique_ptr<load_source>> sources_{};
    std::vector<load_node> specs_{}; // what nodes point to
    plan_node* root_ = nullptr;
};

} // namespace dynasio::detail

#endif
