// expect: dynasio: a save takes along<>, in_parts, without_autosave, only_if and call_options; replace_missing
#include <dynasio/orm/along.hpp>
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<User> const& users, User& user) {
    return users.save(user, dynasio::along<&User::posts>());
}
#else
auto use(dynasio::repository<User> const& users, User& user) { return users.save(user, dynasio::with<&User::posts>()); }
#endif
