// expect: dynasio: a save takes along<>, in_parts, without_autosave, only_if and call_options
#include <dynasio/orm/along.hpp>
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<User> const& users, User& user) {
    return users.save(user, dynasio::along<&User::posts>(), dynasio::in_parts);
}
#else
auto use(dynasio::repository<User> const& users, User& user) {
    return users.save(user, dynasio::along<&User::posts>(), dynasio::limit(3));
}
#endif
