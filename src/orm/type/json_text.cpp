#include <dynasio/orm/json.hpp>
#include <dynasio/orm/names.hpp>

#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "error_path.hpp"

namespace dynasio::detail {

using dynamodb::attribute_type;
using dynamodb::json_reader;

namespace {

// ---- writing

/// Appends the elements of a list or set that `in` stands before, each by `one(reader)`.
template <class One> void append_array(std::string& out, json_reader& in, One one) {
    out += '[';
    bool first = true;
    in.enter_array();
    while (in.next_element()) {
        if (!std::exchange(first, false)) out += ',';
        one(in);
    }
    out += ']';
}

/// Appends an attribute value as plain JSON.
void append_plain(std::string& out, json_reader& in) {
    auto const type = in.open_attribute();
    switch (type) {
    case attribute_type::string:
    case attribute_type::binary:
    case attribute_type::boolean:
        out += in.skip_value();
        break;
    case attribute_type::number:
        out += in.read_string();
        break;
    case attribute_type::null:
        in.skip_value();
        out += "null";
        break;
    case attribute_type::string_set:
    case attribute_type::binary_set:
        append_array(out, in, [&](json_reader& each) { out += each.skip_value(); });
        break;
    case attribute_type::number_set:
        append_array(out, in, [&](json_reader& each) { out += each.read_string(); });
        break;
    case attribute_type::list:
        append_array(out, in, [&](json_reader& each) { append_plain(out, each); });
        break;
    case attribute_type::map: {
        out += '{';
        bool first = true;
        std::string_view name;
        in.enter_object();
        while (in.next_member(name)) {
            if (!std::exchange(first, false)) out += ',';
            dynamodb::append_json_string(out, name);
            out += ':';
            append_plain(out, in);
        }
        out += '}';
        break;
    }
    }
    in.close_attribute();
}

/// Entities of a handle as the elements of an array.
struct array_writer {
    std::string& out;
    entity_type const& type;
    json_relations relations;
    std::size_t count = 0;

    static void add(void* self, void const* entity) {
        auto& to = *static_cast<array_writer*>(self);
        if (to.count++ > 0) to.out += ',';
        to.out += json_of(to.type, entity, to.relations);
    }
};

void append_relation(std::string& out, relation_info const& relation, void const* entity) {
    void const* const handle = relation.handle_of(entity);
    if (relation.kind == relation_kind::morph_to) {
        auto const held = relation.alternative_in(handle);
        if (held)
            append_relation(out, relation.alternatives[*held], entity);
        else
            out += "null";
        return;
    }
    bool const is_single = relation.kind == relation_kind::has_one || relation.kind == relation_kind::belongs_to;
    std::string inner;
    array_writer entities{inner, relation.target(), json_relations::loaded};
    relation.visit(handle, &entities, &array_writer::add);
    if (is_single)
        out += inner.empty() ? "null" : inner;
    else
        out += '[' + inner + ']';
}

// ---- reading

/// Calls `one(text)` for each element of an array.
template <class One> void each_element(std::string_view plain, One one) {
    json_reader in(plain);
    in.enter_array();
    while (in.next_element()) one(in.skip_value());
    in.finish();
}
/// Calls `one(name, text)` for each member of an object.
template <class One> void each_member(std::string_view plain, One one) {
    json_reader in(plain);
    std::string_view name;
    in.enter_object();
    while (in.next_member(name)) {
        std::string const owned(name); // reading the value may change the reader's buffer
        one(std::string_view(owned), in.skip_value());
    }
    in.finish();
}

bool is_array_of_texts(std::string_view plain) {
    json_reader in(plain);
    in.enter_array();
    return in.next_element() && in.peek() == json_reader::kind::string;
}

/// The text of the tag in an object; empty when there is none.
std::string tag_in(std::string_view plain, std::string_view tag) {
    std::string found;
    each_member(plain, [&](std::string_view name, std::string_view value) {
        if (name == tag && value.front() == '"') found = json_reader(value).read_string();
    });
    return found;
}

/// The alternative of a std::variant that plain JSON is a value of. Null when no alternative says more about it than it
/// says itself, and where it can be a text or a list, which it is rather than bytes or a set.
value_shape const* alternative_for(value_shape const& of, std::string_view plain) {
    auto const find = [&](attribute_type type) -> value_shape const* {
        for (auto const& one : of.alternatives)
            if (one.shape->type == type && one.tag.empty()) return one.shape;
        return nullptr;
    };
    auto const first_of = [&](std::initializer_list<attribute_type> types) -> value_shape const* {
        for (auto const type : types)
            if (auto const* const found = find(type)) return found;
        return nullptr;
    };
    switch (plain.front()) {
    case '"':
        return of.takes_others ? nullptr : first_of({attribute_type::string, attribute_type::binary});
    case '[':
        if (auto const* const list = find(attribute_type::list)) return list;
        if (of.takes_others) return nullptr;
        return is_array_of_texts(plain) ? first_of({attribute_type::string_set, attribute_type::binary_set})
                                        : find(attribute_type::number_set);
    case '{':
        if (!of.tag.empty()) {
            auto const text = tag_in(plain, of.tag);
            for (auto const& one : of.alternatives)
                if (!one.tag.empty() && one.tag == text) return one.shape;
        }
        return find(attribute_type::map);
    default:
        return nullptr;
    }
}

/// The shape of a member of a struct, or of an element of a map.
value_shape const* shape_in(value_shape const& map, std::string_view name) {
    if (map.value == nullptr) return map.element;
    auto const& type = map.value();
    auto const i = type.find_attribute(name);
    return i ? type[*i].shape : nullptr;
}

/// Appends plain JSON as the attribute value that `shape` makes of it. Where that is null or of another type, texts are
/// S, numbers N, arrays L and objects M.
void append_value(std::string& out, value_shape const* shape, std::string_view plain) {
    if (shape != nullptr && !shape->alternatives.empty()) shape = alternative_for(*shape, plain);
    auto const type = shape != nullptr ? shape->type : attribute_type::null;
    bool first = true;
    auto const next = [&] {
        if (!std::exchange(first, false)) out += ',';
    };
    auto const append_set = [&](std::string_view label, std::string_view quote) {
        out += label;
        each_element(plain, [&](std::string_view element) {
            next();
            out += quote;
            out += element;
            out += quote;
        });
        out += ']';
    };
    switch (plain.front()) {
    case '"':
        out += type == attribute_type::binary ? R"({"B":)" : R"({"S":)";
        out += plain;
        break;
    case 't':
    case 'f':
        out += R"({"BOOL":)";
        out += plain;
        break;
    case 'n':
        out += R"({"NULL":true)";
        break;
    case '[':
        if (type == attribute_type::string_set) {
            append_set(R"({"SS":[)", "");
        } else if (type == attribute_type::binary_set) {
            append_set(R"({"BS":[)", "");
        } else if (type == attribute_type::number_set) {
            append_set(R"({"NS":[)", "\"");
        } else {
            auto const* const element = type == attribute_type::list ? shape->element : nullptr;
            out += R"({"L":[)";
            each_element(plain, [&](std::string_view each) {
                next();
                append_value(out, element, each);
            });
            out += ']';
        }
        break;
    case '{':
        out += R"({"M":{)";
        each_member(plain, [&](std::string_view name, std::string_view value) {
            next();
            dynamodb::append_json_string(out, name);
            out += ':';
            append_value(out, type == attribute_type::map ? shape_in(*shape, name) : nullptr, value);
        });
        out += '}';
        break;
    default:
        out += R"({"N":")";
        out += plain;
        out += '"';
    }
    out += '}';
}

} // namespace

std::string json_of(entity_type const& type, void const* entity, json_relations relations) {
    std::string out = "{";
    std::string wire;
    for (attribute_index i = 0; i < type.attributes.size(); ++i) {
        if (type[i].computed) continue; // It is no member, and nobody could set it.
        wire.clear();
        type.append_wire(wire, entity, i);
        if (wire.empty()) continue;
        if (out.size() > 1) out += ',';
        out += type[i].json_name;
        json_reader in(wire);
        append_plain(out, in);
    }
    if (relations == json_relations::loaded) {
        for (auto const& relation : type.relations) {
            auto const name = snake_case(relation.name.member);
            if (!relation.loaded(relation.handle_of(entity)) || type.find_attribute(name)) continue;
            if (out.size() > 1) out += ',';
            dynamodb::append_json_string(out, name);
            out += ':';
            append_relation(out, relation, entity);
        }
    }
    return out + '}';
}

void read_json_of(entity_type const& type, std::string_view text, void* into) {
    type.storage.name_handles(into);
    attribute_info const* current = nullptr;
    try {
        json_reader in(text);
        std::string_view name;
        std::string wire;
        in.enter_object();
        while (in.next_member(name)) {
            auto const i = type.find_attribute(name);
            auto const plain = in.skip_value();
            if (!i || type[*i].computed || plain == "null") continue;
            current = &type[*i];
            wire.clear();
            append_value(wire, type[*i].shape, plain);
            type.assign(into, *i, wire);
            current = nullptr;
        }
        in.finish();
    } catch (error const& e) {
        diagnostics d = e.info();
        d.entity = type.name;
        if (current != nullptr) {
            set_attribute(d, current->name);
            throw_error(e.code(), std::move(d));
        }
        d.message = "the text is no JSON object: " + d.message;
        throw_error(errc::invalid_argument, std::move(d));
    }
}

} // namespace dynasio::detail
