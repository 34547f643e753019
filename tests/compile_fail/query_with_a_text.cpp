// expect: dynasio: a relation is named by its member, with<&User::posts>(), and not by a text
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<User> const& users) { return users.scan().with<&User::posts>().all(); }
#else
auto use(dynasio::repository<User> const& users) { return users.scan().with<"posts">().all(); }
#endif
