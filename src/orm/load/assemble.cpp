#include "assemble.hpp"

#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "load_plan.hpp"
#include "steps/step.hpp"

namespace dynasio::detail {

namespace {

/// Notes in the handle which entities the load gave.
void note_scope(plan_node const& node, load_result const* found, void* entity) {
    if (node.fills == nullptr) return;
    read_scope& scope = node.fills->scope_of(node.fills->handle_of(entity));
    load_node const& asked = found != nullptr && found->of.spec != nullptr ? *found->of.spec : *node.spec;
    scope = asked.select.scope;
    if (scope.target == trashed::unsaid) scope.target = trashed::without;
}

} // namespace

void load_assembly::attach_children(load_result& r, std::size_t row, void* entity) {
    auto const& children = r.of.children;
    for (std::size_t c = 0; c < children.size(); ++c) {
        filling const& f = r.fillings()[row * children.size() + c];
        if (f.keeps) continue;
        if (children[c]->counts()) {
            relation_info const& relation = *children[c]->fills;
            relation.set_count(relation.handle_of(entity),
                               f.from != nullptr ? children[c]->step->count(*children[c], *f.from) : 0);
            continue;
        }
        children[c]->step->attach(*this, *children[c], entity, f.from);
        note_scope(*children[c], f.from, entity);
    }
    let_go_below(r, row * children.size(), (row + 1) * children.size());
}

void load_assembly::let_go_below(load_result& r, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
        if (load_result* const below = std::exchange(r.visited().fillings[i].from, nullptr); below != nullptr)
            let_go(*below);
}

void load_assembly::let_go(load_result& r) {
    if (--r.asked > 0) return;
    let_go_below(r, 0, r.fillings().size()); // of a result whose entities no handle has, as those between two others
    r.forget_visited();
    r.items.reset();
    if (r.from == nullptr) return;
    fetch& f = *r.from;
    bool is_used = false;
    f.users.visit([&](load_result const& each) { is_used = is_used || each.asked > 0; });
    if (!is_used) f.from.fetches.erase(f);
}

void load_assembly::assemble(load_result& r) {
    if (r.assembled) return;
    r.assembled = true;
    storage_functions const& storage = r.of.type->storage;
    fetch const& f = *r.from;
    if (!f.items) {
        r.items = storage.make();
        return;
    }
    bool const filtered = !r.of.here.where.is_always();
    bool const fills = !r.of.children.empty();
    // When several targets use the rows of a fetch, each fills or chooses them in its own way, so each takes copies. A
    // target that is the only user takes the rows themselves.
    bool const copies = f.users.are_several() && (fills || filtered);
    if (!copies && !filtered) {
        r.items = f.items;
        for (std::size_t i = 0; fills && i < storage.size(r.items.get()); ++i)
            attach_children(r, i, storage.at(r.items.get(), i));
        return;
    }
    std::vector<std::uint32_t> rows = r.chosen();
    if (!filtered) {
        rows.resize(f.count());
        std::iota(rows.begin(), rows.end(), std::uint32_t{0});
    }
    r.items = storage.make();
    storage.reserve(r.items.get(), rows.size());
    for (auto const row : rows) {
        void* const entity = storage.at(f.items.get(), row);
        copies ? storage.append_copy(r.items.get(), entity) : storage.append_move(r.items.get(), entity);
    }
    for (std::size_t i = 0; i < rows.size(); ++i) attach_children(r, rows[i], storage.at(r.items.get(), i));
}

} // namespace dynasio::detail
