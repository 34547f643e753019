#include <dynasio/orm/expression.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/error_context.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace dynasio::detail {

using dynamodb::attribute_type;
using dynamodb::condition;

namespace {

/// Whether values of this wire form are of the type. NULL stands for members that store any type.
bool has_type(std::string_view wire, attribute_type type) {
    return type == attribute_type::null || wire.starts_with("{\"" + std::string(to_string(type)) + "\":");
}

std::string wrong_type(attribute_info const& a, std::string_view wire, char const* what, attribute_type wanted) {
    auto const end = wire.find('"', 2);
    return a.name + what + std::string(to_string(wanted)) + ", and the value is of type " +
           std::string(wire.substr(2, end - 2));
}

std::string unknown_attribute(entity_type const& type, std::string const& name) {
    auto const& all = type.attributes;
    auto const member = std::find_if(all.begin(), all.end(), [&](attribute_info const& a) { return a.member == name; });
    if (member != all.end()) return "the member " + name + " is stored under the name " + member->name;
    std::string known;
    for (auto const& a : all) known += (known.empty() ? "" : ", ") + a.name;
    return type.name + " has no attribute " + name + "; it has " + known +
           ". Another one that the items have stands in double quotes";
}

std::string wrong_elements(attribute_info const& a, std::string_view wire) {
    switch (a.type) {
    case attribute_type::string:
        return has_type(wire, a.type) ? std::string() : wrong_type(a, wire, " is stored as ", a.type);
    case attribute_type::binary:
        return has_type(wire, a.type) ? std::string() : wrong_type(a, wire, " is stored as ", a.type);
    case attribute_type::string_set:
        return has_type(wire, attribute_type::string)
                   ? std::string()
                   : wrong_type(a, wire, " has elements of type ", attribute_type::string);
    case attribute_type::number_set:
        return has_type(wire, attribute_type::number)
                   ? std::string()
                   : wrong_type(a, wire, " has elements of type ", attribute_type::number);
    case attribute_type::binary_set:
        return has_type(wire, attribute_type::binary)
                   ? std::string()
                   : wrong_type(a, wire, " has elements of type ", attribute_type::binary);
    case attribute_type::list:
    case attribute_type::null:
        return {};
    case attribute_type::number:
    case attribute_type::boolean:
    case attribute_type::map:
        break;
    }
    return a.name + " is stored as " + std::string(to_string(a.type)) + ", which contains nothing";
}

/// What is wrong with a comparison or function on an attribute of the entity.
std::string complaint(entity_type const& type, condition const& c, bool quoted) {
    auto const i = type.find_attribute(c.attribute());
    if (!i) return quoted ? std::string() : unknown_attribute(type, c.attribute());
    attribute_info const& a = type[*i];
    if (!c.path().steps().empty()) return {}; // the types of elements are not known
    if (c.is_on_size())
        return a.type == attribute_type::number || a.type == attribute_type::boolean
                   ? a.name + " is stored as " + std::string(to_string(a.type)) + ", which has no size"
                   : std::string();
    switch (c.type()) {
    case condition::kind::exists:
    case condition::kind::not_exists:
    case condition::kind::has_type:
        return {};
    case condition::kind::contains:
        return wrong_elements(a, c.operands().front());
    default:
        break;
    }
    for (auto const& wire : c.operands())
        if (!has_type(wire, a.type)) return wrong_type(a, wire, " is stored as ", a.type);
    return {};
}

} // namespace

void throw_value_without_a_value(std::string const& place) {
    throw_error(errc::invalid_argument, place + " of an expression is absent; an attribute without a value is "
                                                "attribute_not_exists(name)");
}

condition condition_of_text(entity_type const& type, std::string_view text,
                            dynamodb::detail::condition_values const& values) {
    try {
        return dynamodb::detail::parse_condition(
            text, values, [&](condition const& one, bool quoted) { return complaint(type, one, quoted); });
    } catch (error const& e) {
        throw with_context(e, {.entity = type.name});
    }
}

} // namespace dynasio::detail
