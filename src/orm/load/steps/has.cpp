#include <dynasio/core/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../../type/empty_key.hpp"
#include "../../type/key_text.hpp"
#include "../load_plan.hpp"
#include "../store.hpp"
#include "step.hpp"

// has_one and has_many: one Query for each owner, by the foreign key that the targets hold. Where that is the key of
// the targets, a has_one is read by key, in batches with other keys.
namespace dynasio::detail {

namespace {

/// Whether a value in wire form of the target's attribute `i` is longer than a key of the path by which the node's rows
/// are found. What an owner refers by need not be a key of anything, and the service would refuse the request, with
/// which the whole load would fail.
bool no_item_has(plan_node const& node, attribute_index i, std::string_view value) {
    load_source const& s = *node.target().from;
    return is_beyond_key(s.by_key() ? s.type->key : *s.plan.path, i, value);
}

class has final : public one_hop_step {
public:
    void plan(load_plan& plan, load_target& parent, load_node const& spec) const override {
        relation_info const& relation = *spec.relation;
        plan_node& n = plan.add_node(parent, *this, relation);
        n.spec = &spec;
        n.fills = &relation;
        n.path += '.' + std::string(relation.name.member);
        selection select = spec.select;
        if (leads_to_key(relation) && can_be_evaluated_here(relation.target(), select.where)) {
            select.order.reset(); // there is one entity
            select.limit.reset(); // 0 is answered without asking
            plan.add_children(add_named_target(plan, parent, n, select), spec.children);
            return;
        }
        take_one_of(relation, select);
        plan.add_children(add_query_target(plan, parent, n, select, spec.counts), spec.children);
    }

    std::uint64_t count(plan_node const&, load_result const& found) const override { return found.from->count(); }

    filling ask(load_store& store, plan_node& node, owner_row& owner) const override {
        if (auto const known = known_without_asking(node, owner)) return *known;
        relation_info const& relation = *node.relation;
        if (!relation.refers_to_key) return ask_for(store, node, owner_key_of(relation, owner));
        if (leads_to_key(relation)) return ask_for(store, node, own_key_of(relation, owner));
        std::string key;
        if (relation.morph != nullptr && lookup_of(relation).by_type)
            append_key_value(key, relation.target()[relation.target_key.front()], relation.owner_type_wire());
        // Of a relation by type and key, the first one is the type.
        std::size_t const type_members = relation.target_key.size() - relation.owner_key.size();
        for (std::size_t i = 0; i < relation.owner_key.size(); ++i) {
            attribute_info const& part = owner.type()[relation.owner_key[i]];
            if (!key.empty()) key += fetch::part_end;
            std::size_t const begin = key.size();
            append_key_value(key, part, owner.value(relation.owner_key[i]));
            std::string_view const value = std::string_view(key).substr(begin);
            if (is_empty_key(value)) throw_empty_key(owner.type(), part);
            if (no_item_has(node, relation.target_key[type_members + i], value)) return {};
        }
        return {.from = store.ask(node.target(), key)};
    }

private:
    /// The key of the owner, which every owner has.
    static key_parts own_key_of(relation_info const& relation, owner_row& owner) {
        auto parts = owner_key_of(relation, owner);
        for (std::size_t i = 0; !is_set(parts) && i < relation.owner_key.size(); ++i) {
            std::string value;
            append_key_value(value, owner.type()[relation.owner_key[i]], owner.value(relation.owner_key[i]));
            if (is_empty_key(value)) throw_empty_key(owner.type(), owner.type()[relation.owner_key[i]]);
        }
        return parts;
    }
};

} // namespace

relation_step const& has_step() noexcept {
    static has const step;
    return step;
}

void take_one_of(relation_info const& relation, selection& select) {
    if (relation.kind != relation_kind::has_one) return;
    // The limit of 1 comes from the kind of the relation and not from the caller, so an order that has to be made in
    // the client is not refused because of it.
    select.client_side = select.client_side || !select.limit;
    select.limit = std::min<std::size_t>(select.limit.value_or(1), 1);
}

filling ask_for(load_store& store, plan_node& node, key_parts const& values) {
    if (!is_set(values)) return {};
    auto const& named = node.relation->target_key;
    for (std::size_t i = 0; i < named.size(); ++i)
        if (no_item_has(node, named[i], values[i])) return {};
    std::string key;
    if (node.target().from->by_key()) {
        node.target().type->encode_key(key, values[0], values[1]);
        return {.from = store.ask(node.target(), std::move(key))};
    }
    key = values[0];
    if (!values[1].empty()) {
        key += fetch::part_end;
        key += values[1];
    }
    return {.from = store.ask(node.target(), key)};
}

load_target& add_query_target(load_plan& plan, load_target const& parent, plan_node& node, selection const& select,
                              bool counts) {
    relation_info const& relation = *node.relation;
    entity_type const& type = relation.target();
    relation_lookup const by = lookup_of(relation);
    selection of_type = select;
    if (relation.morph != nullptr && !by.by_type)
        of_type.where = dynamodb::condition(dynamodb::condition::kind::equal, type[relation.target_key.front()].name,
                                            std::vector<std::string>(1, relation.owner_type_wire())) &&
                        std::move(of_type.where);
    auto const access = plan_relation(type, by.members, of_type, by.fixed);
    if (parent.from != nullptr) parent.from->kept.add(relation.owner_key);
    load_source& from =
        plan.source_by_query(type, access, of_type, by.members, counts ? plan.counting(access) : projection::items);
    return plan.add_target(node, type, from);
}

} // namespace dynasio::detail
