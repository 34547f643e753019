#ifndef DYNASIO_ORM_VERIFY_HPP
#define DYNASIO_ORM_VERIFY_HPP

#include <dynasio/orm/detail/checks.hpp>

namespace dynasio {

/// Checks entities and every relation between them: keys, foreign keys, indexes, both sides of a relation.
/// Use it once for a model: `static_assert(dynasio::verify<User, Post, Comment>());`
template <class... Entities> consteval bool verify() { return (detail::check_all<Entities>() && ...); }

} // namespace dynasio

#endif
