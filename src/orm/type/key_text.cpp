#include "key_text.hpp"

#include <dynasio/dynamodb/attribute_value.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>

#include <cstddef>
#include <utility>

#include "empty_key.hpp"

namespace dynasio::detail {

using dynamodb::attribute_type;

// The text of a key with one part is that part. With two parts, '%' and '#' in the first part are escaped, so that the
// first '#' of the text separates the parts.
namespace {

std::string part_text(entity_type const& t, attribute_index i, std::string_view wire) {
    if (is_empty_key(wire)) throw_empty_key(t, t[i]);
    dynamodb::json_reader in(wire);
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
        if (auto const number = dynamodb::canonical_number(text); number.empty())
            throw_not_a_key(t);
        else
            dynamodb::append_number_attribute(out, number);
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

namespace {

/// Finds the parts of the key in an item or key whose text begins at `item`; a part that is missing is empty.
void find_key_parts(entity_type const& type, std::string_view item, std::string_view& partition,
                    std::string_view& sort) {
    std::string_view name;
    dynamodb::json_reader in(item);
    in.enter_object();
    while (in.next_member(name)) {
        std::string_view* part = nullptr;
        if (name == type[type.key.partition].name)
            part = &partition;
        else if (type.key.sort && name == type[*type.key.sort].name)
            part = &sort;
        auto const value = in.skip_value();
        if (part != nullptr) *part = value;
    }
}

std::string text_of_parts(entity_type const& type, std::string_view partition_wire, std::string_view sort_wire) {
    std::string const partition = part_text(type, type.key.partition, partition_wire);
    if (!type.key.sort) return partition;
    std::string const sort = part_text(type, *type.key.sort, sort_wire);
    std::string out;
    for (char const c : partition) {
        if (c == '%')
            out += "%25";
        else if (c == '#')
            out += "%23";
        else
            out += c;
    }
    return out + '#' + sort;
}

} // namespace

std::string key_text(entity_type const& type, void const* entity) {
    std::string const partition = type.wire(entity, type.key.partition);
    std::string const sort = type.key.sort ? type.wire(entity, *type.key.sort) : std::string();
    return text_of_parts(type, partition, sort);
}

std::string text_of_json_key(entity_type const& type, std::string_view key) {
    std::string_view partition, sort;
    find_key_parts(type, key, partition, sort);
    return text_of_parts(type, partition, sort);
}

std::string text_of_key_value(entity_type const& type, std::string_view wire) {
    return part_text(type, type.key.partition, wire);
}

std::string key_value_from_text(entity_type const& type, std::string_view text) {
    return part_wire(type, type.key.partition, text);
}

std::string key_from_text(entity_type const& type, std::string_view text) {
    std::string out;
    if (!type.key.sort) {
        type.encode_key(out, key_value_from_text(type, text), {});
        return out;
    }
    auto const hash = text.find('#');
    if (hash == std::string_view::npos) throw_not_a_key(type);
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
            throw_not_a_key(type);
        } else {
            first += escaped[i];
        }
    }
    type.encode_key(out, part_wire(type, type.key.partition, first),
                    part_wire(type, *type.key.sort, text.substr(hash + 1)));
    return out;
}

std::string read_key(entity_type const& type, std::string_view item) {
    std::string_view partition, sort;
    find_key_parts(type, item, partition, sort);
    std::string key;
    if (!partition.empty() && (!type.key.sort || !sort.empty())) type.encode_key(key, partition, sort);
    return key;
}

namespace {

/// Whether a value is spelt as this library spells it, as nearly every value is.
bool is_usual_text(std::string_view wire) noexcept {
    return wire.starts_with(R"({"S":")") && wire.ends_with(R"("})") && wire.find('\\') == wire.npos;
}
bool is_usual_integer(std::string_view wire) noexcept {
    constexpr std::string_view begin = R"({"N":")";
    constexpr std::string_view end = R"("})";
    if (!wire.starts_with(begin) || !wire.ends_with(end) || wire.size() <= begin.size() + end.size()) return false;
    wire = wire.substr(begin.size(), wire.size() - begin.size() - end.size());
    if (wire.front() == '-') wire.remove_prefix(1);
    if (wire.empty() || wire.front() == '0') return wire == "0";
    return wire.find_first_not_of("0123456789") == wire.npos;
}

} // namespace

void append_key_value(std::string& out, attribute_info const& a, std::string_view wire) {
    if (wire.empty()) return;
    bool const usual = a.type == attribute_type::number ? is_usual_integer(wire) : is_usual_text(wire);
    if (usual) {
        out += wire;
        return;
    }
    dynamodb::json_reader in(wire);
    auto const value = dynamodb::read_attribute_value(in);
    if (value.type() == attribute_type::number) {
        if (auto const number = dynamodb::canonical_number(value.as_number().text()); !number.empty()) {
            dynamodb::append_number_attribute(out, number);
            return;
        }
    }
    dynamodb::append_json(out, value);
}

} // namespace dynasio::detail
