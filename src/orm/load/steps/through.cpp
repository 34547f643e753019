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

// has_many_through: one Query for the entities in between, and then, as soon as one of them arrives, one Query for what
// belongs to it, or the key of the entity that it names among those of the next BatchGetItem.
namespace dynasio::detail {

namespace {

class through final : public relation_step {
public:
    void plan(load_plan& plan, load_target& parent, load_node const& spec) const override {
        relation_info const& relation = *spec.relation;
        plan_node& middle = plan.add_node(parent, *this, relation.first());
        middle.spec = &spec;
        middle.fills = &relation;
        middle.path += '.' + std::string(relation.name.member);
        selection of_between;
        of_between.where =
            scope_condition(relation.first().target(), spec.select.scope.between ? trashed::with : trashed::without,
                            spec.select.scope.everything);
        load_target& between = add_query_target(plan, parent, middle, of_between);

        if (relation.second().kind == relation_kind::belongs_to) {
            plan_named(plan, between, spec);
            return;
        }
        plan_node& far = plan.add_node(between, has_step(), relation.second());
        if (spec.counts) {
            add_query_target(plan, between, far, spec.select, true);
            return;
        }
        // Offset and limit are for all entities together. Each part needs at most as many as both, which limits each
        // Query as well.
        selection of_part = spec.select;
        of_part.limit = spec.select.reach();
        of_part.offset = 0;
        load_target& entities = add_query_target(plan, between, far, of_part);
        entities.here.order = spec.select.order;
        entities.here.offset = spec.select.offset;
        entities.here.limit = spec.select.limit;
        entities.from->kept.add(entities.type->key_attributes());
        if (spec.select.order) entities.from->kept.add(ordering_attribute(entities));
        plan.add_children(entities, spec.children);
    }

    filling ask(load_store& store, plan_node& node, owner_row& owner) const override {
        return has_step().ask(store, node, owner);
    }

    void attach(load_assembly& assembly, plan_node const& node, void* owner, load_result* found) const override {
        relation_info const& relation = *node.fills;
        if (found != nullptr && !found->assembled) {
            found->assembled = true;
            found->items = collect(assembly, node.target().children.front()->target(), *found);
        }
        relation.attach(relation.handle_of(owner), found != nullptr ? found->items : relation.target().storage.make());
    }

    std::uint64_t count(plan_node const& node, load_result const& found) const override {
        if (names_far(node)) return count_named(found);
        std::uint64_t all = 0;
        // An index that lags can show an entity in between twice, and both times lead to the same part.
        std::unordered_set<load_result const*> counted;
        for (filling const& part : found.fillings)
            if (part.from != nullptr && counted.insert(part.from).second) all += part.from->from->count();
        return all;
    }

    void explain(plan_printer& to, plan_node const& node, int depth) const override {
        to.line(node, describe_source(node.target()), depth);
        plan_node const& far = *node.target().children.front();
        to.second_line(far, describe_source(far.target()) + describe_rest(far.target()), depth + 1);
        to.below(far.target(), depth + 2);
    }

private:
    /// Whether the entities in between name the far ones by their foreign keys.
    static bool names_far(plan_node const& middle) { return middle.fills->second().kind == relation_kind::belongs_to; }

    /// Plans a second step that is a belongs_to. Several entities in between can name one far entity, and the far
    /// entities come one by one, so order, offset and limit are made here.
    static void plan_named(load_plan& plan, load_target& between, load_node const& spec) {
        relation_info const& second = spec.relation->second();
        check_order_made_here(second.target(), spec.select);
        plan_node& far = plan.add_node(between, belongs_to_step(), second);
        selection of_one = spec.select;
        of_one.order.reset();
        of_one.offset = 0;
        of_one.limit.reset();
        load_target& entities = add_named_target(plan, between, far, of_one, spec.counts);
        entities.from->kept.add(entities.type->key_attributes());
        if (spec.counts) return;
        entities.here.order = spec.select.order;
        entities.here.offset = spec.select.offset;
        entities.here.limit = spec.select.limit;
        if (spec.select.order && spec.select.order->by) entities.from->kept.add(*spec.select.order->by);
        plan.add_children(entities, spec.children);
    }

    /// How many entities the entities in between name that are there and satisfy the condition, each one once.
    static std::uint64_t count_named(load_result const& found) {
        std::unordered_set<std::string> seen;
        for (filling const& named : found.fillings) {
            load_result const* const far = named.from;
            if (far == nullptr || far->from->items == nullptr) continue;
            bool const fits = far->of.here.where.is_always() ? far->from->count() > 0 : !far->chosen.empty();
            if (fits) seen.insert(key_of(*far, 0));
        }
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
        if (far.node->relation->kind == relation_kind::belongs_to) return by.value_or(key.sort.value_or(key.partition));
        return by ? *by : plan.sort_here ? *plan.sort_here->by : plan.path->sort.value_or(far.type->key.partition);
    }

    /// The entities that all second steps of one owner found, each entity once.
    static std::shared_ptr<void> collect(load_assembly& assembly, load_target const& far, load_result& middle) {
        entity_type const& type = *far.type;
        auto items = type.storage.make();
        // Indexes are eventually consistent, so one can show an entity below its old and its new owner.
        std::unordered_set<std::string> seen;
        std::vector<sort_values> order;
        for (std::size_t row = 0; row < middle.from->count(); ++row) {
            load_result* const part = middle.fillings[row].from;
            if (part == nullptr) continue;
            assembly.assemble(*part);
            bool const copies = part->from->users.size() > 1 || part->asked > 1;
            for (std::size_t i = 0; i < type.storage.size(part->items.get()); ++i) {
                sort_values v;
                v.partition = part->from->value(i, type.key.partition);
                if (type.key.sort) v.sort = part->from->value(i, *type.key.sort);
                std::string key(v.partition);
                key += v.sort;
                if (!seen.insert(std::move(key)).second) continue;
                if (far.here.order) v.value = part->from->value(i, ordering_attribute(far));
                order.push_back(v);
                void* const entity = type.storage.at(part->items.get(), i);
                copies ? type.storage.append_copy(items.get(), entity) : type.storage.append_move(items.get(), entity);
            }
        }
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
