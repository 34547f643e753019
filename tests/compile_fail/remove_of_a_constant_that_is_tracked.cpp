// expect: dynasio: a tracked entity notes that it was removed
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/tracked.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<dynasio::tracked<User>> const& users, [[maybe_unused]] dynasio::tracked<User>& user,
         [[maybe_unused]] dynasio::tracked<User> const& constant) {
    return users.remove(user);
}
#else
auto use(dynasio::repository<dynasio::tracked<User>> const& users, [[maybe_unused]] dynasio::tracked<User>& user,
         [[maybe_unused]] dynasio::tracked<User> const& constant) {
    return users.remove(constant);
}
#endif
