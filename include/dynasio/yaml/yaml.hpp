#ifndef DYNASIO_YAML_YAML_HPP
#define DYNASIO_YAML_YAML_HPP

#include <dynasio/orm/json.hpp>

#include <string>
#include <string_view>

// Entities as YAML, for files that people read and edit. A component of its own, dynasio::yaml, because it stands on
// yaml-cpp.
namespace dynasio {

namespace detail {

/// The same value as YAML in block style. `json` is valid JSON.
[[nodiscard]] std::string yaml_of_json(std::string_view json);
/// The mapping that is the only document of `yaml`, as JSON.
[[nodiscard]] std::string json_of_yaml(std::string_view yaml);

} // namespace detail

/// The entity as YAML, with the names and values of to_json(), one attribute a line. Texts that a reader of YAML 1.1 or
/// 1.2 could take for something else ("true", "no", "12", "") are quoted, so that they are read back as texts. Throws
/// what to_json() throws.
template <detail::described T>
[[nodiscard]] std::string to_yaml(T const& entity, json_relations relations = json_relations::none) {
    return detail::yaml_of_json(to_json(entity, relations));
}
template <class T>
[[nodiscard]] std::string to_yaml(tracked<T> const& entity, json_relations relations = json_relations::none) {
    return to_yaml(*entity, relations);
}

/// Reads what to_yaml() writes, and what people make of it: one document that is a mapping, in block or flow style. An
/// unquoted value is what the core schema of YAML 1.2.2 (section 10.3.2) says: null, a boolean, a number, else a text;
/// so a text member whose value looks like one of these must be quoted, and the error names it. Numbers keep all their
/// digits.
///
/// Throws errc::invalid_argument, with line and column, for what is no such YAML, for a name that is there twice, for
/// anchors and aliases, whose expansion could be of any size, for tags other than those of the core schema and
/// !!binary, and for more than 128 levels; and what from_json() throws.
template <detail::described T> [[nodiscard]] T from_yaml(std::string_view text) {
    return from_json<T>(detail::json_of_yaml(text));
}

} // namespace dynasio

#endif
