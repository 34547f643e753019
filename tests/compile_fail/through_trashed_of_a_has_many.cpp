// expect: dynasio: through_trashed is for a has_many_through whose entities in between have soft_delete
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<User> const& users) { return users.find("1", dynasio::with<&User::posts>()); }
#else
auto use(dynasio::repository<User> const& users) {
    return users.find("1", dynasio::with<&User::posts>(dynasio::through_trashed));
}
#endif
