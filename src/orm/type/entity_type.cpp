#include <dynasio/orm/detail/describe.hpp>
#include <dynasio/orm/entity_type.hpp>
#include <dynasio/orm/names.hpp>

#include <dynasio/dynamodb/expression.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "empty_key.hpp"
#include "name_table.hpp"
#include "projection_text.hpp"

namespace dynasio {

std::string relation_info::path() const { return std::string(name.entity) + '.' + std::string(name.member); }

namespace detail {

bool is_empty_key(std::string_view wire) noexcept {
    return wire.empty() || wire == R"({"S":""})" || wire == R"({"B":""})";
}

void throw_empty_key(entity_type const& t, attribute_info const& a) {
    diagnostics d;
    d.entity = t.name;
    d.attribute = a.name;
    d.message = "the key member " + t.name + "::" + a.member + " is empty; DynamoDB stores no empty keys: set it first";
    throw_error(errc::empty_key, std::move(d));
}

namespace {

/// The size of a key in wire form when it has more than `limit` bytes; 0 when it fits. A text with escapes is read only
/// when it may be too long.
std::size_t size_beyond(std::string_view wire, std::size_t limit) {
    constexpr std::size_t frame = 8; // {"S":"…"}
    if (wire.size() <= limit + frame) return 0;
    dynamodb::json_reader in(wire);
    bool const is_binary = in.open_attribute() == dynamodb::attribute_type::binary;
    std::string_view const text = in.read_string();
    std::size_t size = text.size();
    if (is_binary) {
        std::string bytes;
        if (!dynamodb::decode_base64(text, bytes)) return 0;
        size = bytes.size();
    }
    return size > limit ? size : 0;
}

std::size_t limit_of(index_info const& path, attribute_index i) {
    return i == path.partition ? max_partition_key : max_sort_key;
}

} // namespace

bool is_beyond_key(index_info const& path, attribute_index i, std::string_view wire) {
    return size_beyond(wire, limit_of(path, i)) != 0;
}

void refuse_long_key(entity_type const& t, attribute_info const& a, std::string_view wire) {
    if (a.max_key_size == 0) return;
    std::size_t const size = size_beyond(wire, a.max_key_size);
    if (size == 0) return;
    diagnostics d;
    d.entity = t.name;
    d.attribute = a.name;
    d.message = "the key member " + t.name + "::" + a.member + " has " + std::to_string(size) +
                " bytes, and DynamoDB takes " + std::to_string(a.max_key_size) +
                " of it (2048 of a partition key, 1024 of a sort key): shorten it, or store a digest of it as the key";
    throw_error(errc::invalid_argument, std::move(d));
}

void refuse_long_operand(entity_type const& t, index_info const& path, attribute_index i, std::string_view wire) {
    bool const is_partition = i == path.partition;
    std::size_t const limit = limit_of(path, i);
    std::size_t const size = size_beyond(wire, limit);
    if (size == 0) return;
    diagnostics d;
    d.entity = t.name;
    d.index = path.name;
    d.attribute = t[i].name;
    d.message = "the condition compares " + t.name + "::" + t[i].member + " with " + std::to_string(size) +
                " bytes, and DynamoDB takes " + std::to_string(limit) + " of a " +
                (is_partition ? "partition" : "sort") +
                " key, so no item has such a key; compare it with a shorter value";
    throw_error(errc::invalid_argument, std::move(d));
}

} // namespace detail

void entity_type::assign(void* entity, attribute_index i, std::string_view value) const {
    dynamodb::json_reader in(value);
    auto const& a = attributes[i];
    a.decode(in, a.member_of(entity));
    in.finish();
}

void entity_type::assign(void* entity, override_value const& made) const {
    if (auto const* const time = std::get_if<timestamp>(&made.value)) {
        *static_cast<timestamp*>(attributes[made.attribute].member_of(entity)) = *time;
        return;
    }
    if (std::holds_alternative<std::monostate>(made.value)) {
        auto const& a = attributes[made.attribute];
        if (a.clear != nullptr)
            a.clear(a.member_of(entity));
        else
            *static_cast<timestamp*>(a.member_of(entity)) = timestamp();
        return;
    }
    std::string wire;
    made.append_wire(wire);
    assign(entity, made.attribute, wire);
}

bool entity_type::is_trashed(void const* entity) const noexcept {
    if (!deleted_at) return false;
    auto const& a = attributes[*deleted_at];
    return static_cast<timestamp const*>(a.member_of(entity))->is_set();
}

std::optional<attribute_index> entity_type::find_attribute(std::string_view attribute_name) const noexcept {
    for (attribute_index i = 0; i < attributes.size(); ++i)
        if (attributes[i].name == attribute_name) return i;
    return std::nullopt;
}

relation_info const* entity_type::find_relation(std::string_view member) const noexcept {
    auto const at = std::find_if(relations.begin(), relations.end(),
                                 [&](relation_info const& r) { return r.name.member == member; });
    return at == relations.end() ? nullptr : &*at;
}

std::vector<attribute_index> entity_type::key_attributes() const {
    std::vector<attribute_index> all{key.partition};
    if (key.sort) all.push_back(*key.sort);
    return all;
}

std::vector<index_info const*> entity_type::paths_by(std::span<attribute_index const> by) const {
    std::vector<index_info const*> found;
    auto const consider = [&](index_info const& i) {
        if (!by.empty() && by.size() <= 2 && i.partition == by[0] && (by.size() == 1 || i.sort == by[1]))
            found.push_back(&i);
    };
    consider(key);
    for (auto const& i : indexes) consider(i);
    return found;
}

bool entity_type::projects(index_info const& path, attribute_index i) const noexcept {
    return path.projects == index_projection::all || key.is_key(i) || path.is_key(i) ||
           std::find(path.included.begin(), path.included.end(), i) != path.included.end();
}

namespace {

void refuse_equal_names(entity_type const& t) {
    for (std::size_t i = 0; i < t.attributes.size(); ++i)
        for (std::size_t j = i + 1; j < t.attributes.size(); ++j)
            if (t.attributes[i].name == t.attributes[j].name) {
                diagnostics d;
                d.entity = t.name;
                d.attribute = t.attributes[i].name;
                d.message = "two members are stored under the same name: " + t.attributes[i].member + " and " +
                            t.attributes[j].member + "; give one of them another with attribute<…>{\"name\"}";
                throw_error(errc::invalid_argument, std::move(d));
            }
}

/// Whether a member of this type writes the very value that it read, whatever that was.
bool keeps_value(detail::usual_type type) noexcept {
    using detail::usual_type;
    switch (type) {
    case usual_type::string:
    case usual_type::optional_string:
    case usual_type::signed_32:
    case usual_type::signed_64:
    case usual_type::unsigned_32:
    case usual_type::unsigned_64:
        return true;
    default:
        return false;
    }
}

std::vector<attribute_index> addresses_of(entity_type const& t) {
    auto all = t.key_attributes();
    for (auto const& r : t.relations) {
        if (r.kind == detail::relation_kind::belongs_to || !r.refers_to_key)
            all.insert(all.end(), r.owner_key.begin(), r.owner_key.end());
        if (r.kind == detail::relation_kind::morph_to)
            all.insert(all.end(), r.owner_key.begin() + 1, r.owner_key.end());
    }
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    std::erase_if(all, [&](attribute_index i) { return keeps_value(t[i].usual); });
    return all;
}

std::string text_of_only_if_absent(entity_type const& t) {
    dynamodb::expression_writer expressions;
    dynamodb::condition const absent(dynamodb::condition::kind::not_exists, t.attributes[t.key.partition].name);
    std::string out = R"(,"ConditionExpression":)";
    dynamodb::append_json_string(out, expressions.write(absent));
    expressions.append_members(out);
    return out;
}

void describe_projection(entity_type const& t, index_info& index) {
    index.whole = true;
    index.beside_keys = {};
    for (attribute_index i = 0; i < t.attributes.size(); ++i) {
        index.whole = index.whole && t.projects(index, i);
        if (!t.key.is_key(i) && !index.is_key(i)) index.beside_keys[i / 64] |= std::uint64_t{1} << (i % 64);
    }
}

} // namespace

namespace detail {

std::string default_attribute_name(std::string_view member) { return snake_case(member); }
std::string default_table_name(std::string_view type) { return table_name_of(type); }

void hide(attribute_info& a) {
    a.hidden = true;
    a.offset = 0;
    a.absent = [](void const*) { return true; };
    a.encode = [](std::string&, void const*) {};
    a.decode = [](dynamodb::json_reader& in, void*) { in.skip_value(); };
    a.usual = usual_type::none;
    a.refuses_null = true;
    a.clear = nullptr;
    a.show = nullptr;
    a.shape = nullptr;
    a.reset = nullptr;
}

namespace {

std::vector<attribute_index> projected_of(entity_type const& t) {
    std::vector<attribute_index> all;
    if (!t.is_projection) return all;
    for (attribute_index i = 0; i < t.attributes.size(); ++i) {
        bool const of_relation = std::any_of(t.relations.begin(), t.relations.end(), [&](relation_info const& r) {
            return std::find(r.owner_key.begin(), r.owner_key.end(), i) != r.owner_key.end();
        });
        if (!t[i].hidden || t.is_key(i) || of_relation || t.deleted_at == i) all.push_back(i);
    }
    return all;
}

} // namespace

void append_projection_of(std::string& out, dynamodb::expression_writer& expressions,
                          std::span<std::string const> names) {
    std::string list;
    for (auto const& name : names) {
        list += list.empty() ? "" : ",";
        list += expressions.name(name);
    }
    out += R"(,"ProjectionExpression":)";
    dynamodb::append_json_string(out, list);
}

std::string projection_of_names(std::span<std::string const> names) {
    dynamodb::expression_writer expressions;
    std::string out;
    append_projection_of(out, expressions, names);
    expressions.append_members(out);
    return out;
}

void finish_attributes(entity_type& t) {
    refuse_equal_names(t);
    for (auto& a : t.attributes) {
        a.json_name.clear();
        dynamodb::append_json_string(a.json_name, a.name);
        a.json_name += ':';
    }
    t.names = std::make_shared<name_table const>(t.attributes);
}

namespace {

/// A key of an index that is also one of the table has the table's limit.
void limit_keys(entity_type& t) {
    for (auto const& index : t.indexes) {
        auto const limit = [&](attribute_index i, std::uint16_t size) {
            auto& known = t.attributes[i].max_key_size;
            known = known == 0 ? size : std::min(known, size);
        };
        limit(index.partition, max_partition_key);
        if (index.sort) limit(*index.sort, max_sort_key);
    }
    t.attributes[t.key.partition].max_key_size = max_partition_key;
    if (t.key.sort) t.attributes[*t.key.sort].max_key_size = max_sort_key;
}

} // namespace

void finish_description(entity_type& t) {
    finish_attributes(t);
    for (auto const& index : t.indexes)
        for (auto const i : {std::optional(index.partition), index.sort})
            if (i && !t.key.is_key(*i)) t.attributes[*i].index_key = true;
    limit_keys(t);
    for (auto& index : t.indexes) describe_projection(t, index);
    for (auto& r : t.relations) {
        if (r.kind != relation_kind::belongs_to_many || r.inverse_relation) continue;
        if (r.pivot_table.empty()) r.pivot_table = default_pivot_table;
        r.pivot_key = t.table + '_' + snake_case(r.name.member);
    }
    for (auto& u : t.uniques) {
        if (u.table.empty()) u.table = default_guard_table;
        if (!u.name.empty()) continue;
        u.name = t.table;
        for (auto const i : u.attributes) u.name += (i == u.attributes.front() ? "." : "+") + t[i].name;
    }
    t.addresses = addresses_of(t);
    t.looks_again = !t.addresses.empty() || !t.defaults.empty();
    t.projected = projected_of(t);
    if (t.is_projection) {
        std::vector<std::string> names;
        for (auto const i : t.projected) names.push_back(t[i].name);
        t.projection_members = projection_of_names(names);
    }
    t.only_if_absent = text_of_only_if_absent(t);
    for (auto const& hook : t.hooks)
        if (hook.event == hook_event::after_read) t.read_hooks.push_back(hook);
    if (std::any_of(t.read_hooks.begin(), t.read_hooks.end(), [](entity_hook const& h) { return h.is_awaitable; }))
        t.awaited_read_hooks.swap(t.read_hooks);
}

} // namespace detail

} // namespace dynasio
