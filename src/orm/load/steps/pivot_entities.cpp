#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../../plan/order.hpp"
#include "../../plan/scope.hpp"
#include "../assemble.hpp"
#include "../explain.hpp"
#include "../load_plan.hpp"
#include "../store.hpp"
#include "step.hpp"

// belongs_to_many whose links are entities: the links of each owner are found as those of a has_many, with the scope
// and the indexes of their entity, and the entity behind each link as that of a belongs_to, by key.
namespace dynasio::detail {

namespace {

/// The links themselves, without what was asked about the entities behind them.
selection links_asked_for(load_plan const& plan, entity_type const& type, selection const& asked) {
    selection links;
    links.scope.target = asked.scope.between ? trashed::with : trashed::without;
    links.scope.everything = asked.scope.everything;
    links.without_expired = asked.without_expired;
    links.where = condition_of(type, links, plan.now());
    return links;
}

/// The entity behind a link; null for a link that names none.
load_result* behind(filling const& link) noexcept { return link.from; }

class links_as_entities final : public relation_step {
public:
    void plan(load_plan& plan, load_target& parent, load_node const& spec) const override {
        relation_info const& relation = *spec.relation;
        entity_type const& type = relation.target();
        check_order_made_here(type, spec.select);
        plan_node& n = plan.add_node(parent, *this, relation.first());
        n.spec = &spec;
        n.fills = &relation;
        n.path += '.' + std::string(relation.name.member);
        load_target& links =
            add_query_target(plan, parent, n, links_asked_for(plan, relation.first().target(), spec.select));
        // The caller's order, offset and limit are about the entities, but they decide which links remain and in which
        // order.
        links.here.order = spec.select.order;
        links.here.offset = spec.select.offset;
        links.here.limit = spec.select.limit;
        plan_node& far = plan.add_node(links, belongs_to_step(), relation.second());
        selection of_one = spec.select;
        of_one.order.reset();
        of_one.offset = 0;
        of_one.limit.reset();
        load_target& entities = add_named_target(plan, links, far, of_one, spec.counts);
        entities.from->kept.add(type.key_attributes());
        if (spec.select.order && spec.select.order->by) entities.from->kept.add(*spec.select.order->by);
        plan.add_children(entities, spec.children);
    }

    filling ask(load_store& store, plan_node& node, owner_row& owner) const override {
        return has_step().ask(store, node, owner);
    }

    void attach(load_assembly& assembly, plan_node const& node, void* owner, load_result* found) const override {
        relation_info const& relation = *node.fills;
        std::vector<std::shared_ptr<void const>> entities;
        auto links = relation.first().target().storage.make();
        if (found != nullptr) collect(assembly, node, *found, entities, links.get());
        relation.attach_pairs(relation.handle_of(owner), std::move(entities), std::move(links));
    }

    /// Links whose entity was deleted, or does not satisfy the condition, lead to nothing.
    std::uint64_t count(plan_node const&, load_result const& found) const override {
        return static_cast<std::uint64_t>(
            std::count_if(found.fillings().begin(), found.fillings().end(), &leads_to_entity));
    }

    void explain(plan_printer& to, plan_node const& node, int depth) const override {
        to.line(node, describe_source(node.target()), depth);
        plan_node const& far = *node.target().children.front();
        load_target shown = far.target();
        shown.here.order = node.target().here.order;
        shown.here.offset = node.target().here.offset;
        shown.here.limit = node.target().here.limit;
        to.second_line(far, describe_source(shown) + describe_rest(shown), depth + 1);
        to.below(far.target(), depth + 2);
    }

private:
    /// The links that lead to an entity that is wanted, in the order of these.
    static void collect(load_assembly& assembly, plan_node const& node, load_result& found,
                        std::vector<std::shared_ptr<void const>>& entities, void* links) {
        load_target const& target = node.target();
        storage_functions const& of_links = node.fills->first().target().storage;
        storage_functions const& of_entities = node.fills->target().storage;
        std::vector<std::size_t> rows;
        std::vector<load_result*> found_behind;
        for (std::size_t row = 0; row < found.fillings().size(); ++row) {
            load_result* const far = behind(found.fillings()[row]);
            if (far == nullptr) continue;
            assembly.assemble(*far);
            // The entity behind the link was deleted, or it does not satisfy the condition.
            if (of_entities.size(far->items.get()) == 0) continue;
            rows.push_back(row);
            found_behind.push_back(far);
        }
        // Both sides are to agree, so the order is that of the entities and not that of an index of the links.
        auto positions = in_order_of(target.here.order, found_behind);
        cut(positions, target.here.offset, target.here.limit);
        // Rows that others use stay where they are.
        bool const are_shared = found.from->users.are_several() || found.asked > 1;
        of_links.reserve(links, positions.size());
        entities.reserve(positions.size());
        for (auto const i : positions) {
            void* const link = of_links.at(found.from->items.get(), rows[i]);
            are_shared ? of_links.append_copy(links, link) : of_links.append_move(links, link);
            auto const& items = found_behind[i]->items;
            entities.emplace_back(items, of_entities.at(items.get(), 0));
        }
    }
};

} // namespace

relation_step const& pivot_entities_step() noexcept {
    static links_as_entities const step;
    return step;
}

} // namespace dynasio::detail
