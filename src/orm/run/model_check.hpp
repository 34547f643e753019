#ifndef DYNASIO_SRC_ORM_RUN_MODEL_CHECK_HPP
#define DYNASIO_SRC_ORM_RUN_MODEL_CHECK_HPP

#include <dynasio/orm/entity_type.hpp>

#include <vector>

namespace dynasio::detail {

/// Refuses entities that contradict one another, as verify<> does at compile time: entities that share a table but not
/// its keys and indexes, relations that store their links under one name, and relations that lack their inverse_of.
/// Throws errc::invalid_argument naming both entities or relations and what to do.
void check_model(std::vector<entity_type const*> const& types);

} // namespace dynasio::detail

#endif
