#ifndef DYNASIO_ORM_VERIFY_HPP
#define DYNASIO_ORM_VERIFY_HPP

#include <dynasio/orm/detail/verification.hpp>

namespace dynasio {

/// Checks entities and every relation between them: keys, types and names of members, names of indexes, foreign keys,
/// both sides of a relation.
/// Use it once for a model: `static_assert(dynasio::verify<User, Post, Comment>());`
template <class... Entities> consteval bool verify() { return (detail::verify_entity<Entities>() && ...); }

namespace dsl {

using dynasio::verify;

} // namespace dsl

} // namespace dynasio

#endif
