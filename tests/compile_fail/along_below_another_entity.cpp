// expect: dynasio: an along<> inside of another one names a relation of another entity
#include <dynasio/orm/along.hpp>
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<User> const& users, User& user) {
    return users.create(user, dynasio::along<&User::posts>(dynasio::along<&Post::comments>()));
}
#else
auto use(dynasio::repository<User> const& users, User& user) {
    return users.create(user, dynasio::along<&User::posts>(dynasio::along<&User::roles>()));
}
#endif
