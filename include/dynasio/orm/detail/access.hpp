#ifndef DYNASIO_ORM_DETAIL_ACCESS_HPP
#define DYNASIO_ORM_DETAIL_ACCESS_HPP

#include <string>
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
    /// A key in wire form, as the service told it.
    template <class Key> [[nodiscard]] static Key key_as_told(std::string json) {
        return Key::as_told(std::move(json));
    }
    /// Notes in a tracked entity that it is as the table holds it, or that the table has it no more.
    template <class Tracked> static void note_stored(Tracked& entity) { entity.note_stored(); }
    template <class Tracked> static void note_removed(Tracked& entity) noexcept { entity.note_removed(); }
    /// What a tracked entity was when it was read, for writing; null for a new one.
    template <class Tracked> [[nodiscard]] static auto* original_of(Tracked& entity) noexcept {
        return entity.original_ ? &*entity.original_ : nullptr;
    }
    /// What a link_to<> asks for.
    template <class Link> [[nodiscard]] static auto wanted(Link link) { return std::move(link).take(); }
    /// The scope of the load that filled a handle.
    template <class Handle> [[nodiscard]] static auto& scope_of(Handle& handle) noexcept { return handle.scope_; }
    /// What a handle holds, and whether a load has filled it.
    template <class Handle> [[nodiscard]] static auto& items_of(Handle& handle) noexcept { return handle.items(); }
    template <class Handle> [[nodiscard]] static bool is_filled(Handle const& handle) noexcept {
        return handle.is_filled();
    }
    /// Fills a handle with what a load has read. The scope of the load is noted afterwards.
    template <class Handle, class Items> static void fill(Handle& handle, Items items) noexcept {
        handle.items().fill(std::move(items));
        handle.note_filled();
        handle.scope_ = {};
    }
    /// Puts something into a handle, with what the table has of it. The scope stays.
    template <class Handle, class Items> static void give(Handle& handle, Items items, Items loaded) {
        handle.items().give(std::move(items), std::move(loaded));
        handle.note_filled();
    }
    /// Notes in a handle to many entities how many there are.
    template <class Handle, class Count> static void set_count(Handle& handle, Count count) noexcept {
        handle.set_count(count);
    }
};

} // namespace dynasio::detail

#endif
