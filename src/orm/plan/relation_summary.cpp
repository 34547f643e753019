#include <dynasio/orm/load_node.hpp>
#include <dynasio/orm/relation_summary.hpp>

#include <algorithm>
#include <span>
#include <utility>

#include "../wire/pivot_rows.hpp"
#include "access_plan.hpp"

namespace dynasio {

std::string_view detail::to_string(relation_kind kind) noexcept {
    switch (kind) {
    case relation_kind::has_one:
        return "has_one";
    case relation_kind::has_many:
        return "has_many";
    case relation_kind::belongs_to:
        return "belongs_to";
    case relation_kind::belongs_to_many:
        return "belongs_to_many";
    case relation_kind::has_many_through:
        return "has_many_through";
    case relation_kind::morph_to:
        return "morph_to";
    }
    __builtin_unreachable(); // compilers warn of a kind without a case
}

namespace detail {

namespace {

bool is_owned(relation_info const& r) noexcept {
    return r.kind == relation_kind::has_one || r.kind == relation_kind::has_many;
}

relation_summary::access access_of_query(relation_info const& r) {
    auto const by = lookup_of(r);
    auto const plan = plan_relation(r.target(), by.members, selection{}, by.fixed);
    return {r.target().table, plan.path->name};
}

std::vector<std::string> names_of(entity_type const& type, std::span<attribute_index const> attributes) {
    std::vector<std::string> names;
    for (auto const i : attributes) names.push_back(type[i].name);
    return names;
}

/// Whether `back`, a relation of an entity that `r` leads to, leads back along `r`.
bool leads_back(relation_info const& r, relation_info const& back) {
    switch (r.kind) {
    case relation_kind::has_one:
    case relation_kind::has_many:
        if (r.morph != nullptr) return &back == &r.morph();
        return back.kind == relation_kind::belongs_to && &back.target() == &r.owner() &&
               back.owner_key == r.target_key && back.target_key == r.owner_key;
    case relation_kind::belongs_to:
        return is_owned(back) && back.morph == nullptr && &back.target() == &r.owner() &&
               back.target_key == r.owner_key && back.owner_key == r.target_key;
    case relation_kind::belongs_to_many:
        if (r.has_pivot_entity())
            return back.has_pivot_entity() && &back.target() == &r.owner() &&
                   &back.first().target() == &r.first().target() && back.first().target_key == r.second().owner_key &&
                   back.second().owner_key == r.first().target_key;
        return (r.inverse_relation != nullptr && &r.inverse_relation() == &back) ||
               (back.inverse_relation != nullptr && &back.inverse_relation() == &r);
    case relation_kind::morph_to:
        return back.morph != nullptr && &back.morph() == &r;
    case relation_kind::has_many_through:
        return false;
    }
    __builtin_unreachable();
}

/// What a load of a relation to one type reads by a foreign key.
relation_summary::access access_of(relation_info const& r) {
    if (r.kind == relation_kind::belongs_to && r.refers_to_key) return {r.target().table, {}};
    return access_of_query(r);
}

/// The relations to the single types that a relation leads to: itself, or the alternatives of a morph_to.
std::span<relation_info const> single_ones(relation_info const& r) noexcept {
    if (r.kind == relation_kind::morph_to) return r.alternatives;
    return {&r, 1};
}

relation_summary summary_of(relation_info const& r) {
    relation_summary s;
    s.kind = r.kind;
    s.owner = r.name.entity;
    s.member = r.name.member;
    for (auto const& one : single_ones(r)) {
        s.targets.push_back(one.target().name);
        for (auto const& back : one.target().relations)
            if (leads_back(r, back)) s.inverses.push_back(back.path());
    }
    switch (r.kind) {
    case relation_kind::has_one:
    case relation_kind::has_many:
        s.foreign_key_of = r.target().name;
        s.foreign_key = names_of(r.target(), r.target_key);
        if (!r.refers_to_key) s.references = names_of(r.owner(), r.owner_key);
        s.reads.push_back(access_of_query(r));
        break;
    case relation_kind::belongs_to:
    case relation_kind::morph_to:
        s.foreign_key_of = r.owner().name;
        s.foreign_key = names_of(r.owner(), r.owner_key);
        if (!r.refers_to_key) s.references = names_of(r.target(), r.target_key);
        for (auto const& one : single_ones(r)) s.reads.push_back(access_of(one));
        break;
    case relation_kind::belongs_to_many: {
        if (r.has_pivot_entity()) {
            entity_type const& links = r.first().target();
            s.pivot_table = links.table;
            s.pivot_entity = s.foreign_key_of = links.name;
            s.foreign_key = names_of(links, r.first().target_key);
            auto const far = names_of(links, r.second().owner_key);
            s.foreign_key.insert(s.foreign_key.end(), far.begin(), far.end());
            s.reads.push_back(access_of_query(r.first()));
            s.reads.push_back({r.target().table, {}});
            break;
        }
        pivot_rows const rows(r);
        s.pivot_table = rows.table();
        s.symmetric = r.is_symmetric;
        s.reads.push_back({s.pivot_table, std::string(rows.text(s.pivot_table, false).index())});
        s.reads.push_back({r.target().table, {}});
        break;
    }
    case relation_kind::has_many_through:
        for (auto const* const step : {&r.first(), &r.second()}) {
            s.through.push_back(step->path());
            auto const of_step = summary_of(*step).reads;
            s.reads.insert(s.reads.end(), of_step.begin(), of_step.end());
        }
        break;
    }
    auto const& rules = r.owner().rules;
    s.optional = std::none_of(rules.begin(), rules.end(), [&](entity_rule const& rule) {
        return rule.member == r.name.member && rule.sentence == "is required";
    });
    return s;
}

} // namespace

std::vector<relation_summary> summaries_of(entity_type const& type) {
    std::vector<relation_summary> all;
    all.reserve(type.relations.size());
    for (auto const& r : type.relations) all.push_back(summary_of(r));
    return all;
}

} // namespace detail

namespace {

std::string joined(std::vector<std::string> const& names, std::string_view between) {
    std::string out;
    for (auto const& name : names) {
        if (!out.empty()) out += between;
        out += name;
    }
    return out;
}

} // namespace

std::string to_string(relation_summary const& r) {
    std::string out = r.owner + '.' + r.member + ": ";
    if (r.symmetric) out += "symmetric ";
    out += to_string(r.kind);
    out += ' ' + joined(r.targets, " or ");
    if (!r.foreign_key.empty()) out += " by " + joined(r.foreign_key, ", ") + " of " + r.foreign_key_of;
    if (!r.references.empty()) out += ", which refers to " + joined(r.references, ", ");
    if (!r.through.empty()) out += " through " + joined(r.through, ", ");
    std::vector<std::string> reads;
    for (auto const& [table, index] : r.reads) reads.push_back(index.empty() ? table : table + " index " + index);
    out += ", reads " + joined(reads, ", ");
    if (!r.inverses.empty()) out += ", inverse " + joined(r.inverses, ", ");
    if (!r.optional) out += ", required";
    return out;
}

} // namespace dynasio
