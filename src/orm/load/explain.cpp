#include "explain.hpp"

#include <dynasio/dynamodb/expression.hpp>

#include <algorithm>

#include "../plan/scope.hpp"
#include "estimate.hpp"
#include "load_plan.hpp"
#include "steps/step.hpp"

namespace dynasio::detail {

namespace {

std::string counted(std::uint64_t n, char const* what) { return std::to_string(n) + ' ' + what + (n == 1 ? "" : "s"); }

std::string counted(double n, char const* what) {
    auto text = short_figure(n);
    bool const is_one = text == "1";
    return std::move(text) + ' ' + what + (is_one ? "" : "s");
}

std::string figures(load_source const& s) {
    return counted(s.requests, "request") + ", " + counted(s.received, "item") +
           (s.units > 0 ? ", " + counted(s.units, "read unit") : "");
}

std::string figures(load_cost const& cost) {
    return counted(cost.requests, "request") + ", " + counted(cost.items, "item") + ", " +
           counted(cost.read_units, "read unit");
}

/// "estimated …; took …", or one of the two.
std::string beside(std::string const& estimated, std::string const& taken) {
    if (estimated.empty()) return taken;
    return "estimated " + estimated + (taken.empty() ? "" : "; took " + taken);
}

std::string order_text(entity_type const& type, std::optional<ordering> const& order, bool descending) {
    if (!order) return {};
    if (order->by)
        return std::string(order->descending ? ", descending by " : ", ascending by ") + type[*order->by].name;
    return descending ? ", newest first" : ", oldest first";
}

/// Whether a filter leaves out entities of which the caller may not be aware: trashed ones, and those outside of the
/// default scope.
bool has_terms_of_scope(entity_type const& type, dynamodb::condition const& filter) {
    if (type.deleted_at && mentions(filter, type[*type.deleted_at].name)) return true;
    if (!type.always) return false;
    auto const mentioned = attributes_in(type, type.always->condition());
    return std::any_of(mentioned.begin(), mentioned.end(),
                       [&](attribute_index i) { return mentions(filter, type[i].name); });
}

void append_condition(std::string& out, char const* label, dynamodb::condition const& c) {
    if (!c.is_always()) out += label + dynamodb::to_string(c);
}

} // namespace

std::string describe_source(load_target const& target) {
    if (target.from == nullptr) return "given";
    load_source const& s = *target.from;
    if (load_source const* const whole = collection_of(target)) {
        if (whole->collected.front() == &target)
            return "Query " + s.table + ", one for each partition, which brings what lies there with its owner";
        std::string out = "in the partition of its owner, by the same Query";
        for (auto const* const c : {&s.plan.sort, &s.plan.scope.filter, &s.plan.scope.residue})
            append_condition(out, ", here ", *c);
        if (s.plan.sort_here) out += order_text(*s.type, s.order, s.plan.descending) + " (here)";
        return out;
    }
    if (s.by_key())
        return "BatchGetItem " + s.table + ", up to 100 keys a request, shared with all other keys" +
               (s.asks_for_kept() ? "; only what it takes to count them is asked for" : "");
    access_plan const& plan = s.plan;
    if (plan.scope.filter.is_never() || plan.partition.is_never() || plan.sort.is_never())
        return "nothing, because no item can satisfy the condition";
    std::string out = std::string(to_string(s.text->operation())) + ' ' + s.table;
    if (!s.index().empty()) out += " index " + std::string(s.index());
    if (plan.leaves_out) {
        attribute_info const& sort = (*s.type)[*plan.leaves_out];
        bool const may_be_empty = !sort.may_be_absent && sort.type != dynamodb::attribute_type::number;
        out += may_be_empty ? ", which lacks items with an empty " : ", which lacks items without ";
        out += sort.name;
    }
    append_condition(out, ", key ", plan.partition);
    append_condition(out, ", key ", plan.sort);
    append_condition(out, ", filter ", plan.scope.filter);
    append_condition(out, ", here ", plan.scope.residue);
    out += order_text(*s.type, s.order, plan.descending);
    if (plan.sort_here) out += " (here)";
    if (s.offset > 0) {
        out += ", offset " + std::to_string(s.offset) + " (here)";
        if (s.limit && plan.limits_there()) out += ", " + std::to_string(*s.reach) + " items asked for";
    }
    if (s.limit) out += ", limit " + std::to_string(*s.limit);
    if (plan.segments > 0)
        out += ", in " + std::to_string(plan.segments) + " segments at the same time";
    else if (s.text->has_open_key())
        out += ", one for each parent";
    // A count of a query says what it is by its caller.
    if (s.text->has_open_key() && s.wanted == projection::count) out += "; counted there, no items are sent";
    if (s.text->has_open_key() && s.wanted == projection::items_to_count) out += "; counted here";
    if (has_terms_of_scope(*s.type, plan.scope.filter)) out += "; what the filter leaves out is read and charged for";
    if (plan.reads_by_key() && s.wanted == projection::items)
        out += std::string("; then each by key with BatchGetItem, because the index projects ") +
               (plan.path->projects == index_projection::keys_only ? "keys only" : "not all attributes");
    else if (plan.path && plan.path->local && !plan.path->whole)
        out += "; the service reads from the table what the index does not project";
    return out;
}

std::string describe_rest(load_target const& target) {
    selection const& here = target.here;
    std::string out;
    append_condition(out, ", here ", here.where);
    if (here.order) out += order_text(*target.type, here.order, here.order->descending) + " (here)";
    if (here.offset > 0) out += ", offset " + std::to_string(here.offset) + " (here)";
    if (here.limit) out += ", limit " + std::to_string(*here.limit) + " (here)";
    return out;
}

void plan_printer::note(load_target const& target, load_source const& source, load_cost const* estimated) {
    load_read& made = reads_.emplace_back();
    made.relation = target.node->path;
    made.entity = target.from->rows->are_entities() || source.by_key() ? target.type->name : "links";
    made.operation = to_string(source.by_key() ? dynamodb::operation::batch_get_item : source.text->operation());
    made.table = source.table;
    made.index = source.index();
    if (estimated != nullptr) made.estimated = *estimated;
    if (!noted_.insert(&source).second) {
        made.shares_requests = true;
        return;
    }
    made.requests = source.requests;
    made.items = source.received;
    made.read_units = source.units;
}

void plan_printer::note(load_target const& target) {
    load_source const* const whole = collection_of(target);
    load_source const& source = whole != nullptr ? *whole : *target.from;
    note(target, source, estimate_ != nullptr ? estimate_->of(target) : nullptr);
    if (source.completion && !noted_.contains(&source.completion->source))
        note(target, source.completion->source, nullptr);
}

void plan_printer::write(std::string_view label, std::string const& text, load_target const* target, int depth) {
    out_.append(static_cast<std::size_t>(depth) * 2, ' ');
    out_ += label;
    out_ += ": ";
    out_ += text;
    load_source const* from = target != nullptr ? target->from : nullptr;
    if (from != nullptr) {
        if (load_source const* const whole = collection_of(*target)) from = whole;
        load_cost const* const cost = estimate_ != nullptr ? estimate_->of(*target) : nullptr;
        std::string taken;
        if (with_figures_)
            taken = figures(*from) + (from->completion ? "; by key " + figures(from->completion->source) : "");
        auto const both = beside(cost != nullptr ? figures(*cost) : std::string(), taken);
        if (!both.empty()) out_ += " [" + both + ']';
        note(*target);
    }
    out_ += '\n';
}

void plan_printer::root(load_target const& target) {
    write(target.type->name, describe_source(target), &target, 0);
    below(target, 1);
}

void plan_printer::total(load_estimate const& estimate, load_cost const* taken) {
    out_ += "together [" + beside(figures(estimate.total()), taken != nullptr ? figures(*taken) : std::string()) +
            "], assuming " + estimate.assumptions() + '\n';
}

std::string plan_printer::label_of(plan_node const& node) {
    std::string label = node.counts() ? "count of " : "";
    label += node.path.substr(node.path.rfind('.') + 1);
    if (node.spec != nullptr && node.spec->is_automatic) label += " (autoload)";
    return label;
}

void plan_printer::line(plan_node const& node, std::string const& text, int depth) {
    write(label_of(node), text, &node.target(), depth);
}

void plan_printer::heading(plan_node const& node, std::string const& text, int depth) {
    write(label_of(node), text, nullptr, depth);
}

void plan_printer::target_line(load_target const& target, std::string const& text, int depth) {
    write(target.type->name, text, &target, depth);
}

void plan_printer::second_line(plan_node const& node, std::string const& text, int depth) {
    write("then", text, &node.target(), depth);
}

void plan_printer::below(load_target const& target, int depth) {
    for (plan_node const* const child : target.children) child->step->explain(*this, *child, depth);
}

} // namespace dynasio::detail
