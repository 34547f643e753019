// expect: dynasio: where_has<> of a query names a relation of another entity
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<User> const& users) { return users.scan(dynasio::where_has<&User::posts>()); }
#else
auto use(dynasio::repository<Post> const& posts) { return posts.scan(dynasio::where_has<&User::posts>()); }
#endif
