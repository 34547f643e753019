#include <algorithm>
#include <utility>

#include "../../plan/scope.hpp"
#include "../assemble.hpp"
#include "../explain.hpp"
#include "../load_plan.hpp"
#include "step.hpp"

namespace dynasio::detail {

void relation_step::plan(load_plan&, load_target&, load_node const&) const {}
void relation_step::attach(load_assembly&, plan_node const&, void*, load_result*) const {}
std::uint64_t relation_step::count(plan_node const&, load_result const&) const { return 0; }

relation_step const& step_of(relation_kind kind) noexcept {
    switch (kind) {
    case relation_kind::has_one:
    case relation_kind::has_many:
        return has_step();
    case relation_kind::belongs_to:
        return belongs_to_step();
    case relation_kind::belongs_to_many:
        return pivots_step();
    case relation_kind::has_many_through:
        return through_step();
    case relation_kind::morph_to:
        return morph_step();
    }
    __builtin_unreachable(); // compilers warn of a kind without a case
}

relation_step const& step_of(relation_info const& relation) noexcept {
    return relation.has_pivot_entity() ? pivot_entities_step() : step_of(relation.kind);
}

namespace {

/// Whether the program asked for relations below this one. What schemas add below it is for entities that are read.
bool has_named_children(load_node const& spec) {
    bool const are_types = spec.relation->kind == relation_kind::morph_to;
    return std::any_of(spec.children.begin(), spec.children.end(),
                       [&](load_node const& n) { return are_types ? has_named_children(n) : !n.is_automatic; });
}

} // namespace

bool is_kept(plan_node const& node, owner_row const& owner, read_scope asked) {
    load_node const& spec = *node.spec;
    void* const handle = node.fills->handle_of(owner.get());
    return !spec.counts && !spec.reload && !has_named_children(spec) && node.fills->loaded(handle) &&
           node.fills->scope_of(handle).answers(asked);
}

std::optional<filling> known_without_asking(plan_node const& node, owner_row const& owner) {
    if (node.fills == nullptr) return std::nullopt;
    selection const& select = node.spec->select;
    if (is_kept(node, owner, select.scope)) return filling{.keeps = true};
    if (is_empty(select)) return filling{};
    return std::nullopt;
}

void one_hop_step::attach(load_assembly& assembly, plan_node const& node, void* owner, load_result* found) const {
    if (found != nullptr) assembly.assemble(*found);
    relation_info const& relation = *node.fills;
    relation.attach(relation.handle_of(owner), found != nullptr ? found->items : relation.target().storage.make());
}

void one_hop_step::explain(plan_printer& to, plan_node const& node, int depth) const {
    to.line(node, describe_source(node.target()) + describe_rest(node.target()), depth);
    to.below(node.target(), depth + 1);
}

} // namespace dynasio::detail
