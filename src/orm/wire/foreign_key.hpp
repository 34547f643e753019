#ifndef DYNASIO_SRC_ORM_WIRE_FOREIGN_KEY_HPP
#define DYNASIO_SRC_ORM_WIRE_FOREIGN_KEY_HPP

#include <dynasio/orm/entity_type.hpp>

#include <dynasio/dynamodb/expression.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

// The keys by which entities refer to one another, as values in wire form, one for each part.
namespace dynasio::detail {

[[nodiscard]] std::vector<std::string> values_of(entity_type const& type, void const* entity,
                                                 std::span<attribute_index const> members);
/// The values that the members will have in the table once the entity is saved: those after its transforms.
[[nodiscard]] std::vector<std::string> stored_values_of(entity_type const& type, void const* entity,
                                                        std::span<attribute_index const> members);
/// Whether a part of the key has no value, so that it refers to nothing.
[[nodiscard]] bool is_free(std::vector<std::string> const& key);
/// That an entity of the relation's target refers to the owner with this key.
[[nodiscard]] dynamodb::condition names_owner(relation_info const& relation, std::vector<std::string> const& key);
/// Puts a value into a member; an empty one makes the member what it is in an entity that nobody has touched. Throws
/// errc::invalid_argument for a member that cannot be without a value.
void set_member(entity_type const& type, void* entity, attribute_index i, std::string_view wire);

} // namespace dynasio::detail

#endif
