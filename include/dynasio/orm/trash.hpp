#ifndef DYNASIO_ORM_TRASH_HPP
#define DYNASIO_ORM_TRASH_HPP

#include <dynasio/orm/detail/checks.hpp>
#include <dynasio/orm/detail/load_option.hpp>
#include <dynasio/orm/load_node.hpp>

#include <dynasio/core/timestamp.hpp>

// Entities with soft_delete<> can be trashed: they stay in the table with the time at which that was done.
namespace dynasio {

template <class T> class tracked; // tracked.hpp

namespace detail {

template <class T> consteval auto trash_member() {
    static_assert(can_be_trashed<T>(),
                  "dynasio: this entity cannot be trashed; its schema needs soft_delete<&T::member>");
    static_assert(!is_projection<T>(),
                  "dynasio: a projection cannot be trashed, nor asked whether it is; the member of "
                  "soft_delete<> belongs to its entity");
    if constexpr (can_be_trashed<T>() && !is_projection<T>())
        return first_member<typename schema_of<T>::trashed_at>::value;
    else
        return nullptr;
}

template <trashed Scope> struct trash_word : selection_option {
    static constexpr bool is_about_trash = true;
    static constexpr trashed scope = Scope;
    void apply(selection& to) const { to.scope.target = Scope; }
};

template <class Option> inline constexpr bool is_trash_word = false;
template <trashed Scope> inline constexpr bool is_trash_word<trash_word<Scope>> = true;

struct through_trashed_t : selection_option {
    static constexpr bool is_about_between = true;
    void apply(selection& to) const { to.scope.between = true; }
};

} // namespace detail

// Words for reads of entities with soft_delete<>, in queries and relations, and in find(), get() and find_many(). The
// last one of a call wins. A relation that is loaded already is loaded again when it was loaded with another word.

/// Leaves trashed entities out, as every read but find() and get() does anyway.
inline constexpr detail::trash_word<trashed::without> without_trashed{};
/// Gives trashed entities as well.
inline constexpr detail::trash_word<trashed::with> with_trashed{};
/// Gives trashed entities alone.
inline constexpr detail::trash_word<trashed::only> only_trashed{};

/// In with<> of a has_many_through: gives also what is found through trashed entities in between, and in that of a
/// belongs_to_many whose links are entities, what trashed links lead to. with_trashed beside it is about the entities
/// at the end.
inline constexpr detail::through_trashed_t through_trashed{};

/// Whether the entity is trashed.
template <class T> [[nodiscard]] bool is_trashed(T const& entity) noexcept {
    if constexpr (constexpr auto member = detail::trash_member<T>();
                  detail::can_be_trashed<T>() && !detail::is_projection<T>())
        return detail::member_in<member>(entity).is_set();
    else
        return false;
}

/// Trashes the entity in memory; a save stores that. Keeps the time of an entity that is trashed already.
/// repository::trash() does both in one step.
template <class T> void trash(T& entity, timestamp at = timestamp::now()) noexcept {
    if constexpr (constexpr auto member = detail::trash_member<T>();
                  detail::can_be_trashed<T>() && !detail::is_projection<T>()) {
        if (!detail::member_in<member>(entity).is_set()) detail::member_in<member>(entity) = at;
    }
}

/// Takes the entity out of the trash in memory; a save stores that, which removes the attribute.
/// repository::restore() does both in one step.
template <class T> void restore(T& entity) noexcept {
    if constexpr (constexpr auto member = detail::trash_member<T>();
                  detail::can_be_trashed<T>() && !detail::is_projection<T>())
        detail::member_in<member>(entity) = timestamp();
}

// The same for tracked entities, which are pointers to them in all but name.
template <class T> [[nodiscard]] bool is_trashed(tracked<T> const& entity) noexcept { return is_trashed(*entity); }
template <class T> void trash(tracked<T>& entity, timestamp at = timestamp::now()) noexcept { trash(*entity, at); }
template <class T> void restore(tracked<T>& entity) noexcept { restore(*entity); }

namespace dsl {

using dynasio::is_trashed;
using dynasio::only_trashed;
using dynasio::restore;
using dynasio::through_trashed;
using dynasio::trash;
using dynasio::with_trashed;
using dynasio::without_trashed;

} // namespace dsl

} // namespace dynasio

#endif
