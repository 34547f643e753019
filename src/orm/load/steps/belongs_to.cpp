#include <string>
#include <string_view>
#include <utility>

#include "../../type/empty_key.hpp"
#include "../../type/key_text.hpp"
#include "../load_plan.hpp"
#include "../store.hpp"
#include "step.hpp"

// belongs_to: the owner's foreign key is the target's key, so targets are read by BatchGetItem together with other
// keys.
namespace dynasio::detail {

namespace {

class belongs_to_one final : public one_hop_step {
public:
    void plan(load_plan& plan, load_target& parent, load_node const& spec) const override {
        relation_info const& relation = *spec.relation;
        check_order_made_here(relation.target(), spec.select);
        plan_node& n = plan.add_node(parent, *this, relation);
        n.spec = &spec;
        n.fills = &relation;
        n.path += '.' + std::string(relation.name.member);
        if (parent.from != nullptr) parent.from->kept.add(relation.owner_key);
        load_target& target = plan.add_target(n, relation.target(), plan.source_by_key(relation.target()));
        target.here = spec.select;
        target.from->kept.add(attributes_evaluated_here(relation.target(), spec.select.where));
        plan.add_children(target, spec.children);
    }

    filling ask(load_store& store, plan_node& node, owner_row& owner) const override {
        auto const parts = foreign_key_of(*node.relation, owner);
        auto const known = known_without_asking(node, owner);
        if (known && !(known->keeps && is_outdated(*node.relation, owner, parts))) return *known;
        if (!is_set(parts)) return {};
        std::string key;
        node.target().type->encode_key(key, parts[0], parts[1]);
        return {.from = store.ask(node.target(), std::move(key))};
    }
};

constexpr std::string_view null_value = R"({"NULL":true})";

} // namespace

key_parts foreign_key_of(relation_info const& relation, owner_row& owner) {
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
