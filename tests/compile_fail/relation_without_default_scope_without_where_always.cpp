// expect: dynasio: without_default_scope is for relations whose target has where_always()
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<User> const& users) { return users.find("1", dynasio::with<&User::posts>()); }
#else
auto use(dynasio::repository<User> const& users) {
    return users.find("1", dynasio::with<&User::posts>(dynasio::without_default_scope));
}
#endif
