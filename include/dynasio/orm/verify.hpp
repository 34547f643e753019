#ifndef DYNASIO_ORM_VERIFY_HPP
#define DYNASIO_ORM_VERIFY_HPP

#include <dynasio/orm/detail/verification.hpp>

namespace dynasio {

/// Checks these entities and all their relations at compile time: keys, types and names of members, names of indexes,
/// foreign keys, both sides of a relation, and what entities that share a table or a pivot table say about it. What is
/// wrong fails a static_assert whose message says what to do; the compiler's notes name the entities and members.
///
/// All mistakes of all entities and relations are reported at once, each by a static_assert of its own, in the order
/// that the compiler likes. Of one relation it is the first mistake, because the checks behind it need what the first
/// one asks for; and what entities say together about tables and pivot tables is looked at when each of them is right.
///
/// Use it once for each model: `static_assert(dynasio::verify<User, Post, Comment>());`
template <class... Entities> consteval bool verify() {
    if constexpr ((detail::verify_entity<Entities>() && ...))
        return detail::verify_together<Entities...>();
    else
        return false;
}

namespace dsl {

using dynasio::verify;

} // namespace dsl

} // namespace dynasio

#endif
