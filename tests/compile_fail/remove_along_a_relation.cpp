// expect: dynasio: along<> and its options are for save() and create(); on_remove<>
#include <dynasio/orm/along.hpp>
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<User> const& users, User& user) { return users.remove(user); }
#else
auto use(dynasio::repository<User> const& users, User& user) {
    return users.remove(user, dynasio::along<&User::posts>());
}
#endif
