#include "access_plan.hpp"

#include <dynasio/orm/detail/operations.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace dynasio::detail {

using dynamodb::condition;
using kind = condition::kind;

namespace {

bool is_key_comparison(kind k) {
    switch (k) {
    case kind::equal:
    case kind::less:
    case kind::less_equal:
    case kind::greater:
    case kind::greater_equal:
    case kind::between:
    case kind::begins_with:
        return true;
    default:
        return false;
    }
}

/// Distributes the conjuncts besides the one on the partition key: the first comparison of the sort key goes into the
/// key condition, all others into the scope.
void distribute(entity_type const& type, access_plan& plan, std::vector<condition> terms, bool sort_is_taken) {
    std::vector<condition> rest;
    for (auto& term : terms) {
        bool const on_sort =
            !sort_is_taken && plan.path && plan.path->sort && term.attribute() == type[*plan.path->sort].name;
        if (on_sort && plan.sort.is_always() && is_key_comparison(term.type()))
            plan.sort = std::move(term);
        else
            rest.push_back(std::move(term));
    }
    plan.scope = divide_scope(type, plan.path, std::move(rest));
}

void order(access_plan& plan, selection const& select) {
    if (select.order) {
        bool const served =
            plan.path && (!select.order->by || (plan.path->sort && *plan.path->sort == *select.order->by));
        if (served)
            plan.descending = select.order->descending;
        else if (select.order->by)
            plan.sort_here = select.order;
    }
}

[[noreturn]] void refuse(entity_type const& type, std::string message) {
    diagnostics d;
    d.entity = type.name;
    d.message = std::move(message);
    throw_error(errc::no_usable_index, std::move(d));
}

void check_order(entity_type const& type, access_plan const& plan, selection const& select) {
    if (plan.sort_here && select.limit && !select.client_side)
        refuse(type, "order by " + type[*plan.sort_here->by].name +
                         " with a limit would read everything first, because no key or index that serves the condition "
                         "sorts by it; add an index with this sort key, or permit it with client_side");
}

std::string list_paths(entity_type const& type) {
    std::string out = "the table by " + type[type.key.partition].name;
    for (auto const& i : type.indexes)
        if (!i.local) out += ", " + i.name + " by " + type[i.partition].name;
    return out;
}

} // namespace

access_plan plan_relation(entity_type const& target, std::span<attribute_index const> foreign_key,
                          selection const& select) {
    auto const candidates = target.paths_by(foreign_key);
    if (candidates.empty()) refuse(target, "no key or index serves this relation");
    auto const terms = select.where.conjuncts();
    auto const score = [&](index_info const* i) {
        if (select.order && select.order->by) return i->sort == *select.order->by ? 2 : 0;
        bool const conditioned = i->sort && std::any_of(terms.begin(), terms.end(), [&](condition const& t) {
                                     return is_key_comparison(t.type()) && t.attribute() == target[*i->sort].name;
                                 });
        return conditioned ? 1 : 0;
    };
    access_plan plan;
    plan.path = *std::max_element(candidates.begin(), candidates.end(),
                                  [&](auto const* a, auto const* b) { return score(a) < score(b); });
    distribute(target, plan, terms, foreign_key.size() == 2);
    order(plan, select);
    check_order(target, plan, select);
    return plan;
}

access_plan plan_query(entity_type const& type, selection const& select) {
    auto terms = select.where.conjuncts();
    struct candidate {
        index_info const* path;
        std::size_t term;
        int score;
    };
    std::vector<candidate> candidates;
    auto const compared = [&](attribute_index i) {
        return std::any_of(terms.begin(), terms.end(), [&](condition const& c) {
            return c.type() == kind::equal && c.attribute() == type[i].name;
        });
    };
    auto const consider = [&](index_info const& i, int base) {
        if (i.local) base -= 1; // prefers the table, unless the index's sort key serves an order or a condition
        for (std::size_t t = 0; t < terms.size(); ++t) {
            if (terms[t].type() != kind::equal || terms[t].attribute() != type[i.partition].name) continue;
            int score = base;
            if (select.order && select.order->by && i.sort == *select.order->by) score += 20;
            if (i.sort && std::any_of(terms.begin(), terms.end(), [&](condition const& c) {
                    return is_key_comparison(c.type()) && c.attribute() == type[*i.sort].name;
                }))
                score += 10;
            candidates.push_back({&i, t, score});
        }
    };
    // Equality on the whole key selects at most one item, so no index can be better, whatever the order and conditions.
    bool const whole_key = compared(type.key.partition) && (!type.key.sort || compared(*type.key.sort));
    consider(type.key, whole_key ? 50 : 5);
    for (auto const& i : type.indexes) consider(i, 4);
    if (candidates.empty())
        refuse(type, (terms.empty() ? std::string("a query without a condition")
                                    : "no key or index serves the condition " + dynamodb::to_string(select.where)) +
                         "; compare a partition key for equality (" + list_paths(type) +
                         "), add a gsi, or read the whole table with scan()");
    auto const best = std::max_element(candidates.begin(), candidates.end(),
                                       [](candidate const& a, candidate const& b) { return a.score < b.score; });
    access_plan plan;
    plan.path = best->path;
    plan.partition = terms[best->term];
    terms.erase(terms.begin() + static_cast<std::ptrdiff_t>(best->term));
    distribute(type, plan, std::move(terms), false);
    order(plan, select);
    check_order(type, plan, select);
    return plan;
}

access_plan plan_scan(entity_type const& type, selection const& select) {
    access_plan plan;
    plan.scope.filter = select.where; // unlike a Query's, the filter of a Scan may mention key attributes
    selection asked = select;
    // A Scan returns items in no useful order, so the order of the table's sort key is made in the client.
    if (asked.order && !asked.order->by) asked.order->by = type.key.sort.value_or(type.key.partition);
    order(plan, asked);
    check_order(type, plan, select);
    return plan;
}

access_plan plan_of(query_spec const& query) {
    return query.scan ? plan_scan(*query.type, query.select) : plan_query(*query.type, query.select);
}

void check_order_made_here(entity_type const& type, selection const& select) {
    if (!select.order || !select.limit || select.client_side) return;
    refuse(type, "order with a limit would read everything first, because the entities of this relation come by key; "
                 "permit it with client_side");
}

} // namespace dynasio::detail
