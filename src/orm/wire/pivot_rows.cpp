#include "pivot_rows.hpp"

#include <dynasio/orm/codec.hpp>

#include <dynasio/dynamodb/attribute_value.hpp>
#include <dynasio/dynamodb/detail/item_size.hpp>
#include <dynasio/dynamodb/expression.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error_context.hpp>
#include <dynasio/core/timestamp.hpp>

#include <algorithm>
#include <utility>

#include "../type/empty_key.hpp"
#include "../type/key_text.hpp"
#include "answer_members.hpp"
#include "table_name.hpp"

namespace dynasio::detail {

namespace {

constexpr std::string_view own_partition = "pk";
constexpr std::string_view own_sort = "sk";
constexpr std::string_view own_right_index = "by_right";
constexpr std::string_view pivot_key_name = "pivot_key";
constexpr std::string_view left_id = "id_left";
constexpr std::string_view right_id = "id_right";
constexpr std::string_view created_at = "created_at";
constexpr std::string_view extra_name = "extra";

std::string text_wire(std::string_view text) {
    std::string out;
    dynamodb::append_string_attribute(out, text);
    return out;
}

/// The key of a row; the values of its parts are in wire form.
std::string key_json(std::string_view partition_name, std::string_view partition, std::string_view sort_name,
                     std::string_view sort) {
    std::string out = "{";
    dynamodb::append_json_string(out, partition_name);
    out += ':';
    out += partition;
    out += ',';
    dynamodb::append_json_string(out, sort_name);
    out += ':';
    out += sort;
    return out += '}';
}

/// The time in an attribute of rows that others write, which may hold anything.
std::optional<timestamp> time_in(dynamodb::attribute_value const& value) {
    if (value.type() != dynamodb::attribute_type::string) return std::nullopt;
    return timestamp::parse(value.as_string());
}

} // namespace

pivot_rows::pivot_rows(relation_info const& relation)
    : relation_(&relation), declared_(relation.inverse_relation ? &relation.inverse_relation() : &relation),
      reverse_(relation.inverse_relation != nullptr) {}

// ---- the table

std::string_view pivot_rows::partition_name() const noexcept {
    return are_named() ? std::string_view(declared_->link_attributes.left) : own_partition;
}
std::string_view pivot_rows::sort_name() const noexcept {
    return are_named() ? std::string_view(declared_->link_attributes.right) : own_sort;
}

pivot_rows::table_layout pivot_rows::layout() const {
    if (!are_named()) return {{own_partition}, {own_sort}, own_right_index, {right_id}, {pivot_key_name}};
    auto const key_of = [](std::string_view name, entity_type const& type) {
        return key_attribute{name, type[type.key.partition].type};
    };
    auto const& names = declared_->link_attributes;
    table_layout made;
    made.partition = key_of(names.left, declared_->owner());
    made.sort = key_of(names.right, declared_->target());
    made.index = names.right_index;
    made.index_partition = made.sort;
    made.index_sort = made.partition;
    return made;
}

std::string_view pivot_rows::guard_table() const noexcept {
    return are_named() ? default_pivot_table : std::string_view(declared_->pivot_table);
}
pivot_rows::table_layout pivot_rows::guard_layout() noexcept { return {{own_partition}, {own_sort}, {}, {}, {}}; }

// ---- reading

bool pivot_rows::is_sorted() const noexcept {
    entity_type const& far = relation_->target();
    bool const is_key = are_named() || far[far.key.partition].type == dynamodb::attribute_type::string;
    return !reverse_ && !far.key.sort && is_key;
}

query_text pivot_rows::text(std::string table, bool consistent, bool descending) const {
    dynamodb::expression_writer expressions;
    std::string condition;
    if (!reverse_) {
        condition = expressions.name(partition_name()) + " = " + expressions.open_value();
        return {std::move(table), std::string(), std::string(partition_name()), condition,
                expressions,      consistent,    descending && is_sorted()};
    }
    if (are_named()) {
        condition = expressions.name(sort_name()) + " = " + expressions.open_value();
        return {std::move(table),
                declared_->link_attributes.right_index,
                std::string(sort_name()),
                condition,
                expressions,
                false};
    }
    condition = expressions.name(right_id) + " = " + expressions.open_value();
    condition +=
        " AND " + expressions.name(pivot_key_name) + " = " + expressions.value(text_wire(declared_->pivot_key));
    return {std::move(table), std::string(own_right_index), std::string(right_id), condition, expressions, false};
}

std::string pivot_rows::counting_body(query_text const& text, std::string_view key, std::string_view cursor) {
    std::string body;
    text.append_body(body, key_values(&key, 1), std::nullopt, cursor);
    body.pop_back(); // the brace
    body += R"(,"Select":"COUNT"})";
    return body;
}

std::string pivot_rows::key_for(void const* entity) const {
    std::string const text = key_text(relation_->owner(), entity);
    return reverse_ ? right_value(text) : left_value(text);
}

bool pivot_rows::changes(dynasio::pivot const& stored, dynasio::pivot const& given) const {
    if (!are_named()) return given.extra() != stored.extra();
    return std::any_of(given.extra().begin(), given.extra().end(), [&](auto const& one) {
        auto const* const there = stored.find(one.first);
        // Rows are read without what is NULL in them.
        return there == nullptr ? !one.second.is_null() : *there != one.second;
    });
}

dynasio::pivot pivot_rows::after(dynasio::pivot const& stored, dynasio::pivot const& given) const {
    if (!are_named()) return given;
    dynamodb::item all = stored.extra();
    for (auto const& [name, value] : given.extra())
        value.is_null() ? static_cast<void>(all.erase(name)) : static_cast<void>(all.insert_or_assign(name, value));
    return {stored.created_at(), std::move(all)};
}

std::string pivot_rows::left_value(std::string const& left) const {
    if (!are_named()) return text_wire(left_text(left));
    return named_value(true, left, max_partition_key);
}
std::string pivot_rows::right_value(std::string const& right) const {
    return are_named() ? named_value(false, right, max_sort_key) : text_wire(right_text(right));
}

std::string pivot_rows::named_value(bool left, std::string const& text, std::size_t most) const {
    entity_type const& type = left ? declared_->owner() : declared_->target();
    std::size_t size = text.size();
    if (type[type.key.partition].type == dynamodb::attribute_type::binary) { // the text is base64
        std::string bytes;
        if (dynamodb::decode_base64(text, bytes)) size = bytes.size();
    }
    if (size > most) throw_too_long(left, size, most);
    return key_value_from_text(type, text);
}

std::string pivot_rows::left_text(std::string const& left) const {
    std::string text = declared_->pivot_key + '#' + left;
    if (text.size() > max_partition_key)
        throw_too_long(true, left.size(), max_partition_key - (text.size() - left.size()));
    return text;
}

std::string const& pivot_rows::right_text(std::string const& right) const {
    if (right.size() > max_sort_key) throw_too_long(false, right.size(), max_sort_key);
    return right;
}

void pivot_rows::throw_too_long(bool left, std::size_t size, std::size_t most) const {
    diagnostics d;
    d.relation_path = relation_->path();
    d.entity = left ? declared_->owner().name : declared_->target().name;
    d.message = "the key of " + d.entity + ", the " + (left ? "left" : "right") + " side of " + declared_->path() +
                ", has " + std::to_string(size) + " bytes as text, and a link takes at most " + std::to_string(most) +
                ", because DynamoDB stores no longer keys: shorten it";
    throw_error(errc::invalid_argument, std::move(d));
}

void pivot_rows::read_named(dynamodb::json_reader& in, link_row& row) const {
    auto const& names = declared_->link_attributes;
    std::string_view const far = reverse_ ? names.left : names.right;
    std::string_view const near = reverse_ ? names.right : names.left;
    entity_type const& type = relation_->target();
    attribute_info const& key = type[type.key.partition];
    std::string_view name;
    std::string_view found;
    timestamp created;
    dynamodb::item data;
    in.enter_object();
    while (in.next_member(name)) {
        if (name == near) {
            in.skip_value();
        } else if (name == far) {
            found = in.skip_value();
        } else {
            std::string attribute(name);
            auto value = dynamodb::read_attribute_value(in);
            if (attribute == names.created_at)
                if (auto const time = time_in(value)) {
                    created = *time;
                    continue;
                }
            if (!value.is_null()) data.insert_or_assign(std::move(attribute), std::move(value));
        }
    }
    dynamodb::json_reader value(found);
    if (found.empty() || value.open_attribute() != key.type) {
        diagnostics d;
        d.attribute = far;
        d.message = "a row of the pivot table " + declared_->pivot_table + " does not name an entity of " + type.name +
                    " by its " + std::string(far) + ", which " +
                    (found.empty() ? "is missing" : "has another type than its key");
        throw_error(errc::malformed_response, std::move(d));
    }
    std::string wire;
    append_key_value(wire, key, found);
    type.encode_key(row.far_key, wire, {});
    row.far_text = text_of_key_value(type, wire);
    row.data = dynasio::pivot(created, std::move(data));
}

void pivot_rows::read(dynamodb::json_reader& in, link_row& row) const {
    if (are_named()) return read_named(in, row);
    std::string_view const other = reverse_ ? left_id : right_id;
    std::string_view name;
    timestamp created;
    dynamodb::item extra;
    in.enter_object();
    while (in.next_member(name)) {
        if (name == other) {
            codec<std::string>::decode(in, row.far_text);
        } else if (name == created_at) {
            // Of rows that others write, NULL is absent, as in entities.
            if (in.sees_value()) {
                codec<timestamp>::decode(in, created);
                continue;
            }
            std::string_view const text = in.skip_value();
            dynamodb::json_reader first(text), second(text);
            if (!dynamodb::read_attribute_value(first).is_null()) codec<timestamp>::decode(second, created);
        } else if (name == extra_name) {
            auto const value = dynamodb::read_attribute_value(in);
            if (!value.is_null()) extra = value.as_map();
        } else {
            in.skip_value();
        }
    }
    if (row.far_text.empty())
        throw_error(errc::malformed_response,
                    "a row of the pivot table lacks its " + std::string(other) + "; is it a pivot table?");
    row.far_key = key_from_text(relation_->target(), row.far_text);
    row.data = dynasio::pivot(created, std::move(extra));
}

std::string pivot_rows::key_of_row(std::string_view row) const {
    try {
        auto const partition = member_value(row, partition_name());
        auto const sort = member_value(row, sort_name());
        if (partition.empty() || sort.empty()) return {};
        return key_json(partition_name(), partition, sort_name(), sort);
    } catch (error const&) {
        return {}; // the error of the row itself is the one that the caller sees
    }
}

// ---- writing

namespace {

/// Calls `make`, which makes the text of a key. An entity without a key is not saved yet.
template <class Make>
std::string text_of_saved(write_environment const& env, relation_info const& relation, entity_type const& type,
                          Make make) {
    try {
        return make();
    } catch (error const& e) {
        if (e.code() != errc::empty_key) throw;
        diagnostics d = e.info();
        d.table = physical_table(env.table_prefix, type.table);
        d.relation_path = relation.path();
        d.message = "both sides of " + d.relation_path + " must be saved before they can be linked: " + d.message;
        throw_error(errc::entity_not_saved, std::move(d));
    }
}

constexpr std::string_view guard_count = "count";

} // namespace

/// The condition on a row, as members of a request with the names and values of `expressions`.
std::string pivot_rows::condition_members(required row, dynamodb::expression_writer& expressions) const {
    std::string members;
    if (row != required::nothing) {
        auto const function = row == required::present ? "attribute_exists(" : "attribute_not_exists(";
        members += R"(,"ConditionExpression":)";
        dynamodb::append_json_string(members, function + expressions.name(partition_name()) + ')');
    }
    expressions.append_members(members);
    return members;
}

std::string pivot_rows::near_text(write_environment const& env, void const* near) const {
    entity_type const& type = relation_->owner();
    return text_of_saved(env, *relation_, type, [&] { return key_text(type, near); });
}

std::string pivot_rows::far_text(write_environment const& env, lowered_key const& far) const {
    entity_type const& type = relation_->target();
    return text_of_saved(env, *relation_, type, [&] { return text_of_json_key(type, far.json()); });
}

pivot_rows::ids pivot_rows::ids_of(write_environment const& env, void const* near, void const* far) const {
    entity_type const& type = relation_->target();
    auto other = text_of_saved(env, *relation_, type, [&] { return key_text(type, far); });
    return {near_text(env, near), std::move(other)};
}

pivot_rows::ids pivot_rows::ids_of(write_environment const& env, void const* near, lowered_key const& far) const {
    return {near_text(env, near), far_text(env, far)};
}

row_key pivot_rows::key_of(ids const& both) const {
    row_key key;
    key.table = table();
    key.partition_name = partition_name();
    key.partition_value = left_value(reverse_ ? both.far : both.near);
    key.json =
        key_json(partition_name(), key.partition_value, sort_name(), right_value(reverse_ ? both.near : both.far));
    return key;
}

item_write pivot_rows::attach(write_environment const& env, ids const& both, std::optional<dynasio::pivot> const& data,
                              required row, std::string body) const {
    dynamodb::expression_writer expressions;
    std::string update = "SET ";
    auto const set = [&](std::string_view name, std::string const& wire) {
        update += expressions.name(name) + " = " + expressions.value(wire) + ", ";
    };
    auto const set_once = [&](std::string_view name, std::string const& wire) {
        auto const placeholder = expressions.name(name);
        update += placeholder + " = if_not_exists(" + placeholder + ", " + expressions.value(wire) + ")";
    };
    auto const now = text_wire(timestamp(env.now).to_string());
    if (are_named()) {
        // Data that name the time replace it; so do those of rows in which something else stands there.
        bool const has_time = data && data->find(declared_->link_attributes.created_at) != nullptr;
        if (!has_time) set_once(declared_->link_attributes.created_at, now);
    } else {
        set(pivot_key_name, text_wire(declared_->pivot_key));
        set(left_id, text_wire(reverse_ ? both.far : both.near));
        set(right_id, text_wire(reverse_ ? both.near : both.far));
        set_once(created_at, now);
        if (!data) {
            update += ", ";
            set_once(extra_name, R"({"M":{}})");
        }
    }
    if (data) {
        try {
            append_data(*data, update, expressions);
        } catch (error const& e) { // the error names the attribute already
            auto const path = relation_->path();
            auto const physical = physical_table(env.table_prefix, table());
            rethrow_with(
                e,
                {.operation = to_string(dynamodb::operation::update_item), .table = physical, .relation_path = path});
        }
    }
    std::string members = R"(,"UpdateExpression":)";
    dynamodb::append_json_string(members, update);
    members += condition_members(row, expressions);
    return make_row_update(env, key_of(both), members, std::move(body));
}

void pivot_rows::append_data(dynasio::pivot const& data, std::string& update,
                             dynamodb::expression_writer& expressions) const {
    dynamodb::detail::item_measure measure;
    std::size_t size = 0;
    auto const append = [&](std::string_view name, dynamodb::attribute_value const& value) {
        std::string wire;
        dynamodb::append_json(wire, value);
        measure.add(name, wire);
        size += name.size() + wire.size();
        if (!update.ends_with(' ')) update += ", ";
        update += expressions.name(name) + " = " + expressions.value(wire);
    };
    if (!are_named()) {
        append(extra_name, dynamodb::attribute_value(data.extra()));
    } else {
        auto const& names = declared_->link_attributes;
        for (auto const& [name, value] : data.extra()) {
            if (name == names.left || name == names.right) {
                diagnostics d;
                d.attribute = name;
                d.message = "the data of a link cannot have the name " + name +
                            ", because the row stores the key of an entity there; give it another name";
                throw_error(errc::invalid_argument, std::move(d));
            }
            append(name, value);
        }
    }
    // The names and the text of values are longer than what is stored of them.
    if (size > dynamodb::detail::max_item_size) measure.check();
}

item_write pivot_rows::detach(write_environment const& env, ids const& both, required row, std::string body) const {
    dynamodb::expression_writer expressions;
    return make_row_delete(env, key_of(both), condition_members(row, expressions), std::move(body));
}

void pivot_rows::append_attach(std::vector<item_write>& to, write_environment const& env, ids const& both,
                               std::optional<dynasio::pivot> const& data, required row) const {
    to.push_back(attach(env, both, data, row, {}));
    if (is_pair(both)) to.push_back(attach(env, {both.far, both.near}, data, required::nothing, {}));
}

void pivot_rows::append_detach(std::vector<item_write>& to, write_environment const& env, ids const& both,
                               required row) const {
    to.push_back(detach(env, both, row, {}));
    if (is_pair(both)) to.push_back(detach(env, {both.far, both.near}, required::nothing, {}));
}

// ---- the guard of all links of an entity

row_key pivot_rows::guard_key(std::string_view near_text) const {
    row_key key;
    key.table = guard_table();
    key.partition_name = own_partition;
    // No row begins so, because a pivot key is a name.
    std::string partition = '#' + declared_->pivot_key + '#';
    partition += near_text;
    if (partition.size() > max_partition_key)
        throw_too_long(!reverse_, near_text.size(), max_partition_key - (partition.size() - near_text.size()));
    key.partition_value = text_wire(partition);
    key.json = key_json(own_partition, key.partition_value, own_sort, text_wire(reverse_ ? "right" : "left"));
    return key;
}

std::string pivot_rows::guard_question(write_environment const& env, std::string_view near_text) const {
    std::string body = R"({"TableName":)";
    dynamodb::append_json_string(body, physical_table(env.table_prefix, guard_table()));
    body += R"(,"Key":)" + guard_key(near_text).json + R"(,"ConsistentRead":true})";
    return body;
}

std::uint64_t pivot_rows::read_guard(std::string_view answer) {
    std::uint64_t count = 0;
    dynamodb::json_reader in(answer);
    std::string_view name;
    in.enter_object();
    while (in.next_member(name)) {
        if (name != "Item" || in.read_if_null()) {
            in.skip_value();
            continue;
        }
        bool is_there = false;
        in.enter_object();
        while (in.next_member(name)) {
            if (name == guard_count) {
                codec<std::uint64_t>::decode(in, count);
                is_there = true;
            } else {
                in.skip_value();
            }
        }
        if (!is_there) in.fail("the guard of the links of an entity lacks its count");
    }
    in.finish();
    return count;
}

item_write pivot_rows::count_on(write_environment const& env, std::string_view near_text, std::uint64_t count) const {
    dynamodb::expression_writer expressions;
    auto const number = [](std::uint64_t n) {
        std::string wire;
        codec<std::uint64_t>::encode(wire, n);
        return wire;
    };
    auto const name = expressions.name(guard_count);
    std::string members = R"(,"UpdateExpression":)";
    dynamodb::append_json_string(members, "SET " + name + " = " + expressions.value(number(count + 1)));
    members += R"(,"ConditionExpression":)";
    dynamodb::append_json_string(members, count == 0 ? "attribute_not_exists(" + name + ')'
                                                     : name + " = " + expressions.value(number(count)));
    expressions.append_members(members);
    return make_row_update(env, guard_key(near_text), members, {});
}

} // namespace dynasio::detail
