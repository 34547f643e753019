#ifndef DYNASIO_ORM_AUTOSAVE_HPP
#define DYNASIO_ORM_AUTOSAVE_HPP

#include <dynasio/orm/detail/checks.hpp>
#include <dynasio/orm/detail/schema_option.hpp>
#include <dynasio/orm/schema.hpp>

#include <string>
#include <type_traits>

// Relations that are saved with every save of their entity.
namespace dynasio {

struct replace_missing_t {};
/// In along<>: what the last load had given, and the handle holds no more, is removed, or detached where the relation
/// is a belongs_to_many. What a load has not given is never removed, so a handle that was loaded in part, or not at
/// all, loses nothing.
inline constexpr replace_missing_t replace_missing{};

namespace detail {

/// Whether the member is a relation that can be saved along with its owner.
template <auto Member, bool Replaces> consteval bool check_along() {
    if constexpr (!is_relation<Member>) {
        static_assert(is_relation<Member>, "dynasio: along<> and autosave<> name a member that is no relation; name a "
                                           "member such as has_many<Post>");
        return false;
    } else {
        constexpr auto kind = handle_traits<type_of<Member>>::kind;
        constexpr bool is_through = kind == relation_kind::has_many_through;
        constexpr bool can_replace = !Replaces || kind != relation_kind::belongs_to;
        static_assert(!is_through, "dynasio: a has_many_through is not saved along; name its two steps, "
                                   "along<&User::posts>(along<&Post::comments>())");
        constexpr bool by_type = is_by_type<Member>();
        static_assert(!by_type,
                      "dynasio: relations by a type and a key are not saved along; save their entities, or add "
                      "them with related<>");
        static_assert(can_replace, "dynasio: replace_missing is for has_one, has_many and belongs_to_many; what a "
                                   "belongs_to named before is not removed");
        constexpr bool links_are_entities = has_pivot_entity<Member>;
        static_assert(
            !links_are_entities,
            "dynasio: links that are entities are not saved along; attach(), detach() and sync() of related<> "
            "write them, or a repository of theirs");
        if constexpr (is_through || by_type || !can_replace || links_are_entities)
            return false;
        else
            return check_relation<Member>() && check_writable<target_of<Member>>();
    }
}

template <auto Member, bool Replaces> struct autosave_t : entity_option {
    static constexpr bool needs_stored = false;
    using about = members<Member>;
    using autosaved = members<Member>;

    static consteval bool check_together() { return check_along<Member, Replaces>(); }
    template <class T> static void describe(description<T>& to) {
        if constexpr (check_together()) to.type.autosaves.push_back({std::string(name_of<Member>), Replaces});
    }
};
struct refused_autosave_t : entity_option {};

} // namespace detail

/// In a schema: every create() and save() of a repository saves the relation along, as along<>() does:
/// `autosave<&User::address>()`, `autosave<&Order::lines>(replace_missing)`. Entities that are saved along bring the
/// autosave<> of their own schema. A relation that a call names with along<> is saved as it says there;
/// without_autosave leaves all of them out. A handle that is not loaded, or holds what a load has given, costs nothing.
/// create_many(), save_many(), transactions and operations on one relation save nothing along.
template <auto Member, class... Arguments> constexpr auto autosave(Arguments...) {
    constexpr bool relation = detail::is_relation<Member>;
    constexpr bool fits = (std::is_same_v<Arguments, replace_missing_t> && ...);
    if constexpr (!relation) {
        static_assert(relation, "dynasio: along<> and autosave<> name a member that is no relation; name a member such "
                                "as has_many<Post>");
        return detail::refused_autosave_t();
    } else if constexpr (!fits) {
        static_assert(fits, "dynasio: autosave<>(…) takes replace_missing; what is saved along below it is declared by "
                            "the schema of the target");
        return detail::refused_autosave_t();
    } else {
        return detail::autosave_t<Member, sizeof...(Arguments) != 0>();
    }
}

namespace dsl {

using dynasio::autosave;
using dynasio::replace_missing;

} // namespace dsl

} // namespace dynasio

#endif
