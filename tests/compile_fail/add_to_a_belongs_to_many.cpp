// expect: dynasio: add and remove are for has_one and has_many
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<User> const& users, User const& user, Post& post) {
    return users.related<&User::posts>(user).add(post);
}
#else
auto use(dynasio::repository<User> const& users, User const& user, Role& role) {
    return users.related<&User::roles>(user).add(role);
}
#endif
