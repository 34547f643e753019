#include "pivot_entities.hpp"

#include <dynasio/dynamodb/detail/item_size.hpp>
#include <dynasio/dynamodb/expression.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/error_context.hpp>
#include <dynasio/core/timestamp.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include "../plan/scope.hpp"
#include "../type/empty_key.hpp"
#include "../type/key_text.hpp"
#include "../type/rules.hpp"
#include "answer_members.hpp"
#include "table_name.hpp"

namespace dynasio::detail {

using dynamodb::condition;

namespace {

constexpr std::string_view first_version = R"({"N":"1"})";

/// The attribute that holds the key of the near side, and that of the far side.
attribute_index near_of(relation_info const& relation) { return relation.first().target_key.front(); }
attribute_index far_of(relation_info const& relation) { return relation.second().owner_key.front(); }

condition is_there(entity_type const& type) {
    return condition(condition::kind::exists, type[type.key.partition].name);
}
condition is_missing(entity_type const& type) {
    return condition(condition::kind::not_exists, type[type.key.partition].name);
}
/// Always true of links that cannot be trashed.
condition is_not_trashed(entity_type const& type) {
    if (!type.deleted_at) return {};
    return condition(condition::kind::absent_or_null, type[*type.deleted_at].name);
}

[[noreturn]] void throw_not_saved(write_environment const& env, relation_info const& relation, entity_type const& type,
                                  error const& e) {
    diagnostics d = e.info();
    d.table = physical_table(env.table_prefix, type.table);
    d.relation_path = relation.path();
    d.message = "both sides of " + d.relation_path + " must be saved before they can be linked: " + d.message;
    throw_error(errc::entity_not_saved, std::move(d));
}

/// Members that dynasio keeps, which say nothing of what the link holds.
bool is_kept(entity_type const& type, attribute_index i) {
    return type.is_key(i) || i == type.created_at || i == type.updated_at || i == type.version || i == type.deleted_at;
}

} // namespace

bool has_key_of_both_sides(relation_info const& relation) {
    auto const& near = relation.first().target_key;
    auto const& far = relation.second().owner_key;
    index_info const& key = relation.first().target().key;
    if (near.size() != 1 || far.size() != 1 || !key.sort) return false;
    return (near.front() == key.partition && far.front() == *key.sort) ||
           (far.front() == key.partition && near.front() == *key.sort);
}

// ---- the two sides

link_ends pivot_entities::ends_of(write_environment const& env, void const* near, lowered_key const& far) const {
    entity_type const& owner = relation_->owner();
    entity_type const& target = relation_->target();
    link_ends ends;
    ends.near = owner.wire(near, owner.key.partition);
    try {
        if (is_empty_key(ends.near)) throw_empty_key(owner, owner[owner.key.partition]);
    } catch (error const& e) {
        throw_not_saved(env, *relation_, owner, e);
    }
    try {
        ends.far = member_value(far.json(), target[target.key.partition].name);
    } catch (error const& e) {
        if (e.code() != errc::empty_key) throw;
        throw_not_saved(env, *relation_, target, e);
    }
    return ends;
}

link_ends pivot_entities::ends_of(write_environment const& env, void const* near, void const* far) const {
    entity_type const& target = relation_->target();
    std::string key;
    try {
        target.encode_key(key, far);
    } catch (error const& e) {
        if (e.code() != errc::empty_key) throw;
        throw_not_saved(env, *relation_, target, e);
    }
    return ends_of(env, near, lowered_key(std::move(key)));
}

link_ends pivot_entities::ends_of(void const* link) const {
    return {type().wire(link, near_of(*relation_)), type().wire(link, far_of(*relation_))};
}

std::string pivot_entities::far_key(link_ends const& ends) const {
    std::string key;
    relation_->target().encode_key(key, ends.far, {});
    return key;
}

std::shared_ptr<void> pivot_entities::make(link_ends const& ends, std::shared_ptr<void> const& wanted) const {
    storage_functions const& storage = type().storage;
    auto made = storage.make();
    if (wanted)
        storage.append_copy(made.get(), storage.at(wanted.get(), 0));
    else
        static_cast<void>(storage.append(made.get()));
    set_ends(in(made), ends);
    return made;
}

void pivot_entities::set_ends(void* link, link_ends const& ends) const {
    type().assign(link, near_of(*relation_), ends.near);
    type().assign(link, far_of(*relation_), ends.far);
}

bool pivot_entities::is_bare() const {
    entity_type const& t = type();
    for (attribute_index i = 0; i < t.attributes.size(); ++i)
        if (!t.is_key(i)) return false;
    return true;
}

bool pivot_entities::is_in_default_scope(void const* link) const {
    entity_type const& t = type();
    if (!t.always) return true;
    std::string wire;
    return matches(t, simplified(t, t.always->condition()), [&](attribute_index i) {
        wire = t.wire(link, i);
        return std::string_view(wire);
    });
}

bool pivot_entities::changes(void const* stored, void const* given) const {
    entity_type const& t = type();
    for (attribute_index i = 0; i < t.attributes.size(); ++i) {
        if (is_kept(t, i)) continue;
        std::string was, is;
        t.append_shown(was, stored, i);
        t.append_shown(is, given, i);
        if (was != is) return true;
    }
    return false;
}

// ---- writing

row_key pivot_entities::key_of(void const* link) const {
    entity_type const& t = type();
    row_key key;
    key.table = t.table;
    key.partition_name = t[t.key.partition].name;
    key.partition_value = t.wire(link, t.key.partition);
    t.encode_key(key.json, link);
    return key;
}

item_write pivot_entities::attach(write_environment const& env, void* link, manner how, std::string body) const {
    try {
        return decide_attach(env, link, how, std::move(body));
    } catch (error const& e) {
        diagnostics d = e.info();
        if (d.key.empty()) d.key = key_for_error(type(), link);
        auto const path = relation_->path();
        auto const table = physical_table(env.table_prefix, type().table);
        add_context(d, {.table = table, .entity = type().name, .relation_path = path});
        throw_error(e.code(), std::move(d));
    }
}

item_write pivot_entities::decide_attach(write_environment const& env, void* link, manner how, std::string body) const {
    entity_type const& t = type();
    if (t.has_rules()) {
        static_cast<void>(valid_entity(t, link)); // throws for a broken rule
        apply_transforms(t, link);
    }
    std::vector<entity_type::override_value> kept;
    // The time that the program has given a link is that of its creation.
    if (t.created_at && t.wire(link, *t.created_at).empty()) kept.push_back({*t.created_at, timestamp(env.now)});
    if (t.updated_at) kept.push_back({*t.updated_at, timestamp(env.now)});
    if (t.deleted_at) kept.push_back({*t.deleted_at, std::monostate{}});
    auto const values = t.encode_values(link, kept);

    dynamodb::expression_writer expressions;
    dynamodb::detail::item_measure measure;
    std::string set, remove, add;
    auto const put = [](std::string& clause, std::string const& text) {
        clause += clause.empty() ? "" : ", ";
        clause += text;
    };
    auto const set_if_absent = [&](std::string const& name, std::string_view value) {
        put(set, name + " = if_not_exists(" + name + ", " + expressions.value(value) + ')');
    };
    for (attribute_index i = 0; i < values.size(); ++i) {
        if (!values[i].empty()) measure.add(t[i].name, values[i]);
        if (t.is_key(i)) continue;
        bool const completes = how == manner::complete && i != t.deleted_at;
        if (completes && values[i].empty() && i != t.version) continue;
        std::string const name = expressions.name(t[i].name);
        if (i == t.version)
            completes ? set_if_absent(name, first_version) : put(add, name + ' ' + expressions.value(first_version));
        else if (values[i].empty())
            put(remove, name);
        else if (completes || (i == t.created_at && how != manner::create))
            set_if_absent(name, values[i]);
        else
            put(set, name + " = " + expressions.value(values[i]));
    }
    measure.check();
    std::string update;
    for (auto const& [word, clause] :
         {std::pair("SET ", &set), std::pair("REMOVE ", &remove), std::pair("ADD ", &add)}) {
        if (clause->empty()) continue;
        update += update.empty() ? "" : " ";
        update += word + *clause;
    }
    if (update.empty()) {
        if (how == manner::create) return make_write(env, t, link, write_mode::create, std::move(body));
        throw_error(errc::invalid_argument,
                    "a link " + t.name +
                        " has nothing but its key, so a transaction cannot attach it whether it is "
                        "there or not; create() the " +
                        t.name + " in the transaction, or attach() it with related<>");
    }
    std::string members = R"(,"UpdateExpression":)";
    dynamodb::append_json_string(members, update);
    condition required;
    if (how == manner::create && t.deleted_at)
        required = is_missing(t) || !is_not_trashed(t);
    else if (how == manner::create)
        required = is_missing(t);
    else if (how == manner::rewrite)
        required = is_there(t) && is_not_trashed(t);
    if (!required.is_always()) {
        members += R"(,"ConditionExpression":)";
        dynamodb::append_json_string(members, expressions.write(required));
    }
    expressions.append_members(members);
    return make_row_update(env, key_of(link), members, std::move(body));
}

item_write pivot_entities::detach(write_environment const& env, link_ends const& ends, removed which,
                                  std::string body) const {
    entity_type const& t = type();
    auto const link = make(ends, nullptr);
    condition required;
    if (which == removed::linked)
        required = is_there(t) && is_not_trashed(t);
    else if (which == removed::linked_or_none)
        required = is_not_trashed(t);
    dynamodb::expression_writer expressions;
    std::string members;
    if (!required.is_always()) {
        members += R"(,"ConditionExpression":)";
        dynamodb::append_json_string(members, expressions.write(required));
        expressions.append_members(members);
    }
    return make_row_delete(env, key_of(in(link)), members, std::move(body));
}

} // namespace dynasio::detail
