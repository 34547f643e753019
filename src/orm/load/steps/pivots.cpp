#include <algorithm>
#include <cstdint>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "../../plan/order.hpp"
#include "../../wire/pivot_rows.hpp"
#include "../assemble.hpp"
#include "../explain.hpp"
#include "../load_plan.hpp"
#include "../store.hpp"
#include "step.hpp"

// belongs_to_many: one Query of the pivot table for each owner, then the entities behind the rows by key.
namespace dynasio::detail {

namespace {

/// A link as far as a load needs it.
struct loaded_link {
    compact_text far_key{""}; ///< Empty when the entity was asked for.
    dynasio::pivot data{};
};

using row_vector = std::vector<loaded_link>;
row_vector& rows_in(void* v) { return *static_cast<row_vector*>(v); }

storage_functions functions_of_links() noexcept {
    storage_functions f{};
    f.make = []() -> std::shared_ptr<void> { return std::make_shared<row_vector>(); };
    f.size = [](void const* v) { return static_cast<row_vector const*>(v)->size(); };
    f.at = [](void* v, std::size_t i) -> void* { return &rows_in(v)[i]; };
    f.append = [](void* v) -> void* { return &rows_in(v).emplace_back(); };
    f.append_copy = [](void* v, void const* row) {
        auto const& link = *static_cast<loaded_link const*>(row);
        loaded_link& made = rows_in(v).emplace_back();
        made.far_key = compact_text(std::string_view(link.far_key));
        made.data = link.data;
    };
    f.append_move = [](void* v, void* row) { rows_in(v).push_back(std::move(*static_cast<loaded_link*>(row))); };
    f.truncate = [](void* v, std::size_t size) { rows_in(v).resize(size); };
    f.reserve = [](void* v, std::size_t size) { rows_in(v).reserve(size); };
    f.name_handles = [](void*) {};
    return f;
}

/// The format of rows that are links of a pivot table.
class link_rows final : public row_format {
public:
    explicit link_rows(pivot_rows rows) : rows_(rows) {}
    [[nodiscard]] storage_functions const& storage() const noexcept override {
        static storage_functions const functions = functions_of_links();
        return functions;
    }
    void read(dynamodb::json_reader& in, void* row, item_values&) const override {
        std::string_view const text = in.rest();
        try {
            link_row read;
            rows_.read(in, read);
            auto& link = *static_cast<loaded_link*>(row);
            link.far_key = compact_text(read.far_key);
            link.data = std::move(read.data);
        } catch (error const& e) {
            diagnostics d = e.info();
            d.key = rows_.key_of_row(text);
            throw_error(e.code(), std::move(d));
        }
    }

    void forget_keys(void* rows) const override {
        if (rows == nullptr) return;
        for (loaded_link& link : rows_in(rows)) link.far_key.clear();
    }

private:
    pivot_rows rows_;
};

/// The step of the second hop: it asks for the entity behind a link.
class far_side final : public relation_step {
public:
    filling ask(load_store& store, plan_node& node, owner_row& owner) const override {
        return {.from = store.ask(node.target(), static_cast<loaded_link const*>(owner.get())->far_key)};
    }
    void explain(plan_printer& to, plan_node const& node, int depth) const override { to.below(node.target(), depth); }
};

relation_step const& far_side_step() noexcept {
    static far_side const step;
    return step;
}

/// Whether the service gives the links in the order in which the entities behind them are wanted.
bool gives_order(relation_info const& relation, selection const& select) {
    bool const by_key = !select.order || !select.order->by;
    return by_key && pivot_rows(relation).is_sorted();
}

class pivots final : public relation_step {
public:
    void plan(load_plan& plan, load_target& parent, load_node const& spec) const override {
        relation_info const& relation = *spec.relation;
        entity_type const& type = relation.target();
        bool const is_sorted = gives_order(relation, spec.select);
        if (!is_sorted) check_order_made_here(type, spec.select);
        plan_node& n = plan.add_node(parent, *this, relation);
        n.spec = &spec;
        n.fills = &relation;
        n.path += '.' + std::string(relation.name.member);

        load_target& entities = add_linked_target(plan, n, spec.select.where, spec.counts,
                                                  is_sorted && spec.select.limit ? &spec.select : nullptr);
        if (spec.select.order && spec.select.order->by) entities.from->kept.add(*spec.select.order->by);
        // The caller's order, offset and limit are about the entities, but they decide which links remain and in which
        // order.
        load_target& links = n.target();
        links.here.order = spec.select.order;
        links.here.offset = spec.select.offset;
        links.here.limit = spec.select.limit;
        plan.add_children(entities, spec.children);
    }

    filling ask(load_store& store, plan_node& node, owner_row& owner) const override {
        if (auto const known = known_without_asking(node, owner)) return *known;
        return {.from = store.ask(node.target(), pivot_rows(*node.relation).key_for(owner.get()))};
    }

    void attach(load_assembly& assembly, plan_node const& node, void* owner, load_result* found) const override {
        std::vector<link<void>> links;
        if (found != nullptr) links = collect(assembly, node, *found);
        node.fills->attach_links(node.fills->handle_of(owner), std::move(links));
    }

    /// Links whose entity was deleted, or does not satisfy the condition, lead to nothing.
    std::uint64_t count(plan_node const&, load_result const& found) const override {
        return static_cast<std::uint64_t>(
            std::count_if(found.fillings().begin(), found.fillings().end(), &leads_to_entity));
    }

    void explain(plan_printer& to, plan_node const& node, int depth) const override {
        to.line(node, describe_links(node), depth);
        plan_node const& far = *node.target().children.front();
        load_target shown = far.target();
        shown.here.order = node.target().here.order;
        shown.here.offset = node.target().here.offset;
        shown.here.limit = node.target().here.limit;
        to.second_line(far, describe_source(shown) + describe_rest(shown), depth + 1);
        to.below(far.target(), depth + 2);
    }

private:
    /// The links that lead to an entity that is wanted, in order.
    static std::vector<link<void>> collect(load_assembly& assembly, plan_node const& node, load_result& found) {
        load_target const& target = node.target();
        entity_type const& type = *target.type;
        std::vector<std::size_t> rows;
        std::vector<load_result*> entities;
        for (std::size_t row = 0; row < found.fillings().size(); ++row) {
            load_result* const far = found.fillings()[row].from;
            assembly.assemble(*far);
            // The entity behind the link was deleted, or it does not satisfy the condition.
            if (type.storage.size(far->items.get()) == 0) continue;
            rows.push_back(row);
            entities.push_back(far);
        }
        // The order of the rows is not used, because the index gives rows with equal keys in an undefined order, and
        // both sides are to agree.
        auto positions = in_order_of(target.here.order, entities);
        cut(positions, target.here.offset, target.here.limit);
        std::vector<link<void>> links;
        links.reserve(positions.size());
        auto const& storage = found.from->from.rows->storage();
        bool const is_last = found.asked == 1 && !found.from->users.are_several(); // nobody else takes these rows
        for (auto const i : positions) {
            auto& row = *static_cast<loaded_link*>(storage.at(found.from->items.get(), rows[i]));
            void* const entity = type.storage.at(entities[i]->items.get(), 0);
            links.push_back(
                {std::shared_ptr<void const>(entities[i]->items, entity), is_last ? std::move(row.data) : row.data});
        }
        return links;
    }
};

} // namespace

relation_step const& pivots_step() noexcept {
    static pivots const step;
    return step;
}

bool leads_to_entity(filling const& link) {
    if (link.from == nullptr) return false;
    load_result const& far = *link.from;
    return far.of.here.where.is_always() ? far.from->items != nullptr : !far.chosen().empty();
}

load_target& add_linked_target(load_plan& plan, plan_node& node, dynamodb::condition const& where, bool counts,
                               selection const* chosen) {
    relation_info const& relation = *node.relation;
    entity_type const& type = relation.target();
    pivot_rows const rows(relation);
    bool const descending = chosen != nullptr && chosen->order && chosen->order->descending;
    // How many links are read depends on which entities count, so others share them that ask for the same.
    std::string beside;
    if (chosen != nullptr) {
        beside = " enough " + std::to_string(*chosen->reach()) + " where ";
        append_identity(beside, where);
    }
    load_source& links =
        plan.source_by_text(type, rows.text(plan.physical_table(rows.table()), plan.consistent(), descending), beside,
                            [&] { return std::make_unique<link_rows>(rows); });
    if (chosen != nullptr) links.enough = chosen->reach();
    load_target& link_target = plan.add_target(node, type, links);
    plan_node& far = plan.add_node(link_target, far_side_step(), relation);
    load_target& entities =
        plan.add_target(far, type, plan.source_by_key(type, counts ? projection::items_to_count : projection::items));
    entities.here.where = where;
    entities.from->kept.add(attributes_evaluated_here(type, where));
    entities.from->kept.add(type.key_attributes());
    return entities;
}

std::string describe_links(plan_node const& node) {
    load_source const& links = *node.target().from;
    std::string text = "Query " + links.table;
    if (!links.index().empty()) text += " index " + std::string(links.index());
    text += pivot_rows(*node.relation).reverse() ? ", links from the right, one for each parent"
                                                 : ", links, one for each parent";
    if (links.enough) text += ", as many as it takes for the limit";
    return text;
}

std::vector<std::size_t> in_order_of(std::optional<ordering> const& order, std::vector<load_result*> const& entities) {
    bool const by_key = !order || !order->by;
    bool const descending = order && order->descending;
    std::vector<sort_values> values;
    values.reserve(entities.size());
    for (load_result const* const r : entities) {
        entity_type const& type = *r->of.type;
        sort_values v;
        v.partition = r->from->value(0, type.key.partition);
        if (type.key.sort) v.sort = r->from->value(0, *type.key.sort);
        if (!by_key) v.value = r->from->value(0, *order->by);
        values.push_back(v);
    }
    auto positions = sorted_positions(values, descending);
    if (by_key && descending) std::reverse(positions.begin(), positions.end());
    return positions;
}

} // namespace dynasio::detail
