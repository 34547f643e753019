#include "model_check.hpp"

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "../type/type_names.hpp"
#include "../wire/pivot_entities.hpp"
#include "../wire/pivot_rows.hpp"

namespace dynasio::detail {

namespace {

[[noreturn]] void refuse_model(entity_type const& type, std::string message, std::string_view index = {},
                               relation_info const* relation = nullptr) {
    diagnostics d;
    d.message = std::move(message);
    d.entity = type.name;
    d.index = index;
    if (relation) d.relation_path = relation->path();
    throw_error(errc::invalid_argument, std::move(d));
}

// ---- tables

bool same_part(entity_type const& a, std::optional<attribute_index> i, entity_type const& b,
               std::optional<attribute_index> j) {
    if (!i || !j) return !i && !j;
    return a[*i].name == b[*j].name && a[*i].type == b[*j].type;
}

bool same_keys(entity_type const& a, index_info const& i, entity_type const& b, index_info const& j) {
    return i.local == j.local && same_part(a, i.partition, b, j.partition) && same_part(a, i.sort, b, j.sort);
}

void check_key_types(entity_type const& a, index_info const& of, entity_type const& b) {
    for (auto const part : {std::optional(of.partition), of.sort}) {
        if (!part) continue;
        auto const other = b.find_attribute(a[*part].name);
        if (other && b[*other].type != a[*part].type)
            refuse_model(a,
                         a.name + " and " + b.name + " share the table " + a.table + ", in which " + a[*part].name +
                             " is a key, and store it with different types; give " + b.name + "::" + b[*other].member +
                             " another name with attribute<>",
                         of.name);
    }
}

/// Whether two indexes project the same attributes, by name.
bool same_projection(entity_type const& a, index_info const& i, entity_type const& b, index_info const& j) {
    if (i.projects != j.projects || i.included.size() != j.included.size()) return false;
    return std::all_of(i.included.begin(), i.included.end(), [&](attribute_index x) {
        return std::any_of(j.included.begin(), j.included.end(),
                           [&](attribute_index y) { return a[x].name == b[y].name; });
    });
}

void check_indexes(entity_type const& a, entity_type const& b) {
    std::string const shared = a.name + " and " + b.name + " share the table " + a.table + ", and each has an index ";
    for (auto const& i : a.indexes)
        for (auto const& j : b.indexes) {
            if (i.name != j.name) continue;
            if (!same_keys(a, i, b, j))
                refuse_model(a,
                             (&a == &b ? a.name + " has two indexes " : shared) + i.name +
                                 " with different keys; give one of the indexes another name",
                             i.name);
            if (&a != &b && !same_projection(a, i, b, j))
                refuse_model(a,
                             shared + i.name +
                                 " that projects other attributes; declare what the index projects in the same "
                                 "way",
                             i.name);
        }
}

void check_shared_table(entity_type const& a, entity_type const& b) {
    if (a.table != b.table) return;
    check_indexes(a, b);
    if (&a == &b) return;
    if (!same_keys(a, a.key, b, b.key))
        refuse_model(
            a, a.name + " and " + b.name + " share the table " + a.table +
                   ", but the names or types of their keys differ; give one of them another table{\"name\"}, or the "
                   "keys the same names with attribute<>");
    check_key_types(a, a.key, b);
    for (auto const& index : a.indexes) check_key_types(a, index, b);
    for (auto const& index : b.indexes) check_key_types(b, index, a);
}

// ---- links

/// Whether there are guards of the relation's links.
bool has_guards(relation_info const& r) {
    return r.kind == relation_kind::belongs_to_many && r.inverse_relation == nullptr &&
           (!r.has_pivot_entity() || has_key_of_both_sides(r));
}
bool declares_links(relation_info const& r) { return has_guards(r) && !r.has_pivot_entity(); }

/// Guards lie in a table of their own, so that the reads of entities meet entities alone.
void check_guard_tables(entity_type const& a, entity_type const& b) {
    for (auto const& u : a.uniques) {
        if (u.table == b.table)
            refuse_model(a, "the guards of unique<> members of " + a.name + " are stored in " + u.table +
                                ", which is also the table of " + b.name +
                                "; give unique<> another table with .in(\"name\")");
        for (auto const& r : b.relations)
            if (has_guards(r) && (r.pivot_table == u.table || pivot_rows(r).guard_table() == u.table))
                refuse_model(a, "the guards of unique<> members of " + a.name + " are stored in " + u.table +
                                    ", which is also the table of the links of " + r.path() +
                                    "; give unique<> another table with .in(\"name\")");
    }
}

void check_pivot_table(relation_info const& r, entity_type const& type) {
    if (!has_guards(r)) return;
    auto const check = [&](std::string_view table, pivot_rows::table_layout const& layout, std::string const& what) {
        auto const is = [&](std::optional<attribute_index> i, pivot_rows::key_attribute const& wanted) {
            return i && type[*i].name == wanted.name && type[*i].type == wanted.type;
        };
        if (table != type.table) return;
        bool const has_other_index =
            std::any_of(type.indexes.begin(), type.indexes.end(), [&](index_info const& index) {
                return !layout.index.empty() && index.name == layout.index &&
                       !is(index.partition, layout.index_partition);
            });
        bool const has_key = is(type.key.partition, layout.partition) && is(type.key.sort, layout.sort);
        if (has_key && !has_other_index) return;
        std::string const defect = has_key ? "an index " + std::string(layout.index) + " by another attribute than " +
                                                 std::string(layout.index_partition.name)
                                           : "another key than " + std::string(layout.partition.name) + " and " +
                                                 std::string(layout.sort.name) + " (or parts of other types)";
        refuse_model(type,
                     what + r.path() + " are stored in " + std::string(table) + ", which is also the table of " +
                         type.name + " and has " + defect +
                         "; give the relation a pivot_table{\"name\"} of its own, or " + type.name +
                         " another table{\"name\"}",
                     {}, &r);
    };
    pivot_rows const rows(r);
    if (r.link_attributes.are_named() && r.pivot_table == default_pivot_table)
        refuse_model(r.owner(),
                     "the links of " + r.path() + " cannot have a key(…) in the table " + r.pivot_table +
                         ", where links without one lie and what counts the syncs of others; give pivot_table{…} "
                         "another name",
                     {}, &r);
    if (declares_links(r)) check(rows.table(), rows.layout(), "the links of ");
    if (rows.guard_table() != rows.table() || r.has_pivot_entity())
        check(rows.guard_table(), pivot_rows::guard_layout(), "the guards of the links of ");
}

void check_links(relation_info const& a, relation_info const& b) {
    if (&a == &b || !declares_links(a) || !declares_links(b)) return;
    bool const one_key = a.pivot_key == b.pivot_key;
    // In a table with a key of its own all rows are links of one relation.
    bool const takes_all = a.link_attributes.are_named() || b.link_attributes.are_named();
    if (a.pivot_table != b.pivot_table || (!one_key && !takes_all)) return;
    // Two entities with one table are two views of the same items, and can have the same relation.
    if (&a.owner() != &b.owner() && a.owner().table == b.owner().table && a.target().table == b.target().table &&
        a.link_attributes == b.link_attributes)
        return;
    if (takes_all)
        refuse_model(
            a.owner(),
            "the links of " + a.path() + " and " + b.path() + " are stored in the table " + a.pivot_table +
                ", in which a key(…) leaves room for one relation; give one of them a pivot_table{\"name\"} of "
                "its own, or declare it with inverse_of<>",
            {}, &a);
    refuse_model(a.owner(),
                 a.path() + " and " + b.path() + " both store their links as " + a.pivot_key + " in the table " +
                     a.pivot_table +
                     ", so each would read those of the other; give one of them a pivot_table{\"name\"} of its "
                     "own",
                 {}, &a);
}

bool has_inverse(relation_info const& r) {
    for (auto const& other : r.target().relations)
        if (other.inverse_relation != nullptr && &other.inverse_relation() == &r) return true;
    return false;
}

/// Different relations can lead to each other's entity, when each has a pivot table of its own. Else somebody has
/// forgotten inverse_of, and the two would never show each other's links.
void check_sides(relation_info const& a, relation_info const& b) {
    if (!declares_links(a) || !declares_links(b) || &b.target() != &a.owner() || &b.owner() == &a.owner()) return;
    if (has_inverse(a) || has_inverse(b)) return;
    bool const named = a.pivot_table != default_pivot_table && b.pivot_table != default_pivot_table;
    if (named && a.pivot_table != b.pivot_table) return;
    refuse_model(a.owner(),
                 a.path() + " and " + b.path() +
                     " both declare links of their own; add inverse_of<> to one of them (or, when "
                     "they are two relations, a pivot_table{\"name\"} to each)",
                 {}, &a);
}

void check_relations_of(entity_type const& type) {
    for (auto const& r : type.relations) {
        if (r.kind == relation_kind::morph_to) {
            check_type_names(r);
            continue;
        }
        if (r.in_item_collection && r.target().table != type.table)
            refuse_model(type,
                         "the item_collection of " + r.path() + " is a partition of one table, and " + type.name +
                             " is stored in " + type.table + ", " + r.target().name + " in " + r.target().table +
                             "; give both entities the same table{\"name\"}",
                         {}, &r);
        for (auto const& back : r.target().relations) check_sides(r, back);
        if (r.inverse_relation == nullptr) continue;
        for (auto const& other : type.relations)
            if (&other != &r && other.inverse_relation != nullptr && &other.inverse_relation() == &r.inverse_relation())
                refuse_model(type,
                             r.path() + " and " + other.path() + " are both inverse_of<> " +
                                 r.inverse_relation().path() + " and would read the same links; remove one of them",
                             {}, &r);
    }
}

} // namespace

void check_model(std::vector<entity_type const*> const& types) {
    for (auto const* const a : types) {
        check_relations_of(*a);
        for (auto const* const b : types) {
            check_shared_table(*a, *b);
            check_guard_tables(*a, *b);
            for (auto const& r : a->relations) {
                check_pivot_table(r, *b);
                for (auto const& s : b->relations) check_links(r, s);
            }
        }
    }
}

} // namespace dynasio::detail
