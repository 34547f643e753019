#ifndef DYNASIO_ORM_ON_REMOVE_HPP
#define DYNASIO_ORM_ON_REMOVE_HPP

#include <dynasio/orm/detail/checks.hpp>
#include <dynasio/orm/detail/schema_option.hpp>
#include <dynasio/orm/entity_type.hpp>
#include <dynasio/orm/schema.hpp>

#include <string>
#include <type_traits>

// What the removal of an entity does about the entities that belong to it.
namespace dynasio {

template <removal_policy Policy> struct removal_policy_t {};
/// In on_remove<>: the entities are removed, too.
inline constexpr removal_policy_t<removal_policy::cascade> cascade{};
/// In on_remove<>: while there is one of them, the removal is refused.
inline constexpr removal_policy_t<removal_policy::restrict> restrict {};
/// In on_remove<>: their foreign key is removed; of a belongs_to_many, the links are.
inline constexpr removal_policy_t<removal_policy::clear> clear{};

namespace detail {

template <auto Member, removal_policy Policy> consteval bool check_on_remove() {
    constexpr auto kind = handle_traits<type_of<Member>>::kind;
    constexpr bool owns = kind == relation_kind::has_one || kind == relation_kind::has_many;
    constexpr bool links = kind == relation_kind::belongs_to_many;
    static_assert(owns || links, "dynasio: on_remove<> is for has_one, has_many and belongs_to_many");
    if constexpr (!owns && !links) {
        return false;
    } else if constexpr (links) {
        static_assert(
            Policy == removal_policy::clear,
            "dynasio: on_remove<> of a belongs_to_many takes clear, which removes its links; what they lead to "
            "belongs to others, too");
        return Policy == removal_policy::clear && check_relation<Member>();
    } else if constexpr (is_by_type<Member>()) {
        static_assert(!is_by_type<Member>(),
                      "dynasio: on_remove<> is for relations by a key alone, and not for those by "
                      "a type and a key");
        return false;
    } else if constexpr (!check_relation<Member>() || !check_writable<target_of<Member>>()) {
        return false;
    } else if constexpr (Policy == removal_policy::clear) {
        using foreign_key = typename declaration_of<Member>::foreign_key;
        constexpr bool can_be_cleared =
            are_disjoint<foreign_key, key_of_entity<target_of<Member>>> && can_be_absent<foreign_key>;
        static_assert(can_be_cleared, "dynasio: on_remove<>(clear) needs a foreign key that can be without a value and "
                                      "is no part of the entity's own key; make it a std::optional, or use cascade");
        return can_be_cleared;
    } else {
        return true;
    }
}

template <auto Member, removal_policy Policy> struct on_remove_t : entity_option {
    static constexpr bool needs_stored = false;
    using about = members<Member>;
    using protected_by = members<Member>;

    static consteval bool check_together() { return check_on_remove<Member, Policy>(); }
    template <class T> static void describe(description<T>& to) {
        if constexpr (check_together()) to.type.removals.push_back({std::string(name_of<Member>), Policy});
    }
};
struct refused_on_remove_t : entity_option {};

template <class Argument> inline constexpr bool is_removal_policy = false;
template <removal_policy Policy> inline constexpr bool is_removal_policy<removal_policy_t<Policy>> = true;
template <auto Member, removal_policy Policy>
consteval on_remove_t<Member, Policy> on_remove_with(removal_policy_t<Policy>) {
    return {};
}

} // namespace detail

/// In a schema: what repository::remove() of the entity does about the entities of a has_one or has_many, loaded or
/// not: `on_remove<&User::posts>(cascade)`, restrict or clear; and about the links of a belongs_to_many:
/// `on_remove<&User::roles>(clear)`, where links that are entities are removed as by cascade. See repository::remove()
/// for requests and atomicity. remove_key(), remove_many() and transactions remove the item alone.
template <auto Member, class Policy> constexpr auto on_remove(Policy) {
    constexpr bool relation = detail::is_relation<Member>;
    constexpr bool policy = detail::is_removal_policy<Policy>;
    if constexpr (!relation) {
        static_assert(relation, "dynasio: on_remove<> names a member that is no relation; name a member such as "
                                "has_many<Post>");
        return detail::refused_on_remove_t();
    } else if constexpr (!policy) {
        static_assert(policy, "dynasio: on_remove<>(…) takes cascade, restrict or clear");
        return detail::refused_on_remove_t();
    } else {
        return detail::on_remove_with<Member>(Policy());
    }
}

namespace dsl {

using dynasio::cascade;
using dynasio::clear;
using dynasio::on_remove;
using dynasio::restrict;

} // namespace dsl

} // namespace dynasio

#endif
