#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "../../type/empty_key.hpp"
#include "../../type/key_text.hpp"
#include "../load_plan.hpp"
#include "../store.hpp"
#include "step.hpp"

// belongs_to: the owner's foreign key is the target's key, so targets are read by BatchGetItem together with other
// keys. With references<> it holds the value of another member, and one Query for each distinct value finds the target.
namespace dynasio::detail {

namespace {

class belongs_to_one final : public one_hop_step {
public:
    void plan(load_plan& plan, load_target& parent, load_node const& spec) const override {
        relation_info const& relation = *spec.relation;
        plan_node& n = plan.add_node(parent, *this, relation);
        n.spec = &spec;
        n.fills = &relation;
        n.path += '.' + std::string(relation.name.member);
        plan.add_children(add_named_target(plan, parent, n, spec.select), spec.children);
    }

    filling ask(load_store& store, plan_node& node, owner_row& owner) const override {
        auto const parts = owner_key_of(*node.relation, owner);
        auto const known = known_without_asking(node, owner);
        if (known && !(known->keeps && is_outdated(*node.relation, owner, parts))) return *known;
        if (!node.relation->refers_to_key) return ask_for(store, node, parts);
        if (!is_set(parts)) return {};
        std::string key;
        node.target().type->encode_key(key, parts[0], parts[1]);
        return {.from = store.ask(node.target(), key)};
    }
};

constexpr std::string_view null_value = R"({"NULL":true})";

} // namespace

bool leads_to_key(relation_info const& relation) noexcept {
    if (relation.kind == relation_kind::belongs_to) return relation.refers_to_key;
    if (relation.kind != relation_kind::has_one || relation.morph != nullptr) return false;
    index_info const& key = relation.target().key;
    auto const& foreign = relation.target_key;
    return foreign.size() == (key.sort ? 2U : 1U) && foreign.front() == key.partition &&
           (!key.sort || foreign.back() == *key.sort);
}

load_target& add_named_target(load_plan& plan, load_target const& parent, plan_node& node, selection const& select,
                              bool counts) {
    relation_info const& relation = *node.relation;
    entity_type const& type = relation.target();
    if (!leads_to_key(relation)) {
        // Several entities can have the value. The first one in the order of the index is taken, and on an index
        // without a sort key the one with the first key. Among entities with equal sort keys, as on an index by two
        // referenced members, the service chooses. Who has not asked for an order and for a limit is not refused an
        // order that has to be made in the client.
        selection first = select;
        if (!first.order) first.order = ordering{std::nullopt, false};
        first.client_side = first.client_side || !select.order || !select.limit;
        first.limit = std::min<std::size_t>(first.limit.value_or(1), 1);
        return add_query_target(plan, parent, node, first);
    }
    check_order_made_here(type, select);
    if (parent.from != nullptr) parent.from->kept.add(relation.owner_key);
    load_target& target =
        plan.add_target(node, type, plan.source_by_key(type, counts ? projection::items_to_count : projection::items));
    target.here = select;
    target.from->kept.add(attributes_evaluated_here(type, select.where));
    return target;
}

key_parts owner_key_of(relation_info const& relation, owner_row& owner) {
    key_parts parts;
    auto const& attributes = relation.owner_key;
    for (std::size_t i = 0; i < attributes.size(); ++i)
        append_key_value(parts[i], owner.type()[attributes[i]], owner.value(attributes[i]));
    for (std::size_t i = 0; i < attributes.size(); ++i)
        if (is_empty_key(parts[i]) || parts[i] == null_value) return {};
    return parts;
}

bool is_outdated(relation_info const& relation, owner_row const& owner, key_parts const& foreign_key) {
    void const* const entity = relation.entity_in(relation.handle_of(static_cast<void const*>(owner.get())));
    if (entity == nullptr) return is_set(foreign_key);
    entity_type const& target = relation.target();
    key_parts own;
    for (std::size_t i = 0; i < relation.target_key.size(); ++i)
        append_key_value(own[i], target[relation.target_key[i]], target.wire(entity, relation.target_key[i]));
    // An entity that the program made and has not saved has no key. It stays where the program put it.
    if (is_empty_key(own.front())) return is_set(foreign_key);
    return own != foreign_key;
}

relation_step const& belongs_to_step() noexcept {
    static belongs_to_one const step;
    return step;
}

} // namespace dynasio::detail
