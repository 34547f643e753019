// expect: dynasio: with_trashed, only_trashed and without_trashed are for relations whose target has
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<User> const& users) { return users.find("1", dynasio::with<&User::posts>()); }
#else
auto use(dynasio::repository<User> const& users) {
    return users.find("1", dynasio::with<&User::posts>(dynasio::with_trashed));
}
#endif
