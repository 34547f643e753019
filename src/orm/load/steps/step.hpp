#ifndef DYNASIO_SRC_ORM_LOAD_STEPS_STEP_HPP
#define DYNASIO_SRC_ORM_LOAD_STEPS_STEP_HPP

#include <dynasio/orm/handles.hpp>
#include <dynasio/orm/load_node.hpp>

#include <dynasio/dynamodb/expression.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../fetch.hpp"

// How relations are loaded: each kind of relation is one file of this folder with one or more steps.
namespace dynasio::detail {

class load_assembly;
class load_plan;
class load_store;
class plan_printer;
struct plan_node;

/// The behaviour of one kind of relation, or of one hop of it. A step has no state, so one object serves all loads.
class relation_step {
public:
    /// Adds the nodes of a relation below `parent`. Throws dynasio::error for what cannot be planned. Never called for
    /// the second hop of a relation.
    virtual void plan(load_plan& plan, load_target& parent, load_node const& spec) const;
    /// Asks the store for the rows that the relation needs for one owner.
    [[nodiscard]] virtual filling ask(load_store& store, plan_node& node, owner_row& owner) const = 0;
    /// Fills the owner's handle. `found` is null when ask() knew without a request that there are no entities.
    /// Never called for the second hop of a relation either: the first one fills the handle.
    virtual void attach(load_assembly& assembly, plan_node const& node, void* owner, load_result* found) const;
    /// How many entities attach() would give, for a node that counts them. Never called for relations to one, nor for a
    /// second hop.
    [[nodiscard]] virtual std::uint64_t count(plan_node const& node, load_result const& found) const;
    /// Writes the plan's lines for a node and for everything below it.
    virtual void explain(plan_printer& to, plan_node const& node, int depth) const = 0;

    relation_step() = default;
    relation_step(relation_step const&) = delete;
    relation_step& operator=(relation_step const&) = delete;

protected:
    ~relation_step() = default;
};

/// A relation whose entities are the rows of its one node.
class one_hop_step : public relation_step {
public:
    /// Fills the handle from the vector of `found`, or with nothing when `found` is null.
    void attach(load_assembly& assembly, plan_node const& node, void* owner, load_result* found) const final;
    void explain(plan_printer& to, plan_node const& node, int depth) const final;

protected:
    ~one_hop_step() = default;
};

/// The step that a relation of this kind begins with.
[[nodiscard]] relation_step const& step_of(relation_kind kind) noexcept;
/// The step that this relation begins with.
[[nodiscard]] relation_step const& step_of(relation_info const& relation) noexcept;

// The first step of each file of this folder.
[[nodiscard]] relation_step const& has_step() noexcept;
[[nodiscard]] relation_step const& morph_step() noexcept;
[[nodiscard]] relation_step const& belongs_to_step() noexcept;
[[nodiscard]] relation_step const& pivots_step() noexcept;
[[nodiscard]] relation_step const& pivot_entities_step() noexcept;
[[nodiscard]] relation_step const& through_step() noexcept;

// ---- functions that several steps use

/// The values of a key's parts; the second one is empty when it has one part, and both when there is no key.
using key_parts = std::array<std::string, 2>;
[[nodiscard]] inline bool is_set(key_parts const& foreign_key) noexcept { return !foreign_key.front().empty(); }

/// The values of a relation's owner_key in an owner: the foreign key of a belongs_to, or what that of a has_one or
/// has_many refers to. Not set when one of them is empty or NULL.
[[nodiscard]] key_parts owner_key_of(relation_info const& relation, owner_row& owner);
/// The rows that a Query of the node's target finds under these values; none when they are not set, or when one of them
/// is longer than a key can be, so that no item has it.
[[nodiscard]] filling ask_for(load_store& store, plan_node& node, key_parts const& values);
/// Whether the handle, which is loaded, holds another entity than the one that the foreign key names now. A handle
/// without an entity is outdated as soon as there is a foreign key, because nothing tells whether it has changed.
[[nodiscard]] bool is_outdated(relation_info const& relation, owner_row const& owner, key_parts const& foreign_key);

/// Whether a handle is loaded and answers what is asked, entities in the scope `asked` included.
[[nodiscard]] bool is_kept(plan_node const& node, owner_row const& owner, read_scope asked);
/// The filling for an owner that needs no request, because its handle is loaded already and is kept, or because the
/// selection can give no entities. Nothing for an owner that needs a request.
[[nodiscard]] std::optional<filling> known_without_asking(plan_node const& node, owner_row const& owner);
/// Limits what a has_one gives to the one entity that it leads to, also where several have its foreign key.
void take_one_of(relation_info const& relation, selection& select);
/// Adds the target to a node whose rows a Query by the relation's foreign key finds, or counts when `counts`.
load_target& add_query_target(load_plan& plan, load_target const& parent, plan_node& node, selection const& select,
                              bool counts = false);
/// Whether the relation leads each owner to one entity by the key of its table: a belongs_to whose foreign key refers
/// to the key, and a has_one whose foreign key is the key, such as that of a profile which has the id of its user. A
/// Query would find the same for the same capacity, and for a request of its own for each owner; one BatchGetItem
/// brings 100.
[[nodiscard]] bool leads_to_key(relation_info const& relation) noexcept;
/// Adds the target of a belongs_to, or of a has_one that leads to a key, to a node: read by key, or by a Query when the
/// foreign key of the belongs_to refers to other members. Of the entities that are read by key, `counts` says that they
/// are only counted.
load_target& add_named_target(load_plan& plan, load_target const& parent, plan_node& node, selection const& select,
                              bool counts = false);
/// Adds the links of a belongs_to_many to a node, and behind them the entities that satisfy `where`, which are only
/// counted when `counts`. Returns the target of the entities. `chosen`: the order, offset and limit of the entities, if
/// no more links are to be read than these take.
load_target& add_linked_target(load_plan& plan, plan_node& node, dynamodb::condition const& where, bool counts = false,
                               selection const* chosen = nullptr);
/// Whether there is an entity behind a link, and it satisfies the condition. False for a link that names none. What it
/// names has come.
[[nodiscard]] bool leads_to_entity(filling const& link);
/// The plan's text for the links of such a node.
[[nodiscard]] std::string describe_links(plan_node const& node);
/// The positions of entities that were read by key, each the first one of its result: in the order that was asked for,
/// or by their keys.
[[nodiscard]] std::vector<std::size_t> in_order_of(std::optional<ordering> const& order,
                                                   std::vector<load_result*> const& entities);

} // namespace dynasio::detail

#endif
