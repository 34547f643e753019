#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "../../plan/scope.hpp"
#include "../../type/type_names.hpp"
#include "../assemble.hpp"
#include "../explain.hpp"
#include "../load_plan.hpp"
#include "../store.hpp"
#include "step.hpp"

// morph_to: the owner names a type and a key. Its node has one target for each type, and the entities of all types are
// read by BatchGetItem together with other keys.
namespace dynasio::detail {

namespace {

class morph final : public relation_step {
public:
    void plan(load_plan& plan, load_target& parent, load_node const& spec) const override {
        relation_info const& relation = *spec.relation;
        check_type_names(relation);
        plan_node& n = plan.add_node(parent, *this, relation);
        n.spec = &spec;
        n.fills = &relation;
        n.path += '.' + std::string(relation.name.member);
        if (parent.from != nullptr) parent.from->kept.add(relation.owner_key);
        for (relation_info const& alternative : relation.alternatives) {
            load_node const& branch = *std::find_if(spec.children.begin(), spec.children.end(),
                                                    [&](load_node const& one) { return one.relation == &alternative; });
            entity_type const& type = alternative.target();
            load_target& target = plan.add_target(n, type, plan.source_by_key(type));
            target.spec = &branch;
            target.here = branch.select;
            target.from->kept.add(attributes_evaluated_here(type, branch.select.where));
            plan.add_children(target, branch.children);
        }
    }

    filling ask(load_store& store, plan_node& node, owner_row& owner) const override {
        relation_info const& relation = *node.relation;
        auto const name = type_name_in(owner.value(relation.owner_key.front()));
        auto const named = alternative_named(relation, name);
        if (!named && !name.empty()) throw_unknown_type(relation, owner.get(), name);
        key_parts parts;
        if (named) parts = owner_key_of(relation.alternatives[*named], owner);
        load_target* const target = is_set(parts) ? &node.targets[*named] : nullptr;
        selection const& select = target != nullptr ? target->spec->select : node.spec->select;
        if (is_kept(node, owner, select.scope) && !holds_another(relation, owner, named, parts))
            return filling{.keeps = true};
        if (target == nullptr || is_empty(select)) return {};
        std::string key;
        target->type->encode_key(key, parts[0], parts[1]);
        return {.from = store.ask(*target, key)};
    }

    void attach(load_assembly& assembly, plan_node const& node, void* owner, load_result* found) const override {
        relation_info const& relation = *node.fills;
        void* const handle = relation.handle_of(owner);
        if (found == nullptr) {
            relation.attach(handle, nullptr);
            return;
        }
        assembly.assemble(*found);
        auto const of = std::find_if(node.targets.begin(), node.targets.end(),
                                     [&](load_target const& each) { return &each == &found->of; });
        relation.alternatives[static_cast<std::size_t>(of - node.targets.begin())].attach(handle, found->items);
    }

    void explain(plan_printer& to, plan_node const& node, int depth) const override {
        to.heading(node,
                   "the entities that " + node.relation->owner()[node.relation->owner_key.front()].name + " names",
                   depth);
        for (load_target const& target : node.targets) {
            to.target_line(target, describe_source(target) + describe_rest(target), depth + 1);
            to.below(target, depth + 2);
        }
    }

private:
    /// Whether the handle, which is loaded, holds another entity than the one that the owner names now, or none where
    /// the owner names one.
    static bool holds_another(relation_info const& relation, owner_row const& owner, std::optional<std::size_t> named,
                              key_parts const& parts) {
        auto const held = relation.alternative_in(relation.handle_of(static_cast<void const*>(owner.get())));
        if (!held) return is_set(parts);
        if (is_set(parts) && held != named) return true;
        return is_outdated(relation.alternatives[*held], owner, parts);
    }
};

} // namespace

relation_step const& morph_step() noexcept {
    static morph const step;
    return step;
}

} // namespace dynasio::detail
