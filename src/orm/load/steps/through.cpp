#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "../../plan/order.hpp"
#include "../assemble.hpp"
#include "../explain.hpp"
#include "../load_plan.hpp"
#include "../store.hpp"
#include "step.hpp"

// has_many_through: a chain of steps. What a step finds is asked for its own entities at once: by a Query, or by the
// key of the entity that it names among those of the next BatchGetItem. A belongs_to_many on the way is two nodes, its
// links and the entities behind them; every other step is one.
namespace dynasio::detail {

namespace {

/// Adds the relations that are one step each, in order; a step can be a has_many_through itself, and one whose links
/// are entities is one to these and one behind them.
void add_steps(relation_info const& relation, std::vector<relation_info const*>& to) {
    if (relation.kind != relation_kind::has_many_through && !relation.has_pivot_entity()) {
        to.push_back(&relation);
        return;
    }
    add_steps(relation.first(), to);
    add_steps(relation.second(), to);
}
std::vector<relation_info const*> steps_of(relation_info const& relation) {
    std::vector<relation_info const*> steps;
    add_steps(relation, steps);
    return steps;
}

/// Whether a step finds its entities one by one, by their keys or by values that they are referred to by, so that
/// several of its owners can lead to one entity.
bool leads_to_named(relation_info const& step) noexcept {
    return step.kind == relation_kind::belongs_to || step.kind == relation_kind::belongs_to_many || leads_to_key(step);
}

class through final : public relation_step {
public:
    void plan(load_plan& plan, load_target& parent, load_node const& spec) const override {
        auto const steps = steps_of(*spec.relation);
        load_target* at = &parent;
        for (std::size_t i = 0; i < steps.size(); ++i) {
            plan_node& n = plan.add_node(*at, i == 0 ? *this : step_of(steps[i]->kind), *steps[i]);
            if (i == 0) {
                for (auto const* const step : steps) n.hops += step->kind == relation_kind::belongs_to_many ? 2 : 1;
                --n.hops;
                n.spec = &spec;
                n.fills = spec.relation;
                n.path += '.' + std::string(spec.relation->name.member);
            }
            at = i + 1 == steps.size() ? &add_last(plan, *at, n, spec) : &add_between(plan, *at, n, spec);
        }
        if (!spec.counts) plan.add_children(*at, spec.children);
    }

    filling ask(load_store& store, plan_node& node, owner_row& owner) const override {
        // The first step would compare the owner with what the handle of its own relation holds.
        if (auto const known = known_without_asking(node, owner)) return *known;
        return step_of(node.relation->kind).ask(store, node, owner);
    }

    void attach(load_assembly& assembly, plan_node const& node, void* owner, load_result* found) const override {
        relation_info const& relation = *node.fills;
        if (found != nullptr && !found->assembled) {
            found->assembled = true;
            found->items = collect(assembly, node, *found);
        }
        relation.attach(relation.handle_of(owner), found != nullptr ? found->items : relation.target().storage.make());
    }

    std::uint64_t count(plan_node const& node, load_result const& found) const override {
        relation_info const& last = *last_node(node).relation;
        if (leads_to_named(last)) return count_named(node, found);
        std::uint64_t all = 0;
        // An entity in between that is reached twice leads to the same part both times.
        std::unordered_set<load_result const*> counted;
        each_part(found, node.hops, false, [&](load_result const& part, bool) {
            std::size_t const size = part.from->count();
            if (counted.insert(&part).second) all += last.kind == relation_kind::has_one && size > 0 ? 1 : size;
        });
        return all;
    }

    void explain(plan_printer& to, plan_node const& node, int depth) const override {
        plan_node const* at = &node;
        to.line(node, describe(node) + describe_rest(node.target()), depth);
        for (std::size_t left = node.hops; left > 0; --left) {
            at = at->target().children.front();
            to.second_line(*at, describe(*at) + describe_rest(at->target()), ++depth);
        }
        to.below(at->target(), depth + 1);
    }

private:
    /// Whether the rows of a target are links, and not the entities behind them.
    static bool are_links(load_target const& target) {
        return target.node->relation->kind == relation_kind::belongs_to_many && !target.from->by_key();
    }
    static std::string describe(plan_node const& node) {
        return are_links(node.target()) ? describe_links(node) : describe_source(node.target());
    }
    static plan_node const& last_node(plan_node const& first) {
        plan_node const* at = &first;
        for (std::size_t left = first.hops; left > 0; --left) at = at->target().children.front();
        return *at;
    }

    static load_target& add_between(load_plan& plan, load_target& parent, plan_node& node, load_node const& spec) {
        selection select;
        select.where =
            scope_condition(node.relation->target(), spec.select.scope.between ? trashed::with : trashed::without,
                            spec.select.scope.everything);
        relation_info const& step = *node.relation;
        if (step.kind == relation_kind::belongs_to_many) return add_linked_target(plan, node, select.where);
        if (leads_to_named(step)) return add_named_target(plan, parent, node, select);
        take_one_of(step, select);
        return add_query_target(plan, parent, node, select);
    }

    static load_target& add_last(load_plan& plan, load_target& parent, plan_node& node, load_node const& spec) {
        if (leads_to_named(*node.relation)) return add_last_named(plan, parent, node, spec);
        if (spec.counts) return add_query_target(plan, parent, node, spec.select, true);
        // Offset and limit are for all entities together. Each part needs at most as many as both, which limits each
        // Query as well.
        selection of_part = spec.select;
        of_part.limit = spec.select.reach();
        of_part.offset = 0;
        take_one_of(*node.relation, of_part);
        load_target& entities = add_query_target(plan, parent, node, of_part);
        entities.from->kept.add(entities.type->key_attributes());
        choose_here(entities, spec.select);
        if (spec.select.order) entities.from->kept.add(ordering_attribute(entities));
        return entities;
    }

    /// The far entities come one by one, so order, offset and limit are made here.
    static load_target& add_last_named(load_plan& plan, load_target& parent, plan_node& node, load_node const& spec) {
        check_order_made_here(node.relation->target(), spec.select);
        selection of_one = spec.select;
        of_one.order.reset();
        of_one.offset = 0;
        of_one.limit.reset();
        load_target& entities = node.relation->kind == relation_kind::belongs_to_many
                                    ? add_linked_target(plan, node, of_one.where, spec.counts)
                                    : add_named_target(plan, parent, node, of_one, spec.counts);
        entities.from->kept.add(entities.type->key_attributes());
        if (spec.counts) return entities;
        choose_here(entities, spec.select);
        if (spec.select.order && spec.select.order->by) entities.from->kept.add(*spec.select.order->by);
        return entities;
    }

    static void choose_here(load_target& entities, selection const& select) {
        entities.here.order = select.order;
        entities.here.offset = select.offset;
        entities.here.limit = select.limit;
    }

    /// Calls `visit(part, is_shared)` for what each of the last entities in between leads to, in their order. `found`
    /// is what a node has found that has `hops` nodes behind it. The rows of a part that is shared must not be moved
    /// out, because others have them as well.
    template <class Visit>
    static void each_part(load_result const& found, std::size_t hops, bool is_shared, Visit const& visit) {
        auto const follow = [&](load_result& next) {
            // What several rows have asked for leads to one set of rows, which all of them use.
            bool const shared = is_shared || next.asked > 1;
            if (hops == 1)
                visit(next, shared || next.from->users.are_several());
            else
                each_part(next, hops - 1, shared, visit);
        };
        if (!are_links(found.of)) {
            for (filling const& one : found.fillings())
                if (one.from != nullptr) follow(*one.from);
            return;
        }
        // Links come in the order of the entities behind them, because an index gives rows with equal keys in an
        // undefined order.
        std::vector<load_result*> behind;
        for (filling const& one : found.fillings())
            if (one.from != nullptr && one.from->from->count() > 0) behind.push_back(one.from);
        for (auto const i : in_order_of(std::nullopt, behind)) follow(*behind[i]);
    }

    /// How many entities the entities in between name that are there and satisfy the condition, each one once.
    static std::uint64_t count_named(plan_node const& first, load_result const& found) {
        std::unordered_set<std::string> seen;
        each_part(found, first.hops, false, [&](load_result const& far, bool) {
            if (far.from->items == nullptr) return;
            bool const fits = far.of.here.where.is_always() ? far.from->count() > 0 : !far.chosen().empty();
            if (fits) seen.insert(key_of(far, 0));
        });
        return seen.size();
    }

    /// The key of a row of the far side, by which it is told from others.
    static std::string key_of(load_result const& part, std::size_t row) {
        index_info const& of = part.of.type->key;
        std::string key(part.from->value(row, of.partition));
        if (of.sort) key += part.from->value(row, *of.sort);
        return key;
    }

    static attribute_index ordering_attribute(load_target const& far) {
        auto const& by = far.here.order->by;
        auto const& plan = far.from->plan;
        index_info const& key = far.type->key;
        if (leads_to_named(*far.node->relation)) return by.value_or(key.sort.value_or(key.partition));
        return by ? *by : plan.sort_here ? *plan.sort_here->by : plan.path->sort.value_or(far.type->key.partition);
    }

    /// The entities that all last steps of one owner found, each entity once.
    static std::shared_ptr<void> collect(load_assembly& assembly, plan_node const& first, load_result const& found) {
        load_target const& far = last_node(first).target();
        entity_type const& type = *far.type;
        auto items = type.storage.make();
        // Several entities in between can lead to one entity, and an index that lags can show an entity below its old
        // and its new owner.
        std::unordered_set<std::string> seen;
        std::vector<sort_values> order;
        each_part(found, first.hops, false, [&](load_result& part, bool is_shared) {
            assembly.assemble(part);
            for (std::size_t i = 0; i < type.storage.size(part.items.get()); ++i) {
                if (!seen.insert(key_of(part, i)).second) continue;
                sort_values v;
                v.partition = part.from->value(i, type.key.partition);
                if (type.key.sort) v.sort = part.from->value(i, *type.key.sort);
                if (far.here.order) v.value = part.from->value(i, ordering_attribute(far));
                order.push_back(v);
                void* const entity = type.storage.at(part.items.get(), i);
                is_shared ? type.storage.append_copy(items.get(), entity)
                          : type.storage.append_move(items.get(), entity);
            }
        });
        if (!far.here.order && far.here.offset == 0) {
            if (far.here.limit && order.size() > *far.here.limit) type.storage.truncate(items.get(), *far.here.limit);
            return items;
        }
        std::vector<std::size_t> positions;
        if (far.here.order) {
            // Each part is in order; the parts together have to be sorted.
            positions = sorted_positions(order, far.here.order->descending);
        } else {
            positions.resize(order.size());
            std::iota(positions.begin(), positions.end(), std::size_t{0});
        }
        cut(positions, far.here.offset, far.here.limit);
        auto chosen = type.storage.make();
        type.storage.reserve(chosen.get(), positions.size());
        for (auto const i : positions) type.storage.append_move(chosen.get(), type.storage.at(items.get(), i));
        return chosen;
    }
};

} // namespace

relation_step const& through_step() noexcept {
    static through const step;
    return step;
}

} // namespace dynasio::detail
