#include "load_plan.hpp"

#include <dynasio/core/error.hpp>
#include <dynasio/core/error_context.hpp>

#include <algorithm>
#include <utility>

#include "../plan/relation_tree.hpp"
#include "../plan/scope.hpp"
#include "steps/step.hpp"

namespace dynasio::detail {

namespace {

/// Identifies a type by the address of its description, because types in different namespaces may have equal names.
std::string identity_of(entity_type const& type) { return std::to_string(reinterpret_cast<std::uintptr_t>(&type)); }

/// Makes the conditions of relations those that are planned.
void complete(std::vector<load_node>& specs, system_time now) {
    for (auto& spec : specs) {
        spec.select.where = condition_of(spec.relation->target(), spec.select, now);
        complete(spec.children, now);
    }
}

int measure_height(plan_node& n) {
    int below = 0;
    bool feeds = false;
    for (load_target const& target : n.targets) {
        for (plan_node* const c : target.children) {
            below = std::max(below, measure_height(*c));
            feeds = feeds || c->feeds || std::any_of(c->targets.begin(), c->targets.end(), [](load_target const& t) {
                        return t.from != nullptr && t.from->by_key();
                    });
        }
    }
    n.height = below + 1;
    n.feeds = feeds;
    return n.height;
}

} // namespace

std::vector<attribute_index> load_source::cursor_attributes() const {
    kept_attributes all;
    all.add(type->key_attributes());
    if (plan.path) {
        all.add(plan.path->partition);
        if (plan.path->sort) all.add(*plan.path->sort);
    }
    return {all.all().begin(), all.all().end()};
}

load_target& load_plan::plan_root(entity_type const& type, load_source* from, std::vector<load_node> children) {
    specs_ = std::move(children);
    merge_relations(specs_);
    complete(specs_, now_);
    nodes_.push_back(std::make_unique<plan_node>());
    root_ = nodes_.back().get();
    root_->path = type.name;
    load_target& target = root_->targets.emplace_back(load_target{.node = root_, .type = &type, .from = from});
    add_children(target, specs_);
    measure_height(*root_);
    return target;
}

plan_node& load_plan::add_node(load_target& parent, relation_step const& step, relation_info const& relation) {
    nodes_.push_back(std::make_unique<plan_node>());
    plan_node& n = *nodes_.back();
    n.step = &step;
    n.relation = &relation;
    n.path = parent.node->path;
    parent.children.push_back(&n);
    return n;
}

load_target& load_plan::add_target(plan_node& node, entity_type const& type, load_source& from) {
    return node.targets.emplace_back(load_target{.node = &node, .type = &type, .from = &from});
}

void load_plan::add_children(load_target& parent, std::vector<load_node> const& specs) {
    for (auto const& spec : specs) {
        try {
            step_of(spec.relation->kind).plan(*this, parent, spec);
        } catch (error const& e) {
            auto const table = physical_table(spec.relation->target().table);
            auto const path = parent.node->path + '.' + std::string(spec.relation->name.member);
            rethrow_with(e, {.table = table, .relation_path = path});
        }
    }
}

load_source& load_plan::source_named(std::string identity) {
    auto& slot = sources_[std::move(identity)];
    if (!slot) slot = std::make_unique<load_source>();
    return *slot;
}

load_source& load_plan::source_by_key(entity_type const& type) {
    auto table = physical_table(type.table);
    load_source& s = source_named("key " + table + ' ' + identity_of(type));
    if (s.type == nullptr) {
        s.type = &type;
        s.rows = std::make_unique<entity_rows>(type);
        s.table = std::move(table);
    }
    return s;
}

load_source& load_plan::source_by_query(entity_type const& type, access_plan const& plan, selection const& select,
                                        std::span<attribute_index const> open_key, projection wanted) {
    query_text text(type, physical_table(type.table), plan, open_key, wanted, consistent_);
    // Two reads share a source when they send the same requests and treat the answers in the same way, so the identity
    // contains both.
    std::string identity = "query " + identity_of(type) + ' ' + text.identity() + '\n';
    append_identity(identity, plan.scope.residue);
    if (select.limit) identity += " limit " + std::to_string(*select.limit);
    if (plan.sort_here)
        identity += " sort " + std::to_string(*plan.sort_here->by) + (plan.sort_here->descending ? " desc" : "") +
                    (plan.from_end ? " from end" : "");
    load_source& s = source_named(std::move(identity));
    if (s.type != nullptr) return s;
    s.type = &type;
    s.rows = std::make_unique<entity_rows>(type);
    s.table = text.table();
    s.text.emplace(std::move(text));
    s.plan = plan;
    s.order = select.order;
    s.limit = select.limit;
    s.wanted = wanted;
    if (plan.sort_here) {
        s.kept.add(*plan.sort_here->by);
        s.kept.add(type.key_attributes());
    }
    return s;
}

} // namespace dynasio::detail
