#include "access_plan.hpp"

#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <numeric>

#include "type/key_text.hpp"

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

bool mentions(condition const& c, std::string_view attribute) {
    if (!c.attribute().empty() && c.attribute() == attribute) return true;
    return std::any_of(c.terms().begin(), c.terms().end(), [&](condition const& t) { return mentions(t, attribute); });
}

/// Splits the conjuncts that are left after the key condition into sort condition, filter and residue.
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
    std::vector<condition> there, here;
    for (auto& term : rest) {
        bool const on_key = plan.path && (mentions(term, type[plan.path->partition].name) ||
                                          (plan.path->sort && mentions(term, type[*plan.path->sort].name)));
        (on_key ? here : there).push_back(std::move(term));
    }
    plan.filter = condition::all_of(std::move(there));
    plan.residue = condition::all_of(std::move(here));
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
    plan.limit_there = !plan.sort_here && plan.filter.is_always() && plan.residue.is_always();
}

[[noreturn]] void refuse(entity_type const& type, std::string message) {
    diagnostics d;
    d.entity = type.name;
    d.table = type.table;
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
        if (i.local) base -= 1; // the table itself is as good, unless the sort key is wanted
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
    // The whole key is one item at most: neither an order nor a condition makes an index better.
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
    plan.filter = select.where; // a Scan's filter may mention keys
    selection asked = select;
    // A Scan has no order: that of the table's keys is made here.
    if (asked.order && !asked.order->by) asked.order->by = type.key.sort.value_or(type.key.partition);
    order(plan, asked);
    check_order(type, plan, select);
    return plan;
}

bool matches(entity_type const& type, void const* entity, condition const& c) {
    if (c.is_always()) return true;
    std::string wire;
    return c.matches([&](std::string_view name) -> std::string_view {
        auto const i = type.find_attribute(name);
        wire = i ? type.wire(entity, *i) : std::string();
        return wire;
    });
}

std::vector<std::size_t> sorted_positions(entity_type const& type, std::span<void* const> entities,
                                          ordering const& by) {
    struct entry {
        std::string value;
        std::string key;
    };
    std::vector<entry> entries;
    entries.reserve(entities.size());
    bool const numeric = type[*by.by].type == dynamodb::attribute_type::number;
    for (void* const e : entities) {
        entry& made = entries.emplace_back();
        if (std::string const wire = type.wire(e, *by.by); !wire.empty()) {
            dynamodb::json_reader in(wire);
            switch (in.open_attribute()) {
            case dynamodb::attribute_type::boolean:
                made.value = in.read_bool() ? "1" : "0";
                break;
            case dynamodb::attribute_type::string:
            case dynamodb::attribute_type::number:
                made.value = in.read_string();
                break;
            case dynamodb::attribute_type::binary: // base64 does not keep the order of the bytes
                if (!dynamodb::decode_base64(in.read_string(), made.value)) in.fail("a binary value is no base64");
                break;
            default:
                made.value = wire;
            }
        }
        made.key = key_text(type, e);
    }
    std::vector<std::size_t> positions(entities.size());
    std::iota(positions.begin(), positions.end(), std::size_t{0});
    // Stable by comparing positions last: std::stable_sort uses what C++17 deprecated, and clang warns of it.
    std::sort(positions.begin(), positions.end(), [&](std::size_t a, std::size_t b) {
        auto const& x = entries[a];
        auto const& y = entries[b];
        int order = 0;
        if (x.value.empty() || y.value.empty())
            order = int(!x.value.empty()) - int(!y.value.empty());
        else
            order = numeric ? dynamodb::compare_numbers(x.value, y.value) : x.value.compare(y.value);
        if (order != 0) return by.descending ? order > 0 : order < 0;
        return x.key != y.key ? x.key < y.key : a < b;
    });
    return positions;
}

} // namespace dynasio::detail
