#ifndef DYNASIO_ORM_VERIFY_HPP
#define DYNASIO_ORM_VERIFY_HPP

#include <dynasio/orm/detail/verification.hpp>

namespace dynasio {

/// Checks these entities and all their relations at compile time: keys, types and names of members, names of indexes,
/// foreign keys, and both sides of a relation. What is wrong fails a static_assert whose message says what to do.
/// Use it once for each model: `static_assert(dynasio::verify<User, Post, Comment>());`
template <class... Entities> consteval bool verify() { return (detail::verify_entity<Entities>() && ...); }

namespace dsl {

using dynasio::verify;

} // namespace dsl

} // namespace dynasio

#endif
