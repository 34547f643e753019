// expect: dynasio: along<> names a relation of another entity than the one that is saved
#include <dynasio/orm/along.hpp>
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<User> const& users, User& user) {
    return users.save(user, dynasio::along<&User::posts>());
}
#else
auto use(dynasio::repository<User> const& users, User& user) {
    return users.save(user, dynasio::along<&Post::comments>());
}
#endif
