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

} // namespace dynasio::detail

#endif
