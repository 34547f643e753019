#include "unique_guards.hpp"

#include <dynasio/dynamodb/attribute_value.hpp>
#include <dynasio/dynamodb/detail/request_checks.hpp>
#include <dynasio/dynamodb/detail/service_error.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

#include "../type/empty_key.hpp"
#include "answer_members.hpp"
#include "table_name.hpp"

namespace dynasio::detail {

using dynamodb::condition;
using dynamodb::json_reader;
using dynamodb::detail::partition_fingerprint;

namespace {

/// The name of a constraint that was given none: the table and the attributes.
std::string origin_of(entity_type const& type, unique_info const& of) {
    std::string name = type.table;
    for (auto const i : of.attributes) name += (i == of.attributes.front() ? "." : "+") + type[i].name;
    return name;
}

/// The text of a value, which is the same for every spelling of it.
std::string text_of(std::string_view wire) {
    json_reader in(wire);
    bool const is_number = in.open_attribute() == dynamodb::attribute_type::number;
    std::string text(in.read_string());
    if (is_number)
        if (auto number = dynamodb::canonical_number(text); !number.empty()) return number;
    return text;
}

std::string string_wire(std::string_view text) {
    std::string wire;
    dynamodb::append_string_attribute(wire, text);
    return wire;
}

std::string owner_wire(entity_type const& type, std::string const& key) {
    return R"({"M":{"table":)" + string_wire(type.table) + R"(,"key":{"M":)" + key + "}}}";
}

/// The members of a map in wire form; empty for another value.
std::string_view members_of(std::string_view wire) { return wire.empty() ? wire : member_value(wire, "M"); }

/// `User::email = "ann@example.com"`
std::string words_for_values(entity_type const& type, unique_info const& of, stored_values const& values) {
    std::string words;
    for (auto const i : of.attributes) {
        words += words.empty() ? "" : " and ";
        words += type.name + "::" + type[i].member + " = ";
        auto const& wire = values.wire[i];
        if (type[i].type == dynamodb::attribute_type::number)
            words += text_of(wire);
        else
            dynamodb::append_json_string(words, text_of(wire));
    }
    return words;
}
std::string words_for_members(entity_type const& type, unique_info const& of) {
    std::string words;
    for (auto const i : of.attributes) words += (words.empty() ? "" : " and ") + type.name + "::" + type[i].member;
    return words;
}

/// `the entity with the key {…} has it`; constraints of one name are those of several entities, whose members differ.
std::string words_for_owner(guard_owner const& owner, entity_type const& type, unique_info const& of,
                            std::string_view table_prefix) {
    if (owner.key.empty()) return "another entity has it";
    bool const same_table = owner.table == type.table;
    std::string words = "the entity ";
    if (!same_table) words += "of the table " + physical_table(table_prefix, owner.table) + ' ';
    words += "with the key " + owner.key + " has it";
    if (owner.of == origin_of(type, of)) return words;
    std::string_view members = owner.of;
    if (members.starts_with(owner.table + '.')) members.remove_prefix(owner.table.size() + 1);
    return members.empty() ? words : words + " as its " + std::string(members);
}

void append_condition(std::string& out, condition const& must_hold, dynamodb::expression_writer& expressions) {
    out += R"(,"ConditionExpression":)";
    dynamodb::append_json_string(out, expressions.write(must_hold));
    expressions.append_members(out);
}

bool was_refused(cancellation_reason const& reason) {
    return dynamodb::detail::service_code_of(reason) == service_errc::conditional_check_failed;
}

} // namespace

std::string guard_key(entity_type const& type, unique_info const& of, stored_values const& values) {
    if (!values.exists) return {};
    std::string key = of.name;
    for (auto const i : of.attributes) {
        auto const& wire = values.wire[i];
        // Another program may have stored a value of another type, which no entity can have.
        if (is_empty_key(wire)) return {};
        json_reader in(wire);
        if (in.open_attribute() != type[i].type) return {};
        key += '#';
        for (char const c : text_of(wire)) {
            if (c == '%')
                key += "%25";
            else if (c == '#')
                key += "%23";
            else
                key += c;
        }
    }
    return key;
}

std::optional<guard_owner> owner_in(std::string_view guard) {
    if (guard.empty()) return std::nullopt;
    try {
        guard_owner found;
        found.wire = member_value(guard, "owner");
        auto const owner = members_of(found.wire);
        auto const table = owner.empty() ? owner : member_value(owner, "table");
        auto const key = owner.empty() ? owner : members_of(member_value(owner, "key"));
        if (table.empty() || key.empty()) return std::nullopt;
        found.table = text_of(table);
        found.key = key;
        if (auto const of = member_value(guard, "of"); !of.empty()) found.of = text_of(of);
        return found;
    } catch (error const&) {
        return std::nullopt;
    }
}

// ---- deciding

void guard_plan::give(decided_write const& by, std::size_t write, unique_info const& of, stored_values const& values,
                      std::string key) {
    if (key.size() > max_partition_key) return; // it cannot have been written
    auto const [found, is_new] = actions_.try_emplace(place(of.table, std::move(key)));
    action& a = found->second;
    if (is_new) {
        a.type = &by.write.type();
        a.of = &of;
        a.write = write;
        a.values = values;
    }
    a.from.push_back(owner_wire(by.write.type(), by.write.key()));
}

void guard_plan::take(decided_write const& by, std::size_t write, unique_info const& of, stored_values const& values,
                      std::string key, std::span<decided_write const> writes) {
    entity_type const& type = by.write.type();
    diagnostics d;
    d.entity = type.name;
    d.attribute = type[of.attributes.front()].name;
    d.key = by.write.key();
    if (key.size() > max_partition_key) {
        d.message = "the value of " + words_for_members(type, of) +
                    " is too long to be unique: the key of its guard, " + of.name + "#…, would have " +
                    std::to_string(key.size()) + " bytes, and a key has at most " + std::to_string(max_partition_key);
        throw_error(errc::invalid_argument, std::move(d));
    }
    action& a = actions_[place(of.table, std::move(key))];
    if (a.takes) {
        d.holder = writes[a.write].write.key();
        d.message = "two writes of the transaction give one unique value to two entities: " +
                    words_for_values(*a.type, *a.of, a.values) + " to that with the key " + d.holder + " and " +
                    words_for_values(type, of, values) + " to that with the key " + d.key +
                    "; give one of them another value";
        throw_error(errc::not_unique, std::move(d));
    }
    a.takes = true;
    a.type = &type;
    a.of = &of;
    a.write = write;
    a.values = values;
    a.owner = owner_wire(type, d.key);
    a.from.push_back(a.owner);
}

condition guard_plan::has_values(action const& a) {
    std::vector<condition> terms;
    for (auto const i : a.of->attributes)
        terms.emplace_back(condition::kind::equal, (*a.type)[i].name, std::vector<std::string>(1, a.values.wire[i]));
    return condition::all_of(std::move(terms));
}

void guard_plan::decide(std::span<decided_write const> writes) {
    actions_.clear();
    checks_.clear();
    for (std::size_t i = 0; i < writes.size(); ++i) {
        item_write const& write = writes[i].write;
        if (!write.touches_unique()) continue;
        stored_values const before = write.adopts() ? stored_values() : write.expected();
        stored_values const after = write.stored_afterwards();
        for (auto const& of : write.type().uniques) {
            auto old_key = guard_key(write.type(), of, before);
            auto new_key = guard_key(write.type(), of, after);
            if (old_key == new_key) continue;
            if (!old_key.empty()) give(writes[i], i, of, before, std::move(old_key));
            if (!new_key.empty()) take(writes[i], i, of, after, std::move(new_key), writes);
        }
    }
    std::erase_if(actions_, [this](auto const& each) { return !each.second.takes && left_.contains(each.first); });
    for (auto& [guard, a] : actions_) {
        auto const at = taken_over_.find(guard);
        if (at == taken_over_.end() || !a.takes) continue;
        guard_owner const& owner = at->second;
        a.from.push_back(owner.wire);
        // An item can occur in a transaction once.
        auto const same = [&](check const& c) {
            return c.owner.table == owner.table && key_identity(c.owner.key) == key_identity(owner.key);
        };
        auto found = std::find_if(checks_.begin(), checks_.end(), same);
        if (found == checks_.end()) found = checks_.insert(checks_.end(), {{}, owner, {}});
        found->guards.push_back(guard);
        found->lacks_values = std::move(found->lacks_values) && condition::not_of(has_values(a));
    }
}

// ---- sending

void guard_plan::append_entries(std::string& out, std::string_view table_prefix) const {
    for (auto const& [guard, a] : actions_) {
        std::string const pk = R"({"pk":)" + string_wire(guard.second);
        out += a.takes ? R"(,{"Put":{"TableName":)" : R"(,{"Delete":{"TableName":)";
        append_physical_table(out, table_prefix, guard.first);
        if (a.takes)
            out += R"(,"Item":)" + pk + R"(,"owner":)" + a.owner + R"(,"of":)" +
                   string_wire(origin_of(*a.type, *a.of)) + '}';
        else
            out += R"(,"Key":)" + pk + '}';
        std::vector<condition> terms;
        terms.emplace_back(condition::kind::not_exists, std::string(partition_name));
        for (auto const& owner : a.from)
            terms.emplace_back(condition::kind::equal, "owner", std::vector<std::string>(1, owner));
        dynamodb::expression_writer expressions;
        append_condition(out, condition::any_of(std::move(terms)), expressions);
        out += R"(,"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}})";
    }
    for (auto const& c : checks_) {
        out += R"(,{"ConditionCheck":{"TableName":)";
        append_physical_table(out, table_prefix, c.owner.table);
        out += R"(,"Key":)" + c.owner.key;
        dynamodb::expression_writer expressions;
        append_condition(out, c.lacks_values, expressions);
        out += "}}";
    }
}

void guard_plan::tell(std::string_view table_prefix, dynamodb::detail::request_targets& out) const {
    for (auto const& [guard, a] : actions_) {
        auto& target = out.targets.emplace_back();
        target.table = physical_table(table_prefix, guard.first);
        target.partition_name = partition_name;
        target.key = partition_fingerprint(partition_name, string_wire(guard.second));
    }
    for (auto const& c : checks_) out.targets.emplace_back().table = physical_table(table_prefix, c.owner.table);
}

// ---- after a cancellation

guard_plan::next guard_plan::learn(std::span<cancellation_reason const> reasons,
                                   std::span<decided_write const> writes) {
    bool changed = false;
    std::size_t i = 0;
    for (auto const& [guard, a] : actions_) {
        auto const& reason = reasons[i++];
        if (!was_refused(reason)) continue;
        if (!a.takes) {
            left_.insert(guard);
            changed = true;
            continue;
        }
        auto const owner = owner_in(reason.item);
        obstacle_.emplace(obstacle{guard, owner.value_or(guard_owner()), reason.item});
        if (!owner || owner->of != origin_of(*a.type, *a.of) || owner->table != a.type->table) return next::refuse;
        // What this transaction writes itself has been considered: it does not give the value up.
        auto const is_owner = [&](decided_write const& w) {
            return w.write.table() == owner->table && key_identity(w.write) == key_identity(owner->key);
        };
        if (std::any_of(writes.begin(), writes.end(), is_owner)) return next::refuse;
        return next::ask;
    }
    for (auto const& c : checks_) {
        if (!was_refused(reasons[i++])) continue;
        // The owner has got one of the values again. The guards say which, when they are not taken over.
        for (auto const& guard : c.guards) taken_over_.erase(guard);
        changed = true;
    }
    if (!changed) return next::nothing;
    decide(writes);
    return next::again;
}

std::string guard_plan::question(std::string_view table_prefix) const {
    action const& a = actions_.at(obstacle_->guard);
    std::string body = R"({"TableName":)";
    append_physical_table(body, table_prefix, obstacle_->owner.table);
    body += R"(,"Key":)" + obstacle_->owner.key + R"(,"ConsistentRead":true,"ProjectionExpression":)";
    dynamodb::expression_writer expressions;
    std::string names;
    for (auto const i : a.of->attributes) {
        names += names.empty() ? "" : ",";
        names += expressions.name((*a.type)[i].name);
    }
    dynamodb::append_json_string(body, names);
    expressions.append_members(body);
    body += '}';
    return body;
}

guard_plan::next guard_plan::answer(std::string_view item, std::span<decided_write const> writes) {
    if (is_satisfied(has_values(actions_.at(obstacle_->guard)), item)) return next::refuse;
    taken_over_[obstacle_->guard] = obstacle_->owner;
    decide(writes);
    return next::again;
}

error guard_plan::refusal(error const& because, std::span<decided_write const> writes,
                          std::string_view table_prefix) const {
    action const& a = actions_.at(obstacle_->guard);
    entity_type const& type = *a.type;
    auto const& owner = obstacle_->owner;
    diagnostics d = because.info();
    d.entity = type.name;
    d.table = physical_table(table_prefix, type.table);
    d.attribute = type[a.of->attributes.front()].name;
    d.key = writes[a.write].write.key();
    d.holder = owner.key;
    d.item = obstacle_->item;
    d.message = words_for_values(type, *a.of, a.values) + " is to be unique, and " +
                words_for_owner(owner, type, *a.of, table_prefix) + ", so the entity " + type.name + " with the key " +
                d.key + " was not written; choose another value";
    return error(make_error_code(errc::not_unique), std::move(d));
}

std::string guard_plan::words_for(std::size_t i) const {
    auto const& guard = i < actions_.size() ? std::next(actions_.begin(), static_cast<std::ptrdiff_t>(i))->first
                                            : checks_[i - actions_.size()].guards.front();
    action const& a = actions_.at(guard);
    return "the guard of " + words_for_members(*a.type, *a.of);
}

std::size_t guard_plan::write_of(std::size_t i) const noexcept {
    if (i < actions_.size()) return std::next(actions_.begin(), static_cast<std::ptrdiff_t>(i))->second.write;
    return actions_.at(checks_[i - actions_.size()].guards.front()).write;
}

} // namespace dynasio::detail
