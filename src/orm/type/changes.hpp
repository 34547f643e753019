#ifndef DYNASIO_SRC_ORM_TYPE_CHANGES_HPP
#define DYNASIO_SRC_ORM_TYPE_CHANGES_HPP

#include <bitset>

namespace dynasio {
struct entity_type;
}

namespace dynasio::detail {

/// Attributes of an entity. An entity has at most 128 members.
using attribute_set = std::bitset<128>;

/// The attributes whose stored values differ.
[[nodiscard]] attribute_set changed_attributes(entity_type const& type, void const* before, void const* after);
/// Those of them that a save stores because the program has changed them. The version and the time of the last save are
/// counted by the library, and the time of creation is kept: an entity that lacks it does not take it away.
[[nodiscard]] attribute_set changes_to_store(entity_type const& type, void const* before, void const* after);

} // namespace dynasio::detail

#endif
