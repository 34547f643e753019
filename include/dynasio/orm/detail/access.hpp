#ifndef DYNASIO_ORM_DETAIL_ACCESS_HPP
#define DYNASIO_ORM_DETAIL_ACCESS_HPP

#include <utility>

namespace dynasio::detail {

/// The one friend of the public classes. The library makes objects with private constructors, and reaches private
/// members, only through these functions.
struct access {
    /// Calls a private constructor.
    template <class Object, class... Arguments> [[nodiscard]] static Object make(Arguments&&... arguments) {
        return Object(std::forward<Arguments>(arguments)...);
    }
    /// The plan in a relation_to_load.
    template <class Relation> [[nodiscard]] static decltype(auto) node(Relation&& relation) noexcept {
        return (std::forward<Relation>(relation).node_);
    }
    /// Gives a handle the name of its member, for the error of a read that no load preceded.
    template <class Handle, class Name> static void set_name(Handle& handle, Name const* name) noexcept {
        handle.name_ = name;
    }
};

} // namespace dynasio::detail

#endif
