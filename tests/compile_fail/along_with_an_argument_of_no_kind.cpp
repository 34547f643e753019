// expect: dynasio: along<>(…) takes replace_missing and along<>
#include <dynasio/orm/along.hpp>
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<User> const& users, User& user) {
    return users.save(user, dynasio::along<&User::posts>(dynasio::replace_missing));
}
#else
auto use(dynasio::repository<User> const& users, User& user) {
    return users.save(user, dynasio::along<&User::posts>(dynasio::limit(3)));
}
#endif
