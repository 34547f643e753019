#ifndef DYNASIO_SRC_ORM_RUN_READ_ENTITY_HPP
#define DYNASIO_SRC_ORM_RUN_READ_ENTITY_HPP

#include <dynasio/orm/detail/planned_write.hpp>

namespace dynasio::detail {

/// An entity that compiled code holds, and how it was read: null when that is not known, so that all of it is written.
/// A write of it refers to this object, which must stay where it is until the write has ended.
struct read_entity {
    void* entity = nullptr;
    void* original = nullptr;

    [[nodiscard]] held_form form() noexcept;
};

template <bool Tracked>
inline constexpr form_functions functions_of_read_entity{
    [](void* form) noexcept { return static_cast<read_entity*>(form)->entity; },
    [](void* form) noexcept { return static_cast<read_entity*>(form)->original; }, [](void*) {}, [](void*) noexcept {},
    Tracked};

inline held_form read_entity::form() noexcept {
    return {this, original != nullptr ? &functions_of_read_entity<true> : &functions_of_read_entity<false>};
}

} // namespace dynasio::detail

#endif
