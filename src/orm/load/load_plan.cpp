#include "load_plan.hpp"

#include <dynasio/dynamodb/expression.hpp>

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
        if (spec.relation->kind != relation_kind::morph_to) // which has conditions for each of its types
            spec.select.where = condition_of(spec.relation->target(), spec.select, now);
        complete(spec.children, now);
    }
}

/// Rows without content: a number of them is all that there is.
struct no_rows {
    std::size_t count = 0;
};

storage_functions functions_of_no_rows() noexcept {
    storage_functions f{};
    f.make = []() -> std::shared_ptr<void> { return std::make_shared<no_rows>(); };
    f.size = [](void const* v) { return static_cast<no_rows const*>(v)->count; };
    f.at = [](void* v, std::size_t) -> void* { return v; };
    f.append = [](void* v) -> void* {
        ++static_cast<no_rows*>(v)->count;
        return v;
    };
    f.append_copy = [](void* v, void const*) { ++static_cast<no_rows*>(v)->count; };
    f.append_move = [](void* v, void*) { ++static_cast<no_rows*>(v)->count; };
    f.truncate = [](void* v, std::size_t size) { static_cast<no_rows*>(v)->count = size; };
    f.reserve = [](void*, std::size_t) {};
    f.move_to = [](void*, void*) {};
    f.name_handles = [](void*) {};
    return f;
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

storage_functions const& counted_rows::storage() const noexcept {
    static storage_functions const functions = functions_of_no_rows();
    return functions;
}

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
    add_branches_below(specs_);
    complete(specs_, now_);
    nodes_.push_back(std::make_unique<plan_node>());
    root_ = nodes_.back().get();
    root_->path = type.name;
    load_target& target = root_->targets.emplace_back(load_target{.node = root_, .type = &type, .from = from});
    if (from != nullptr) from->targets.push_back(&target);
    add_children(target, specs_);
    measure_height(*root_);
    return target;
}

plan_node& load_plan::add_node(load_target& parent, relation_step const& step, relation_info const& relation) {
    nodes_.push_back(std::make_unique<plan_node>());
    plan_node& n = *nodes_.back();
    n.step = &step;
    n.parent = &parent;
    n.relation = &relation;
    n.path = parent.node->path;
    parent.children.push_back(&n);
    return n;
}

load_target& load_plan::add_target(plan_node& node, entity_type const& type, load_source& from) {
    load_target& made = node.targets.emplace_back(load_target{.node = &node, .type = &type, .from = &from});
    from.targets.push_back(&made);
    return made;
}

void load_plan::add_children(load_target& parent, std::vector<load_node> const& specs) {
    for (auto const& spec : specs) {
        try {
            step_of(*spec.relation).plan(*this, parent, spec);
        } catch (error const& e) {
            entity_type const& about = spec.relation->target != nullptr ? spec.relation->target() : *parent.type;
            auto const table = physical_table(about.table);
            auto const path = parent.node->path + '.' + std::string(spec.relation->name.member);
            rethrow_with(e, {.table = table, .relation_path = path});
        }
    }
}

load_source const* collection_of(load_target const& target) noexcept {
    load_source const* const whole = target.from != nullptr ? target.from->collection : nullptr;
    if (whole == nullptr) return nullptr;
    // Other places of the load can have the same source, and read other partitions.
    bool const is_collected =
        std::find(whole->collected.begin(), whole->collected.end(), &target) != whole->collected.end();
    return is_collected ? whole : nullptr;
}

void load_plan::read_item_collections() {
    load_target& root = root_->target();
    std::vector<load_target*> collected(1, &root);
    for (plan_node* const child : root.children) {
        if (child->fills == nullptr || child->fills != child->relation || !child->relation->in_item_collection)
            continue;
        load_target& target = child->target();
        load_source const& s = *target.from;
        bool const is_one = child->relation->kind == relation_kind::has_one;
        if (s.table != root.from->table) continue; // verify<> says so
        bool const takes_all = s.offset == 0 && (!s.limit || is_one) && !s.plan.descending;
        // What the entity does not declare is not read, so only the service can look at it.
        bool const is_read = can_be_evaluated_here(*target.type, s.plan.scope.filter);
        if (!s.by_key() && s.wanted == projection::items && s.plan.path == &target.type->key && takes_all && is_read)
            collected.push_back(&target);
    }
    if (collected.size() == 1) return;
    entity_type const& type = *root.type;
    load_source& whole = source_named("item collections of " + identity_of(type));
    std::string const& name = type[type.key.partition].name;
    dynamodb::expression_writer expressions;
    std::string const condition = expressions.name(name) + " = " + expressions.open_value();
    whole.type = &type;
    whole.rows = std::make_unique<entity_rows>(type);
    whole.plan.path = &type.key;
    whole.table = root.from->table;
    whole.text.emplace(whole.table, std::string(), name, condition, expressions, consistent_);
    whole.collected = std::move(collected);
    for (load_target* const each : whole.collected) each->from->collection = &whole;
}

load_source& load_plan::source_named(std::string identity) {
    auto& slot = sources_[std::move(identity)];
    if (!slot) slot = std::make_unique<load_source>();
    return *slot;
}

load_source& load_plan::source_by_key(entity_type const& type, projection wanted) {
    auto table = physical_table(type.table);
    load_source& s = source_named("key " + table + ' ' + identity_of(type));
    bool const is_new = s.type == nullptr;
    if (is_new) {
        s.type = &type;
        s.table = std::move(table);
    }
    // One that counts becomes one of entities for who comes later and needs them. Whether an item can be read is known
    // when it was.
    bool const reads = wanted == projection::items || leaves_out_;
    if (reads && (is_new || s.wanted != projection::items)) {
        s.rows = std::make_unique<entity_rows>(type);
        s.wanted = projection::items;
    } else if (is_new) {
        s.rows = std::make_unique<counted_rows>(type);
        s.wanted = projection::items_to_count;
        s.kept.add(type.key_attributes());
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
    if (wanted == projection::items_to_count) identity += " to count";
    if (select.offset) identity += " offset " + std::to_string(select.offset);
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
    s.offset = select.offset;
    s.reach = select.reach();
    s.wanted = wanted;
    if (plan.sort_here) {
        s.kept.add(*plan.sort_here->by);
        s.kept.add(type.key_attributes());
    }
    return s;
}

} // namespace dynasio::detail
