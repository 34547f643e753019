// expect: dynasio: pass an entity that is not const: a write assigns key, times and version to it
#include <dynasio/orm/along.hpp>
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<User> const& users, [[maybe_unused]] User& user, [[maybe_unused]] User const& constant) {
    return users.save(user, dynasio::along<&User::posts>());
}
#else
auto use(dynasio::repository<User> const& users, [[maybe_unused]] User& user, [[maybe_unused]] User const& constant) {
    return users.save(constant, dynasio::along<&User::posts>());
}
#endif
