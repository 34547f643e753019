#ifndef DYNASIO_ORM_CHANGE_KIND_HPP
#define DYNASIO_ORM_CHANGE_KIND_HPP

namespace dynasio {

/// What happened to an item.
enum class change_kind : unsigned char { insert, modify, remove };

} // namespace dynasio

#endif
