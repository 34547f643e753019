// expect: dynasio: changes() begins with from_start, from_now or a change_position
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use([[maybe_unused]] dynasio::repository<User> const& users) {
    return users.changes(dynasio::change_position("x"));
}
#else
auto use([[maybe_unused]] dynasio::repository<User> const& users) { return users.changes("x"); }
#endif
