#ifndef DYNASIO_SRC_ORM_TYPE_TYPE_NAMES_HPP
#define DYNASIO_SRC_ORM_TYPE_TYPE_NAMES_HPP

#include <dynasio/orm/entity_type.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

// The names by which the types of a morph_to are stored.
namespace dynasio::detail {

/// Throws errc::invalid_argument when two types have one name.
void check_type_names(relation_info const& morph);
/// The text that an attribute in wire form holds; empty for an absent one and for one of another type.
[[nodiscard]] std::string type_name_in(std::string_view wire);
/// The place of a type among the alternatives of a morph_to.
[[nodiscard]] std::optional<std::size_t> alternative_named(relation_info const& morph, std::string_view name);
/// Throws errc::attribute_type_mismatch for an entity that names a type which the morph_to does not know.
[[noreturn]] void throw_unknown_type(relation_info const& morph, void const* entity, std::string_view name);

} // namespace dynasio::detail

#endif
