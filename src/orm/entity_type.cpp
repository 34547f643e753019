#include <dynasio/orm/detail/describe.hpp>
#include <dynasio/orm/entity_type.hpp>
#include <dynasio/orm/names.hpp>

#include <dynasio/dynamodb/expression.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <utility>

namespace dynasio {

using dynamodb::attribute_type;
using dynamodb::json_reader;

namespace {

using dynamodb::detail::name_words;

name_words words_of(std::string_view name) {
    std::array<char, dynamodb::detail::max_short_name> text{};
    std::copy_n(name.data(), std::min(name.size(), text.size()), text.data());
    return dynamodb::detail::words_of(text.data(), name.size());
}

/// Where in the table the search for a name begins.
std::size_t first_slot(name_words const& words, std::size_t name_size, std::uint64_t multiplier, std::size_t mask) {
    auto const mixed = (words.low ^ (words.high * 0x9e3779b97f4a7c15) ^ name_size) * multiplier;
    return static_cast<std::size_t>(mixed >> 40) & mask;
}

/// The slot of a name, or an empty one. Nearly always found where the search begins: a branch that predicts, whatever
/// the order of attributes is.
entity_type::name_slot const& find_name(entity_type const& t, name_words const& words, std::string_view name) {
    auto const mask = t.names_table.size() - 1;
    for (auto at = first_slot(words, name.size(), t.names_multiplier, mask);; at = (at + 1) & mask) {
        auto const& slot = t.names_table[at];
        bool const is_it = slot.words == words && slot.name_size == name.size() &&
                           (name.size() <= dynamodb::detail::max_short_name ||
                            (slot.attribute != slot.no_attribute && t.attributes[slot.attribute].name == name));
        if (is_it || slot.attribute == slot.no_attribute) return slot;
    }
}

/// Fills the table. A few multipliers are tried, so that most names are where the search begins.
void index_names(entity_type& t) {
    std::size_t const size = std::bit_ceil(t.attributes.size() * 4 + 4);
    std::size_t fewest = t.attributes.size() + 1;
    std::uint64_t multiplier = 0xd6e8feb86659fd93;
    for (int tries = 0; tries != 32 && fewest != 0; ++tries, multiplier = multiplier * 6364136223846793005 + 2) {
        std::vector<entity_type::name_slot> table(size);
        std::size_t moved = 0;
        for (attribute_index i = 0; i != t.attributes.size(); ++i) {
            std::string_view const name = t.attributes[i].name;
            auto const words = words_of(name);
            auto at = first_slot(words, name.size(), multiplier, size - 1);
            if (table[at].attribute != entity_type::name_slot::no_attribute) ++moved;
            while (table[at].attribute != entity_type::name_slot::no_attribute) at = (at + 1) & (size - 1);
            std::uint8_t const part = i == t.key.partition ? 0 : i == t.key.sort ? 1 : entity_type::name_slot::neither;
            table[at] = {words, static_cast<std::uint32_t>(name.size()), i, part};
        }
        if (moved >= fewest) continue;
        fewest = moved;
        t.names_table = std::move(table);
        t.names_multiplier = multiplier;
    }
}

/// Up to 64 of the attributes that one item had. Asked once at the end, so that it costs each attribute a few
/// instructions and no branch that depends on the item.
struct attribute_bits {
    static constexpr attribute_index count = 64;

    void add(attribute_index i) noexcept {
        auto const self = std::uint64_t{1} << i;
        twice |= seen & self;
        seen |= self;
    }
    [[nodiscard]] std::size_t first_twice() const noexcept { return static_cast<std::size_t>(std::countr_zero(twice)); }

    std::uint64_t seen = 0;
    std::uint64_t twice = 0;
};
static_assert(detail::max_members <= 2 * attribute_bits::count);

} // namespace

std::string relation_info::path() const { return std::string(name.entity) + '.' + std::string(name.member); }

void entity_type::decode(json_reader& in, void* entity) const {
    key_text_view ignored;
    decode(in, entity, ignored);
}

void entity_type::decode(json_reader& in, void* entity, key_text_view& found) const {
    in.enter_object();
    std::string_view attribute_name;
    name_words words;
    attribute_info const* current = nullptr;
    // Of the partition key, of the sort key, and of whatever came last: chosen without a branch.
    std::array<std::string_view, 3> values{};
    attribute_bits low;
    attribute_bits high; // of few entities
    try {
        while (in.next_member(attribute_name, words)) {
            name_slot const& slot = find_name(*this, words, attribute_name);
            attribute_index const i = slot.attribute;
            if (i == name_slot::no_attribute) {
                in.skip_value();
                continue;
            }
            if (i < low.count) [[likely]]
                low.add(i);
            else
                high.add(static_cast<attribute_index>(i - low.count));
            std::size_t const begin = in.skip_to_value();
            current = &attributes[i];
            current->decode(in, current->member_of(entity));
            current = nullptr;
            values[slot.key_part] = in.text_since(begin);
        }
    } catch (error const& e) {
        if (!current) throw;
        diagnostics d = e.info();
        d.entity = name;
        d.attribute = current->name;
        throw_error(e.code(), std::move(d));
    }
    if ((low.twice | high.twice) != 0) [[unlikely]] {
        std::size_t const twice = low.twice != 0 ? low.first_twice() : low.count + high.first_twice();
        diagnostics d;
        d.entity = name;
        d.attribute = attributes[twice].name;
        d.message = "an item has this attribute twice";
        throw_error(errc::malformed_response, std::move(d));
    }
    found = {values[0], values[1]};
    if (found.partition.empty() || (key.sort && found.sort.empty())) {
        diagnostics d;
        d.entity = name;
        d.attribute = attributes[found.partition.empty() ? key.partition : *key.sort].name;
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

void entity_type::encode_members(std::string& out, void const* entity, std::span<override_value const> overrides,
                                 bool needs_key) const {
    auto const before = out.size();
    for (attribute_index i = 0; i < attributes.size(); ++i) {
        attribute_info const& a = attributes[i];
        auto const start = out.size();
        if (start != before) out += ',';
        out += a.json_name;
        auto const value = out.size();
        auto const replaced =
            std::find_if(overrides.begin(), overrides.end(), [i](override_value const& o) { return o.attribute == i; });
        if (replaced != overrides.end())
            out += replaced->wire;
        else
            append_wire(out, entity, i);
        if (needs_key && (i == key.partition || key.sort == i) && is_empty_key(std::string_view(out).substr(value)))
            throw_empty_key(*this, a);
        if (out.size() == value) out.resize(start);
    }
}

void entity_type::encode_key(std::string& out, void const* entity) const {
    auto const part = [&](attribute_index i) {
        attribute_info const& a = attributes[i];
        auto const begin = begin_key_part(out, i);
        if (!a.absent(a.member_of(entity))) a.encode(out, a.member_of(entity));
        end_key_part(out, i, begin);
    };
    part(key.partition);
    if (key.sort) part(*key.sort);
}

void entity_type::encode_key(std::string& out, std::string_view partition, std::string_view sort) const {
    auto const part = [&](attribute_index i, std::string_view value) {
        auto const begin = begin_key_part(out, i);
        out += value;
        end_key_part(out, i, begin);
    };
    part(key.partition, partition);
    if (key.sort) part(*key.sort, sort);
}

std::size_t entity_type::begin_key_part(std::string& out, attribute_index i) const {
    out += i == key.partition ? '{' : ',';
    out += attributes[i].json_name;
    return out.size();
}

void entity_type::end_key_part(std::string& out, attribute_index i, std::size_t begin) const {
    if (is_empty_key(std::string_view(out).substr(begin))) throw_empty_key(*this, attributes[i]);
    if (i == key.sort.value_or(key.partition)) out += '}';
}

std::string entity_type::wire(void const* entity, attribute_index i) const {
    std::string out;
    append_wire(out, entity, i);
    return out;
}

void entity_type::append_wire(std::string& out, void const* entity, attribute_index i) const {
    auto const& a = attributes[i];
    if (a.absent(a.member_of(entity))) return;
    auto const begin = out.size();
    try {
        a.encode(out, a.member_of(entity));
    } catch (error const& e) {
        diagnostics d = e.info();
        d.entity = name;
        d.attribute = a.name;
        throw_error(e.code(), std::move(d));
    }
    if (a.index_key && is_empty_key(std::string_view(out).substr(begin))) out.resize(begin);
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
    index_names(t);
    for (auto& a : t.attributes) {
        a.json_name.clear();
        dynamodb::append_json_string(a.json_name, a.name);
        a.json_name += ':';
    }
    dynamodb::expression_writer expressions;
    dynamodb::condition const absent(dynamodb::condition::kind::not_exists, t.attributes[t.key.partition].name);
    t.only_if_absent = R"(,"ConditionExpression":)";
    dynamodb::append_json_string(t.only_if_absent, expressions.write(absent));
    expressions.append_members(t.only_if_absent);
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
