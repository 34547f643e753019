// expect: dynasio: a relation is named by its member, with<&User::posts>(), and not by a text
#include <dynasio/orm/along.hpp>
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<Role> const& roles, Role& role) {
    return roles.save(role, dynasio::along<&Role::users>());
}
#else
auto use(dynasio::repository<Role> const& roles, Role& role) {
    return roles.save(role, dynasio::along<"users">(dynasio::replace_missing));
}
#endif
