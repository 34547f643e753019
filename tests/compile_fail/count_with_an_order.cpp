// expect: dynasio: a count takes conditions, with_trashed, only_trashed, without_trashed
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<User> const& users, User const& u) {
    return users.count<&User::posts>(u, dynasio::field<&Post::score> > 1, dynasio::consistent);
}
#else
auto use(dynasio::repository<User> const& users, User const& u) {
    return users.count<&User::posts>(u, dynasio::newest_first);
}
#endif
