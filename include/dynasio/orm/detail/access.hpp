#ifndef DYNASIO_ORM_DETAIL_ACCESS_HPP
#define DYNASIO_ORM_DETAIL_ACCESS_HPP

#include <utility>

namespace dynasio::detail {

/// The one friend of the classes that users see: what is made from internals, or holds some, goes through here.
struct access {
    /// Calls a private constructor.
    template <class Object, class... Arguments> [[nodiscard]] static Object make(Arguments&&... arguments) {
        return Object(std::forward<Arguments>(arguments)...);
    }
    /// The plan in a relation_to_load.
    template <class Relation> [[nodiscard]] static decltype(auto) node(Relation&& relation) noexcept {
        return (std::forward<Relation>(relation).node_);
    }
    /// Tells a handle which member it is.
    template <class Handle, class Name> static void set_name(Handle& handle, Name const* name) noexcept {
        handle.name_ = name;
    }
};

} // namespace dynasio::detail

#endif
