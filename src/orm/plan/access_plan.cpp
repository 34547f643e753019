#include "access_plan.hpp"

#include <dynasio/orm/detail/operations.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../type/empty_key.hpp"

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
/// key condition, all others into the scope. Refuses a key condition with what is too long for a key, which the service
/// would refuse as well.
void distribute(entity_type const& type, access_plan& plan, std::vector<condition> terms, bool sort_is_taken) {
    std::vector<condition> rest;
    for (auto& term : terms) {
        bool const on_sort = !sort_is_taken && plan.path && plan.path->sort && term.is_on(type[*plan.path->sort].name);
        if (on_sort && plan.sort.is_always() && is_key_comparison(term.type()))
            plan.sort = std::move(term);
        else
            rest.push_back(std::move(term));
    }
    plan.scope = divide_scope(type, plan.path, std::move(rest));
    if (plan.path == nullptr) return;
    for (auto const& wire : plan.partition.operands())
        refuse_long_operand(type, *plan.path, plan.path->partition, wire);
    for (auto const& wire : plan.sort.operands()) refuse_long_operand(type, *plan.path, *plan.path->sort, wire);
}

/// The attribute that oldest_first and newest_first mean where the path has no order of its own.
attribute_index last_key_part(entity_type const& type) { return type.key.sort.value_or(type.key.partition); }

/// Whether the path gives its items in an order. The partition key of a table without a sort key finds at most one
/// item, which needs none.
bool has_order(access_plan const& plan) { return plan.path && (plan.path->sort || plan.path->name.empty()); }

void order(entity_type const& type, access_plan& plan, selection const& select) {
    if (!select.order) return;
    auto const& by = select.order->by;
    if (has_order(plan) && (!by || plan.path->sort == *by))
        plan.descending = select.order->descending;
    else
        plan.sort_here = ordering{by.value_or(last_key_part(type)), select.order->descending};
}

/// Whether no item that lacks the attribute can satisfy the condition.
bool excludes_absent(condition const& c, std::string_view attribute) {
    auto const excludes = [&](condition const& t) { return excludes_absent(t, attribute); };
    switch (c.type()) {
    case kind::all_of:
        return std::any_of(c.terms().begin(), c.terms().end(), excludes);
    case kind::any_of:
        return std::all_of(c.terms().begin(), c.terms().end(), excludes);
    case kind::not_of: {
        auto const& negated = c.terms().front();
        bool const asks_for_absent = negated.type() == kind::not_exists || negated.type() == kind::absent_or_null ||
                                     negated.type() == kind::not_equal;
        return asks_for_absent && negated.is_on(attribute);
    }
    case kind::always:
    case kind::not_equal:
    case kind::not_exists:
    case kind::absent_or_null:
        return false;
    default:
        return c.attribute() == attribute;
    }
}

/// Whether the condition asks for items that lack the attribute, in so many words.
bool asks_for_absent(condition const& c, std::string_view attribute) {
    if (c.type() == kind::not_exists || c.type() == kind::absent_or_null) return c.attribute() == attribute;
    if (c.type() == kind::not_of)
        return c.terms().front().type() == kind::exists && c.terms().front().attribute() == attribute;
    return std::any_of(c.terms().begin(), c.terms().end(),
                       [&](condition const& t) { return asks_for_absent(t, attribute); });
}

/// Which items that satisfy the condition a path leaves out.
enum class gap : unsigned char {
    none,
    /// Those whose sort key is empty, which no index takes, or missing although the member always has a value. Only
    /// other programs write the latter.
    unusual_values,
    absent_values ///< Those without the sort key, which the member provides for or the condition asks for.
};

/// `sort_is_taken`: the sort key is compared for equality in any case.
gap gap_of(entity_type const& type, index_info const& path, std::span<condition const> terms, bool sort_is_taken) {
    if (path.name.empty() || !path.sort || sort_is_taken || type.key.is_key(*path.sort)) return gap::none;
    attribute_index const sort = *path.sort;
    attribute_info const& a = type[sort];
    bool const set_by_each_save = sort == type.created_at || sort == type.updated_at || sort == type.version;
    bool const excluded =
        std::any_of(terms.begin(), terms.end(), [&](condition const& t) { return excludes_absent(t, a.name); });
    if (excluded) return gap::none;
    bool const mentioned =
        std::any_of(terms.begin(), terms.end(), [&](condition const& t) { return mentions(t, a.name); });
    return (a.may_be_absent && !set_by_each_save) || mentioned ? gap::absent_values : gap::unusual_values;
}

// What makes one path better than another; a greater number outweighs the sum of all smaller ones.
constexpr int has_all_items = 100;     // no item is left out that the members provide for
constexpr int serves_order = 20;       // the sort key has the order that is asked for
constexpr int is_in_order_of_keys = 1; // oldest_first and newest_first mean the order of creation, if a path has it
constexpr int serves_condition = 10;   // the service reads only the part that the sort key's condition selects
constexpr int has_unusual_items = 2;   // not even items with an empty or missing sort key are left out

int worth_of_order(entity_type const& type, index_info const& path, selection const& select) {
    if (!select.order || !path.sort) return 0;
    if (select.order->by) return *path.sort == *select.order->by ? serves_order : 0;
    return serves_order + (type.key.is_key(*path.sort) ? is_in_order_of_keys : 0);
}

int worth_of_items(gap g) {
    return g == gap::none ? has_all_items + has_unusual_items : g == gap::unusual_values ? has_all_items : 0;
}

[[noreturn]] void refuse(entity_type const& type, std::string message) {
    diagnostics d;
    d.entity = type.name;
    d.message = std::move(message);
    throw_error(errc::no_usable_index, std::move(d));
}

void check_order(entity_type const& type, access_plan const& plan, selection const& select) {
    if (!plan.sort_here || !select.limit || select.client_side) return;
    std::string const& by = type[*plan.sort_here->by].name;
    for (auto const& i : type.indexes)
        if (plan.path && i.partition == plan.path->partition && i.sort == *plan.sort_here->by)
            refuse(type, "order by " + by + " with a limit would read everything first, because the index " + i.name +
                             ", which sorts by it, leaves out items without " + by +
                             "; leave these out with a condition that " + by +
                             " exists, or permit it with client_side");
    refuse(type, "order by " + by +
                     " with a limit would read everything first, because no key or index that serves the condition "
                     "sorts by it; add an index with this sort key, or permit it with client_side");
}

/// Notes what the path of a plan leaves out. Throws when the condition asks for just that.
void note_gap(entity_type const& type, access_plan& plan, std::span<condition const> terms, bool sort_is_taken) {
    gap const left_out = gap_of(type, *plan.path, terms, sort_is_taken);
    if (left_out == gap::none) return;
    plan.leaves_out = plan.path->sort;
    if (left_out == gap::unusual_values) return;
    std::string const& sort = type[*plan.path->sort].name;
    // A member that always has a value is missing in no item that this library wrote, so `!=` need not mean such items.
    bool const provided_for = type[*plan.path->sort].may_be_absent;
    for (auto const& term : terms)
        if (provided_for ? mentions(term, sort) : asks_for_absent(term, sort))
            refuse(type, "the index " + plan.path->name + " leaves out items without " + sort +
                             ", which satisfy the condition " + dynamodb::to_string(term) +
                             ", and no other key or index serves it; add a gsi without this sort key, or read the "
                             "whole table with scan()");
}

std::string list_paths(entity_type const& type) {
    std::string out = "the table by " + type[type.key.partition].name;
    for (auto const& i : type.indexes)
        if (!i.local) out += ", " + i.name + " by " + type[i.partition].name;
    return out;
}

} // namespace

relation_lookup lookup_of(relation_info const& relation) {
    std::span<attribute_index const> const all = relation.target_key;
    if (relation.morph == nullptr) return {all};
    auto const key = all.subspan(1);
    if (!relation.target().paths_by(key).empty()) return {key, false, key.size() == 1 ? all[0] : all[2]};
    return {all, true, all[1]};
}

access_plan plan_relation(entity_type const& target, std::span<attribute_index const> foreign_key,
                          selection const& select, std::optional<attribute_index> fixed) {
    auto const candidates = target.paths_by(foreign_key);
    if (candidates.empty()) refuse(target, "no key or index serves this relation");
    auto const terms = select.where.conjuncts();
    bool const sort_is_taken = foreign_key.size() == 2;
    auto const score = [&](index_info const* i) {
        bool const is_fixed = fixed && i->sort == fixed && !(select.order && select.order->by);
        int const base = worth_of_items(gap_of(target, *i, terms, sort_is_taken)) +
                         (is_fixed ? 0 : worth_of_order(target, *i, select));
        if (select.order && select.order->by) return base;
        bool const conditioned = i->sort && std::any_of(terms.begin(), terms.end(), [&](condition const& t) {
                                     return is_key_comparison(t.type()) && t.is_on(target[*i->sort].name);
                                 });
        return base + (conditioned ? serves_condition : 0);
    };
    access_plan plan;
    plan.path = *std::max_element(candidates.begin(), candidates.end(),
                                  [&](auto const* a, auto const* b) { return score(a) < score(b); });
    note_gap(target, plan, terms, sort_is_taken);
    distribute(target, plan, terms, sort_is_taken);
    order(target, plan, select);
    if (select.order && !select.order->by && fixed && plan.path->sort == fixed) {
        plan.descending = false;
        plan.sort_here = ordering{last_key_part(target), select.order->descending};
    }
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
        return std::any_of(terms.begin(), terms.end(),
                           [&](condition const& c) { return c.type() == kind::equal && c.is_on(type[i].name); });
    };
    auto const consider = [&](index_info const& i, int base) {
        if (i.local) base -= 1; // prefers the table, unless the index's sort key serves an order or a condition
        for (std::size_t t = 0; t < terms.size(); ++t) {
            if (terms[t].type() != kind::equal || !terms[t].is_on(type[i.partition].name)) continue;
            int score = base + worth_of_items(gap_of(type, i, terms, false)) + worth_of_order(type, i, select);
            if (i.sort && std::any_of(terms.begin(), terms.end(), [&](condition const& c) {
                    return is_key_comparison(c.type()) && c.is_on(type[*i.sort].name);
                }))
                score += serves_condition;
            candidates.push_back({&i, t, score});
        }
    };
    // Equality on the whole key selects at most one item, so no index can be better, whatever the order and conditions.
    bool const whole_key = compared(type.key.partition) && (!type.key.sort || compared(*type.key.sort));
    consider(type.key, whole_key ? 1000 : 5);
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
    note_gap(type, plan, terms, false);
    distribute(type, plan, std::move(terms), false);
    order(type, plan, select);
    check_order(type, plan, select);
    return plan;
}

access_plan plan_scan(entity_type const& type, selection const& select) {
    access_plan plan;
    plan.scope.filter = select.where; // unlike a Query's, the filter of a Scan may mention key attributes
    order(type, plan, select);        // a Scan returns items in no useful order
    check_order(type, plan, select);
    return plan;
}

namespace {

void reverse(entity_type const& type, access_plan& plan) {
    if (plan.sort_here)
        plan.from_end = true;
    else if (has_order(plan))
        plan.descending = !plan.descending;
    else
        refuse(type, (plan.path ? "the index " + plan.path->name + " has no sort key, so its entities are"
                                : std::string("a scan reads entities")) +
                         " in no order and none of them is the last; give the query an order(), and permit "
                         "client_side");
}

/// The plan of a query that no item satisfies: nothing is sent, so no path is needed.
access_plan plan_nothing(selection const& select) {
    access_plan plan;
    plan.scope.filter = select.where;
    return plan;
}

} // namespace

access_plan plan_of(query_spec const& query) {
    if (query.select.where.is_never()) return plan_nothing(query.select);
    auto plan = query.scan ? plan_scan(*query.type, query.select) : plan_query(*query.type, query.select);
    plan.segments = query.segments.value_or(0);
    plan.segment = query.segment;
    if (query.from_end) reverse(*query.type, plan);
    return plan;
}

access_plan plan_count(query_spec const& query) {
    if (query.select.where.is_never()) return plan_nothing(query.select);
    selection select = query.select;
    select.client_side = true; // the order is needed to choose the path as plan_of() does, but is never made
    auto plan = query.scan ? plan_scan(*query.type, select) : plan_query(*query.type, select);
    plan.segments = query.segments.value_or(0);
    plan.segment = query.segment;
    plan.descending = false;
    plan.sort_here.reset();
    return plan;
}

void check_order_made_here(entity_type const& type, selection const& select) {
    if (!select.order || !select.limit || select.client_side) return;
    refuse(type, "order with a limit would read everything first, because the entities of this relation come by key; "
                 "permit it with client_side");
}

} // namespace dynasio::detail
