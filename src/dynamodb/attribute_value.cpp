#include <dynasio/dynamodb/attribute_value.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>

namespace dynasio::dynamodb {
namespace {

// The depth that json_reader's default limit can read again. The service accepts 32 levels.
constexpr unsigned max_levels = json_reader::default_max_depth / 2;

/// The members as texts in ascending order. Two texts are equal if and only if the members are.
std::vector<std::string_view> sorted(std::vector<std::string> const& members) {
    std::vector<std::string_view> result(members.begin(), members.end());
    std::sort(result.begin(), result.end());
    return result;
}
std::vector<std::string_view> sorted(std::vector<number> const& members) {
    // The text of a number is canonical, so equal numbers have equal texts.
    std::vector<std::string_view> result;
    result.reserve(members.size());
    for (auto const& member : members) result.emplace_back(member.text());
    std::sort(result.begin(), result.end());
    return result;
}
std::vector<std::string_view> sorted(std::vector<binary> const& members) {
    std::vector<std::string_view> result;
    result.reserve(members.size());
    for (auto const& member : members) result.emplace_back(member.bytes);
    std::sort(result.begin(), result.end());
    return result;
}

void append_member(std::string& out, std::string const& member) { append_json_string(out, member); }
void append_member(std::string& out, number const& member) {
    out.push_back('"');
    out += member.text();
    out.push_back('"');
}
void append_member(std::string& out, binary const& member) {
    out.push_back('"');
    append_base64(out, member.bytes);
    out.push_back('"');
}

void append(std::string& out, attribute_value const& value, unsigned levels);

void append(std::string& out, item const& value, unsigned levels) {
    out.push_back('{');
    bool first = true;
    for (auto const& [name, member] : value) {
        if (!first) out.push_back(',');
        first = false;
        try {
            append_json_string(out, name);
            out.push_back(':');
            append(out, member, levels);
        } catch (error const& e) {
            // In nested maps the outermost name is reported, because it is the name of the attribute.
            diagnostics d = e.info();
            d.attribute = name;
            throw_error(e.code(), std::move(d));
        }
    }
    out.push_back('}');
}

template <class Member> void append_set(std::string& out, std::vector<Member> const& members) {
    if (members.empty()) throw_error(errc::invalid_argument, "DynamoDB stores no empty set: leave the attribute out");
    auto const order = sorted(members);
    if (std::adjacent_find(order.begin(), order.end()) != order.end())
        throw_error(errc::invalid_argument, "a set has a member twice: remove one");
    char separator = '[';
    for (auto const& member : members) {
        out.push_back(separator);
        separator = ',';
        append_member(out, member);
    }
    out.push_back(']');
}

void append(std::string& out, attribute_value const& value, unsigned levels) {
    if (levels == max_levels)
        throw_error(errc::nesting_too_deep, "more than " + std::to_string(max_levels) + " levels of lists and maps");
    out += R"({")";
    out += to_string(value.type());
    out += R"(":)";
    switch (value.type()) {
    case attribute_type::string:
        append_json_string(out, value.as_string());
        break;
    case attribute_type::number:
        append_member(out, value.as_number());
        break;
    case attribute_type::binary:
        append_member(out, value.as_binary());
        break;
    case attribute_type::boolean:
        out += value.as_bool() ? "true" : "false";
        break;
    case attribute_type::null:
        out += "true";
        break;
    case attribute_type::list: {
        out.push_back('[');
        bool first = true;
        for (auto const& element : value.as_list()) {
            if (!first) out.push_back(',');
            first = false;
            append(out, element, levels + 1);
        }
        out.push_back(']');
        break;
    }
    case attribute_type::map:
        append(out, value.as_map(), levels + 1);
        break;
    case attribute_type::string_set:
        append_set(out, value.as_string_set().members);
        break;
    case attribute_type::number_set:
        append_set(out, value.as_number_set().members);
        break;
    case attribute_type::binary_set:
        append_set(out, value.as_binary_set().members);
        break;
    }
    out.push_back('}');
}

/// Appends the whole value or nothing, so that no part of a value stays in a request's body after an exception.
template <class Value> void append_whole(std::string& out, Value const& value) {
    auto const size_before = out.size();
    try {
        append(out, value, 0);
    } catch (...) {
        out.resize(size_before);
        throw;
    }
}

number read_number_text(json_reader& in) {
    auto result = number::try_parse(in.read_string());
    if (!result) in.fail("no number that DynamoDB stores");
    return std::move(*result);
}

binary read_binary_text(json_reader& in) {
    binary result;
    if (!decode_base64(in.read_string(), result.bytes)) in.fail("no base64");
    return result;
}

template <class Set, class Read> Set read_set(json_reader& in, Read read) {
    Set result;
    in.enter_array();
    while (in.next_element()) result.members.push_back(read(in));
    return result;
}

attribute_value read_typed(json_reader& in, attribute_type type) {
    switch (type) {
    case attribute_type::string:
        return in.read_string();
    case attribute_type::number:
        return read_number_text(in);
    case attribute_type::binary:
        return read_binary_text(in);
    case attribute_type::boolean:
        return in.read_bool();
    case attribute_type::null:
        if (!in.read_bool()) in.fail("NULL is not true");
        return null_value{};
    case attribute_type::list: {
        list result;
        in.enter_array();
        while (in.next_element()) result.push_back(read_attribute_value(in));
        return result;
    }
    case attribute_type::map:
        return read_item(in);
    case attribute_type::string_set:
        return read_set<string_set>(in, [](json_reader& from) { return std::string(from.read_string()); });
    case attribute_type::number_set:
        return read_set<number_set>(in, read_number_text);
    case attribute_type::binary_set:
        return read_set<binary_set>(in, read_binary_text);
    }
    in.fail("unknown type of an attribute value");
}

template <class Value, class Variant>
Value const& get_as(Variant const& value, attribute_type actual, attribute_type wanted) {
    if (auto const* const found = std::get_if<Value>(&value)) return *found;
    throw_error(errc::attribute_type_mismatch, "the attribute is of type " + std::string(to_string(actual)) + ", not " +
                                                   std::string(to_string(wanted)));
}

} // namespace

attribute_type attribute_value::type() const noexcept {
    // The types are in the order of the variant's alternatives.
    constexpr attribute_type types[] = {
        attribute_type::null,       attribute_type::string,    attribute_type::number, attribute_type::binary,
        attribute_type::boolean,    attribute_type::list,      attribute_type::map,    attribute_type::string_set,
        attribute_type::number_set, attribute_type::binary_set};
    static_assert(std::variant_size_v<decltype(value_)> == std::size(types));
    return types[value_.index()];
}

std::string const& attribute_value::as_string() const {
    return get_as<std::string>(value_, type(), attribute_type::string);
}
number const& attribute_value::as_number() const { return get_as<number>(value_, type(), attribute_type::number); }
bool attribute_value::as_bool() const { return get_as<bool>(value_, type(), attribute_type::boolean); }
binary const& attribute_value::as_binary() const { return get_as<binary>(value_, type(), attribute_type::binary); }
list const& attribute_value::as_list() const { return get_as<list>(value_, type(), attribute_type::list); }
item const& attribute_value::as_map() const { return get_as<item>(value_, type(), attribute_type::map); }
string_set const& attribute_value::as_string_set() const {
    return get_as<string_set>(value_, type(), attribute_type::string_set);
}
number_set const& attribute_value::as_number_set() const {
    return get_as<number_set>(value_, type(), attribute_type::number_set);
}
binary_set const& attribute_value::as_binary_set() const {
    return get_as<binary_set>(value_, type(), attribute_type::binary_set);
}

bool operator==(attribute_value const& a, attribute_value const& b) {
    if (a.type() != b.type()) return false;
    switch (a.type()) {
    case attribute_type::string:
        return a.as_string() == b.as_string();
    case attribute_type::number:
        return a.as_number() == b.as_number();
    case attribute_type::binary:
        return a.as_binary() == b.as_binary();
    case attribute_type::boolean:
        return a.as_bool() == b.as_bool();
    case attribute_type::null:
        return true;
    case attribute_type::list:
        return a.as_list() == b.as_list();
    case attribute_type::map:
        return a.as_map() == b.as_map();
    case attribute_type::string_set:
        return sorted(a.as_string_set().members) == sorted(b.as_string_set().members);
    case attribute_type::number_set:
        return sorted(a.as_number_set().members) == sorted(b.as_number_set().members);
    case attribute_type::binary_set:
        return sorted(a.as_binary_set().members) == sorted(b.as_binary_set().members);
    }
    return false;
}

void append_json(std::string& out, attribute_value const& value) { append_whole(out, value); }

void append_json(std::string& out, item const& value) { append_whole(out, value); }

attribute_value read_attribute_value(json_reader& in) {
    std::string_view text;
    if (in.read_if_attribute(attribute_type::string, text)) return text;
    auto const type = in.open_attribute();
    auto result = read_typed(in, type);
    in.close_attribute();
    return result;
}

item read_item(json_reader& in) {
    item result;
    std::string_view name;
    in.enter_object();
    while (in.next_member(name)) {
        // The name is copied before the value is read, because reading may reuse the buffer that contains the name.
        auto const [at, added] = result.try_emplace(std::string(name));
        if (!added) in.fail_repeated(at->first);
        at->second = read_attribute_value(in);
    }
    return result;
}

} // namespace dynasio::dynamodb
