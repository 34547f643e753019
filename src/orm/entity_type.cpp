#include <dynasio/orm/detail/describe.hpp>
#include <dynasio/orm/entity_type.hpp>
#include <dynasio/orm/names.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace dynasio {

using dynamodb::attribute_type;
using dynamodb::json_reader;

namespace {

// Length and first seven bytes of a name in one word: nearly every comparison ends there.
std::uint64_t name_tag(std::string_view name) {
    std::uint64_t tag = 0;
    if (name.size() >= 8)
        std::memcpy(&tag, name.data(), 8);
    else
        std::memcpy(&tag, name.data(), name.size());
    return (tag << 8) | (name.size() & 0xff);
}

} // namespace

std::string relation_info::path() const { return std::string(name.entity) + '.' + std::string(name.member); }

void entity_type::decode(json_reader& in, void* entity) const {
    in.enter_object();
    std::string_view attribute_name;
    std::size_t const count = attributes.size();
    std::size_t expected = 0;
    attribute_info const* current = nullptr;
    bool have_partition = false;
    bool have_sort = !key.sort;
    try {
        while (in.next_member(attribute_name)) {
            // Items of a table mostly come with their attributes in one order: the one after the last found is tried
            // first.
            std::size_t i = expected;
            if (i >= count || attributes[i].name != attribute_name) {
                std::uint64_t const wanted = name_tag(attribute_name);
                for (i = 0; i < count; ++i)
                    if (name_tags[i] == wanted && attributes[i].name == attribute_name) break;
                if (i == count) {
                    in.skip_value();
                    continue;
                }
            }
            expected = i + 1;
            if (i == key.partition) have_partition = true;
            if (key.sort && i == *key.sort) have_sort = true;
            current = &attributes[i];
            current->decode(in, current->member_of(entity));
            current = nullptr;
        }
    } catch (error const& e) {
        if (!current) throw;
        diagnostics d = e.info();
        d.entity = name;
        d.attribute = current->name;
        throw_error(e.code(), std::move(d));
    }
    if (!have_partition || !have_sort) {
        diagnostics d;
        d.entity = name;
        d.attribute = attributes[have_partition ? *key.sort : key.partition].name;
        d.message = "an item lacks its key attribute; does the schema describe this table, and does the index project "
                    "all attributes?";
        throw_error(errc::attribute_missing, std::move(d));
    }
}

namespace {

bool is_empty_key(std::string_view wire) { return wire.empty() || wire == R"({"S":""})" || wire == R"({"B":""})"; }

[[noreturn]] void throw_empty_key(entity_type const& t, attribute_info const& a) {
    diagnostics d;
    d.entity = t.name;
    d.table = t.table;
    d.attribute = a.name;
    d.message = "the key member " + t.name + "::" + a.member + " is empty; DynamoDB stores no empty keys: set it first";
    throw_error(errc::empty_key, std::move(d));
}

} // namespace

std::vector<std::string> entity_type::encode_values(void const* entity,
                                                    std::span<override_value const> overrides) const {
    std::vector<std::string> values(attributes.size());
    for (attribute_index i = 0; i < attributes.size(); ++i) {
        auto const replaced =
            std::find_if(overrides.begin(), overrides.end(), [i](override_value const& o) { return o.attribute == i; });
        values[i] = replaced == overrides.end() ? wire(entity, i) : replaced->wire;
    }
    return values;
}

void entity_type::encode_members(std::string& out, void const* entity,
                                 std::span<override_value const> overrides) const {
    auto const values = encode_values(entity, overrides);
    bool first = true;
    for (attribute_index i = 0; i < attributes.size(); ++i) {
        if (values[i].empty()) continue;
        if (!first) out += ',';
        first = false;
        dynamodb::append_json_string(out, attributes[i].name);
        out += ':';
        out += values[i];
    }
}

void entity_type::encode_key(std::string& out, void const* entity) const {
    auto const part = [&](attribute_index i) {
        attribute_info const& a = attributes[i];
        dynamodb::append_json_string(out, a.name);
        out += ':';
        auto const begin = out.size();
        if (!a.absent(a.member_of(entity))) a.encode(out, a.member_of(entity));
        if (is_empty_key(std::string_view(out).substr(begin))) throw_empty_key(*this, a);
    };
    out += '{';
    part(key.partition);
    if (key.sort) {
        out += ',';
        part(*key.sort);
    }
    out += '}';
}

void entity_type::encode_key(std::string& out, std::string_view partition, std::string_view sort) const {
    if (is_empty_key(partition)) throw_empty_key(*this, attributes[key.partition]);
    out += '{';
    dynamodb::append_json_string(out, attributes[key.partition].name);
    out += ':';
    out += partition;
    if (key.sort) {
        if (is_empty_key(sort)) throw_empty_key(*this, attributes[*key.sort]);
        out += ',';
        dynamodb::append_json_string(out, attributes[*key.sort].name);
        out += ':';
        out += sort;
    }
    out += '}';
}

std::string entity_type::wire(void const* entity, attribute_index i) const {
    std::string out;
    auto const& a = attributes[i];
    if (a.absent(a.member_of(entity))) return out;
    try {
        a.encode(out, a.member_of(entity));
    } catch (error const& e) {
        diagnostics d = e.info();
        d.entity = name;
        d.attribute = a.name;
        throw_error(e.code(), std::move(d));
    }
    if (a.index_key && is_empty_key(out)) out.clear();
    return out;
}

void entity_type::assign(void* entity, attribute_index i, std::string_view value) const {
    json_reader in(value);
    auto const& a = attributes[i];
    a.decode(in, a.member_of(entity));
    in.finish();
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

index_info const* entity_type::find_index(std::string_view index_name) const noexcept {
    if (index_name.empty()) return &key;
    auto const at =
        std::find_if(indexes.begin(), indexes.end(), [&](index_info const& i) { return i.name == index_name; });
    return at == indexes.end() ? nullptr : &*at;
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

// Text of a key for pivot rows. One part is written as it is. Of two parts, '%' and '#' in the first are escaped, so
// that the first '#' ends it.
namespace {

std::string part_text(std::string_view wire) {
    json_reader in(wire);
    (void)in.open_attribute();
    return std::string(in.read_string());
}

[[noreturn]] void throw_not_a_key(entity_type const& t) {
    diagnostics d;
    d.entity = t.name;
    d.message = "a pivot row names an entity of " + t.name + " by what is no text of its key";
    throw_error(errc::malformed_response, std::move(d));
}

std::string part_wire(entity_type const& t, attribute_index i, std::string_view text) {
    std::string out, bytes;
    if (text.empty()) throw_not_a_key(t);
    switch (t[i].type) {
    case attribute_type::number:
        if (dynamodb::canonical_number(text).empty()) throw_not_a_key(t);
        dynamodb::append_number_attribute(out, text);
        break;
    case attribute_type::binary:
        if (!dynamodb::decode_base64(text, bytes)) throw_not_a_key(t);
        out += R"({"B":)";
        dynamodb::append_json_string(out, text);
        out += '}';
        break;
    default:
        dynamodb::append_string_attribute(out, text);
    }
    return out;
}

} // namespace

std::string entity_type::key_text(void const* entity) const {
    auto const partition = wire(entity, key.partition);
    if (is_empty_key(partition)) throw_empty_key(*this, attributes[key.partition]);
    if (!key.sort) return part_text(partition);
    auto const sort = wire(entity, *key.sort);
    if (is_empty_key(sort)) throw_empty_key(*this, attributes[*key.sort]);
    std::string out;
    for (char const c : part_text(partition)) {
        if (c == '%')
            out += "%25";
        else if (c == '#')
            out += "%23";
        else
            out += c;
    }
    return out + '#' + part_text(sort);
}

std::string entity_type::key_from_text(std::string_view text) const {
    std::string out;
    if (!key.sort) {
        encode_key(out, part_wire(*this, key.partition, text), {});
        return out;
    }
    auto const hash = text.find('#');
    if (hash == std::string_view::npos) throw_not_a_key(*this);
    std::string first;
    auto const escaped = text.substr(0, hash);
    for (std::size_t i = 0; i < escaped.size(); ++i) {
        if (escaped.substr(i, 3) == "%25") {
            first += '%';
            i += 2;
        } else if (escaped.substr(i, 3) == "%23") {
            first += '#';
            i += 2;
        } else if (escaped[i] == '%') {
            throw_not_a_key(*this);
        } else {
            first += escaped[i];
        }
    }
    encode_key(out, part_wire(*this, key.partition, first), part_wire(*this, *key.sort, text.substr(hash + 1)));
    return out;
}

namespace detail {

std::string default_attribute_name(std::string_view member) { return snake_case(member); }
std::string default_table_name(std::string_view type) { return table_name_of(type); }

void finish_description(entity_type& t) {
    t.name_tags.clear();
    for (auto const& a : t.attributes) t.name_tags.push_back(name_tag(a.name));
    for (auto& r : t.relations) {
        if (r.kind != relation_kind::belongs_to_many || r.inverse_relation) continue;
        if (r.pivot_table.empty()) r.pivot_table = "pivots";
        r.pivot_key = t.table + '_' + snake_case(r.name.member);
    }
    for (auto const& index : t.indexes)
        for (auto const i : {std::optional(index.partition), index.sort})
            if (i && *i != t.key.partition && i != t.key.sort) t.attributes[*i].index_key = true;
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

} // namespace detail

} // namespace dynasio
