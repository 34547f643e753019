#include "scope.hpp"

#include <dynasio/orm/codec.hpp>

#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <variant>

#include "../type/comparable.hpp"
#include "../type/empty_key.hpp"

namespace dynasio::detail {

using dynamodb::condition;
using kind = condition::kind;

bool mentions(condition const& c, std::string_view attribute) {
    if (!c.attribute().empty() && c.attribute() == attribute) return true;
    return std::any_of(c.terms().begin(), c.terms().end(), [&](condition const& t) { return mentions(t, attribute); });
}

namespace {

void collect(entity_type const& type, condition const& c, std::vector<attribute_index>& out) {
    if (auto const i = type.find_attribute(c.attribute()); !c.attribute().empty() && i) out.push_back(*i);
    for (auto const& term : c.terms()) collect(type, term, out);
}

/// What is true of no item. DynamoDB has no expression for it; an `in` without operands stands for it.
condition never(std::string attribute) { return {kind::in, std::move(attribute), {}}; }

condition negated(condition c) {
    if (c.is_always()) return never({});
    if (c.is_never()) return {};
    return condition::not_of(std::move(c));
}

condition any_of(std::vector<condition> terms) {
    std::erase_if(terms, [](condition const& t) { return t.is_never(); });
    return terms.empty() ? never({}) : condition::any_of(std::move(terms));
}

condition simplified_between(condition c, bool on_key) {
    auto const& [low, high] = std::pair(c.operands()[0], c.operands()[1]);
    if (on_key && is_empty_key(high)) return never(c.attribute());
    if (on_key && is_empty_key(low)) return {kind::less_equal, c.attribute(), {high}};
    return compare_values(low, high) > 0 ? never(c.attribute()) : std::move(c);
}

condition simplified_on_key(condition c) {
    if (c.type() == kind::in) {
        auto operands = c.operands();
        std::erase_if(operands, [](std::string const& o) { return is_empty_key(o); });
        return {kind::in, c.attribute(), std::move(operands)};
    }
    if (c.operands().size() != 1 || !is_empty_key(c.operands().front())) return c;
    switch (c.type()) {
    case kind::equal:
    case kind::less:
    case kind::less_equal:
        return never(c.attribute());
    case kind::greater:
    case kind::greater_equal:
    case kind::begins_with:
        return {kind::exists, c.attribute()};
    case kind::not_equal:
        return {};
    default:
        return c;
    }
}

/// The first attribute in a condition that the entity does not declare; empty when there is none.
std::string_view undeclared_in(entity_type const& type, condition const& c) {
    if (!c.attribute().empty() && !type.find_attribute(c.attribute())) return c.attribute();
    for (auto const& term : c.terms())
        if (auto const found = undeclared_in(type, term); !found.empty()) return found;
    return {};
}

bool mentions_what_is_not_projected(entity_type const& type, index_info const& path, condition const& c) {
    if (!undeclared_in(type, c).empty()) return true;
    std::vector<attribute_index> mentioned;
    collect(type, c, mentioned);
    return std::any_of(mentioned.begin(), mentioned.end(), [&](attribute_index i) { return !type.projects(path, i); });
}

} // namespace

condition simplified(entity_type const& type, condition c) {
    if (c.is_always()) return c;
    std::vector<condition> terms;
    for (auto const& term : c.terms()) terms.push_back(simplified(type, term));
    switch (c.type()) {
    case kind::all_of:
        return condition::all_of(std::move(terms));
    case kind::any_of:
        return any_of(std::move(terms));
    case kind::not_of:
        return negated(std::move(terms.front()));
    default:
        break;
    }
    auto const i = type.find_attribute(c.attribute());
    // A key can also be asked for its type and its size, which a key condition cannot express.
    bool const on_key =
        i && c.is_on(c.attribute()) && (*i == type.key.partition || i == type.key.sort || type[*i].index_key);
    if (c.type() == kind::between) return simplified_between(std::move(c), on_key);
    return on_key ? simplified_on_key(std::move(c)) : c;
}

namespace {

/// The condition on the member of soft_delete<>.
condition trash_condition(entity_type const& type, trashed which) {
    if (!type.deleted_at || which == trashed::with) return {};
    condition absent(kind::absent_or_null, type[*type.deleted_at].name);
    return which == trashed::only ? !std::move(absent) : absent;
}

} // namespace

condition scope_condition(entity_type const& type, trashed which, bool everything) {
    auto of_trash = trash_condition(type, which);
    if (!type.always || everything) return of_trash;
    auto of_schema = simplified(type, type.always->condition());
    return of_schema.is_never() ? of_schema : std::move(of_schema) && std::move(of_trash);
}

condition condition_of(entity_type const& type, selection const& s, system_time now) {
    auto all = simplified(type, s.where);
    if (all.is_never()) return all;
    auto of_scope = scope_condition(type, s.scope.target, s.scope.everything);
    if (of_scope.is_never()) return of_scope;
    all = std::move(all) && std::move(of_scope);
    if (!s.without_expired || !type.expires_at) return all;
    std::string const& name = type[*type.expires_at].name;
    std::string wire;
    codec<epoch_seconds>::encode(wire, epoch_seconds(now));
    return std::move(all) && (condition(kind::absent_or_null, name) ||
                              condition(kind::greater, name, std::vector<std::string>(1, std::move(wire))));
}

namespace {

void append_subject(std::string& out, condition const& c) {
    out += c.attribute();
    for (auto const& step : c.path().steps()) {
        out += '\t';
        // Names of maps are written as JSON, so that no name looks like a position or like two steps.
        if (auto const* position = std::get_if<std::size_t>(&step))
            out += std::to_string(*position);
        else
            dynamodb::append_json_string(out, std::get<std::string>(step));
    }
    if (c.is_on_size()) out += "\tsize";
}

} // namespace

void append_identity(std::string& out, condition const& c) {
    out += std::to_string(static_cast<int>(c.type()));
    out += ' ';
    append_subject(out, c);
    for (auto const& operand : c.operands()) {
        out += '\n';
        out += operand;
    }
    out += '(';
    for (auto const& term : c.terms()) append_identity(out, term);
    out += ')';
}

scope divide_scope(entity_type const& type, index_info const* path, std::vector<condition> terms) {
    std::vector<condition> there, here;
    for (auto& term : terms) {
        bool const on_key = path && (mentions(term, type[path->partition].name) ||
                                     (path->sort && mentions(term, type[*path->sort].name)));
        // What a key or index finds has its key attributes.
        if (on_key && term.type() == kind::exists && term.is_on(term.attribute())) continue;
        bool const on_missing = path && !path->whole && mentions_what_is_not_projected(type, *path, term);
        (on_key || on_missing ? here : there).push_back(std::move(term));
    }
    for (auto const& term : here) static_cast<void>(attributes_evaluated_here(type, term));
    scope made;
    made.filter = condition::all_of(std::move(there));
    made.residue = condition::all_of(std::move(here));
    return made;
}

bool is_empty(selection const& s) noexcept { return s.limit == std::size_t{0} || s.where.is_never(); }

std::vector<attribute_index> attributes_evaluated_here(entity_type const& type, condition const& c) {
    if (auto const unknown = undeclared_in(type, c); !unknown.empty()) {
        diagnostics d;
        d.entity = type.name;
        d.attribute = unknown;
        d.message = "the condition " + dynamodb::to_string(c) +
                    " is evaluated by the client, which reads the attributes that " + type.name + " declares, and " +
                    std::string(unknown) + " is none of them; give the entity a member for it";
        throw_error(errc::invalid_argument, std::move(d));
    }
    return attributes_in(type, c);
}

bool can_be_evaluated_here(entity_type const& type, condition const& c) { return undeclared_in(type, c).empty(); }

std::vector<attribute_index> attributes_in(entity_type const& type, condition const& c) {
    std::vector<attribute_index> found;
    collect(type, c, found);
    return found;
}

} // namespace dynasio::detail
