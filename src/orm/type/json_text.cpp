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

void append_wire_of(std::string& out, std::string_view plain);

/// Calls `one(text)` for each element of an array.
template <class One> void each_element(std::string_view plain, One one) {
    json_reader in(plain);
    in.enter_array();
    while (in.next_element()) one(in.skip_value());
    in.finish();
}

/// Appends plain JSON as the attribute value that it is by itself: texts are S, numbers N, arrays L, objects M.
void append_wire_of(std::string& out, std::string_view plain) {
    switch (plain.front()) {
    case '"':
        out += R"({"S":)";
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
    case '[': {
        out += R"({"L":[)";
        bool first = true;
        each_element(plain, [&](std::string_view element) {
            if (!std::exchange(first, false)) out += ',';
            append_wire_of(out, element);
        });
        out += ']';
        break;
    }
    case '{': {
        out += R"({"M":{)";
        bool first = true;
        json_reader in(plain);
        std::string_view name;
        in.enter_object();
        while (in.next_member(name)) {
            if (!std::exchange(first, false)) out += ',';
            dynamodb::append_json_string(out, name);
            out += ':';
            append_wire_of(out, in.skip_value());
        }
        in.finish();
        out += '}';
        break;
    }
    default:
        out += R"({"N":")";
        out += plain;
        out += '"';
    }
    out += '}';
}

/// The type as which a member stores plain JSON: the first of its types that such JSON is written for.
attribute_type type_for(attribute_info const& a, std::string_view plain) {
    if (a.types == 0) return a.type;
    auto const first_of = [&](std::initializer_list<attribute_type> types) {
        for (auto const one : types)
            if ((a.types >> static_cast<unsigned>(one) & 1U) != 0) return one;
        return a.type;
    };
    if (plain.front() == '"') return first_of({attribute_type::string, attribute_type::binary});
    if (plain.front() != '[') return a.type;
    json_reader in(plain);
    in.enter_array();
    bool const of_texts = in.next_element() && in.peek() == json_reader::kind::string;
    return of_texts ? first_of({attribute_type::list, attribute_type::string_set, attribute_type::binary_set})
                    : first_of({attribute_type::list, attribute_type::number_set});
}

/// Appends plain JSON as a value of a member that is stored as `type`.
void append_wire_as(std::string& out, attribute_type type, std::string_view plain) {
    bool const is_text = plain.front() == '"';
    bool const is_array = plain.front() == '[';
    auto const set = [&](std::string_view label, bool quotes) {
        out += label;
        bool first = true;
        each_element(plain, [&](std::string_view element) {
            if (!std::exchange(first, false)) out += ',';
            if (quotes) out += '"';
            out += element;
            if (quotes) out += '"';
        });
        out += "]}";
    };
    if (type == attribute_type::binary && is_text) {
        out += R"({"B":)";
        out += plain;
        out += '}';
    } else if (type == attribute_type::string_set && is_array) {
        set(R"({"SS":[)", false);
    } else if (type == attribute_type::binary_set && is_array) {
        set(R"({"BS":[)", false);
    } else if (type == attribute_type::number_set && is_array) {
        set(R"({"NS":[)", true);
    } else {
        append_wire_of(out, plain);
    }
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
            append_wire_as(wire, type_for(type[*i], plain), plain);
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
