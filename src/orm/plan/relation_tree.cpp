#include "relation_tree.hpp"

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <utility>

#include "scope.hpp"

namespace dynasio::detail {

namespace {

bool are_equal(dynamodb::condition const& a, dynamodb::condition const& b) {
    std::string one, other;
    append_identity(one, a);
    append_identity(other, b);
    return one == other;
}

/// Whether two nodes fill the same part of a handle: its entities, or its count.
bool is_about_the_same(load_node const& a, load_node const& b) noexcept {
    return a.relation == b.relation && a.counts == b.counts;
}

bool have_equal_constraints(load_node const& a, load_node const& b) {
    selection const &x = a.select, &y = b.select;
    return a.reload == b.reload && a.autoloads == b.autoloads && x.order == y.order && x.limit == y.limit &&
           x.offset == y.offset && x.client_side == y.client_side && x.scope == y.scope &&
           x.without_expired == y.without_expired && are_equal(x.where, y.where);
}

[[noreturn]] void throw_two_results(load_node const& named) {
    diagnostics d;
    d.relation_path = named.relation->path();
    d.message = "the relation " + d.relation_path;
    d.message += named.counts ? " is counted twice at one place with different constraints; a handle holds one count: "
                                "give both the same constraints, or count one of them with repository::count"
                              : " is named twice at one place with different constraints; a handle holds one result: "
                                "give both the same constraints, or load one of them into a copy";
    throw_error(errc::invalid_argument, std::move(d));
}

} // namespace

void merge_relations(std::vector<load_node>& relations, unsigned depth) {
    if (depth > max_nested_relations && !relations.empty())
        throw_error(errc::invalid_argument, "relations are nested more than " + std::to_string(max_nested_relations) +
                                                " deep in with<>; load the deeper ones with a second load()");
    // An entity has few relations, so the search among those that are kept is short, however often each is named.
    std::size_t kept = 0;
    for (std::size_t i = 0; i < relations.size(); ++i) {
        auto const end = relations.begin() + static_cast<std::ptrdiff_t>(kept);
        auto const same = std::find_if(relations.begin(), end,
                                       [&](load_node const& other) { return is_about_the_same(other, relations[i]); });
        if (same == end) {
            if (kept != i) relations[kept] = std::move(relations[i]);
            ++kept;
            continue;
        }
        // What was added for a type of a morph_to that nobody named asks for nothing.
        if (same->is_automatic && !relations[i].is_automatic) std::swap(*same, relations[i]);
        if (!relations[i].is_automatic && !have_equal_constraints(*same, relations[i])) throw_two_results(*same);
        auto& more = relations[i].children;
        same->children.insert(same->children.end(), std::make_move_iterator(more.begin()),
                              std::make_move_iterator(more.end()));
    }
    relations.erase(relations.begin() + static_cast<std::ptrdiff_t>(kept), relations.end());
    for (auto& each : relations) merge_relations(each.children, depth + 1);
}

void add_autoloads(entity_type const& type, std::vector<load_node>& relations) {
    for (auto const& each : type.autoloads) {
        relation_info const* const relation = type.find_relation(each.member);
        bool const is_named = std::any_of(relations.begin(), relations.end(), [&](load_node const& other) {
            return other.relation == relation && !other.counts;
        });
        if (is_named) continue;
        load_node& added = relations.emplace_back();
        added.relation = relation;
        added.select = each.constraints->get();
        added.is_automatic = true;
    }
    add_autoloads_below(relations);
}

namespace {

/// Adds the types of a morph_to that the caller did not name.
void add_branches(load_node& morph) {
    for (relation_info const& alternative : morph.relation->alternatives) {
        bool const is_named = std::any_of(morph.children.begin(), morph.children.end(),
                                          [&](load_node const& n) { return n.relation == &alternative; });
        if (is_named) continue;
        load_node& added = morph.children.emplace_back();
        added.relation = &alternative;
        added.is_automatic = true;
    }
}

} // namespace

void add_branches_below(std::vector<load_node>& relations) {
    for (auto& each : relations) {
        add_branches(each);
        add_branches_below(each.children);
    }
}

void add_autoloads_below(std::vector<load_node>& relations) {
    for (auto& each : relations) {
        if (!each.autoloads || each.counts) continue;
        add_branches(each);
        if (each.relation->kind == relation_kind::morph_to)
            add_autoloads_below(each.children);
        else
            add_autoloads(each.relation->target(), each.children);
    }
}

} // namespace dynasio::detail
