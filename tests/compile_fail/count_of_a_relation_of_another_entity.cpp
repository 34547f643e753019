// expect: dynasio: count<> names a relation of another entity
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<User> const& users, User const& u) { return users.count<&User::posts>(u); }
#else
auto use(dynasio::repository<User> const& users, User const& u) { return users.count<&Post::comments>(u); }
#endif
