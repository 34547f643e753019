#ifndef DYNASIO_ORM_JSON_HPP
#define DYNASIO_ORM_JSON_HPP

#include <dynasio/orm/detail/describe.hpp>
#include <dynasio/orm/entity_type.hpp>
#include <dynasio/orm/tracked.hpp>

#include <boost/json/conversion.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <type_traits>

// Entities as JSON for other programs: {"id":"01H…","email_address":"a@b.c","age":42}.
namespace dynasio {

/// Whether JSON contains the relations of an entity that are loaded.
enum class json_relations : unsigned char { none, loaded };

namespace detail {

[[nodiscard]] std::string json_of(entity_type const& type, void const* entity, json_relations relations);
void read_json_of(entity_type const& type, std::string_view text, void* into);

/// Whether T is an entity: it has a schema function, and is no value, which would be the concern of Boost.JSON.
template <class T>
concept described = has_schema<T> && !described_value<T>;

} // namespace detail

/// The entity as JSON, with the names under which its members are stored. Texts, numbers with all their digits,
/// booleans, lists and maps are what they are in JSON; sets are arrays, and bytes are base64. A member that is stored
/// as no attribute is left out, and transient members are too.
///
/// With json_relations::loaded, each relation that is loaded follows under the name of its member in snake_case, at any
/// depth: an object or null for one entity, an array for many. A graph of loaded handles is a tree of values, so there
/// are no cycles to cut. A relation whose name is that of an attribute is left out. Throws what storing the entity
/// would throw, such as errc::number_out_of_range for a NaN.
template <detail::described T>
[[nodiscard]] std::string to_json(T const& entity, json_relations relations = json_relations::none) {
    return detail::json_of(entity_type_of<T>(), &entity, relations);
}
template <class T>
[[nodiscard]] std::string to_json(tracked<T> const& entity, json_relations relations = json_relations::none) {
    return to_json(*entity, relations);
}

/// Reads what to_json() writes: a member whose name is missing or null keeps its initial value. Other names, those of
/// relations among them, are left aside. Throws errc::invalid_argument for text that is no JSON object, and errors that
/// name entity and attribute for a value that the member does not take. A key is not required. The types of the
/// members tell bytes from texts and sets from arrays, at every depth. A std::variant that can hold both takes the text
/// or the list, and in a dynamodb::attribute_value they are texts and lists.
template <detail::described T> [[nodiscard]] T from_json(std::string_view text) {
    T entity{};
    detail::read_json_of(entity_type_of<T>(), text, &entity);
    return entity;
}

} // namespace dynasio

// For boost::json::value_from() and value_to(), which look for these functions in this namespace. Numbers that neither
// a 64-bit integer nor a double holds lose digits there; to_json() and from_json() keep them.
namespace boost::json {

template <dynasio::detail::described T> void tag_invoke(value_from_tag const&, value& to, T const& entity) {
    to = parse(dynasio::to_json(entity, dynasio::json_relations::loaded), to.storage());
}
template <dynasio::detail::described T> T tag_invoke(value_to_tag<T> const&, value const& from) {
    return dynasio::from_json<T>(serialize(from));
}

} // namespace boost::json

#endif
