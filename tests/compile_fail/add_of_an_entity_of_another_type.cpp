// expect: dynasio: add and remove take an entity of the relation's target
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<User> const& users, User const& user, Post& child) {
#else
auto use(dynasio::repository<User> const& users, User const& user, Comment& child) {
#endif
    return users.related<&User::posts>(user).add(child);
}
