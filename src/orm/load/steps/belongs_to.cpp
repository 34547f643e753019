#include <array>
#include <string>
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
        target.from->kept.add(attributes_in(relation.target(), spec.select.where));
        plan.add_children(target, spec.children);
    }

    filling ask(load_store& store, plan_node& node, owner_row& owner) const override {
        if (auto const known = known_without_asking(node, owner)) return *known;
        entity_type const& target = *node.target().type;
        auto const& foreign_key = node.relation->owner_key;
        std::array<std::string, 2> parts;
        for (std::size_t i = 0; i < foreign_key.size(); ++i) {
            append_key_value(parts[i], owner.type()[foreign_key[i]], owner.value(foreign_key[i]));
            if (is_empty_key(parts[i]) || parts[i] == null_value) return {};
        }
        std::string key;
        target.encode_key(key, parts[0], parts[1]);
        return {.from = store.ask(node.target(), std::move(key))};
    }

private:
    static constexpr std::string_view null_value = R"({"NULL":true})";
};

} // namespace

relation_step const& belongs_to_step() noexcept {
    static belongs_to_one const step;
    return step;
}

} // namespace dynasio::detail
