// expect: dynasio: this member is no relation
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<User> const& users, User const& user, [[maybe_unused]] Post& post) {
    return users.related<&User::posts>(user).add(post);
}
#else
auto use(dynasio::repository<User> const& users, User const& user, [[maybe_unused]] Post& post) {
    return users.related<&User::name>(user).add(post);
}
#endif
