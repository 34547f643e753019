// expect: dynasio: changes() takes seeing, poll_every, on_lost_changes, on_bad_item, concurrency and call_options
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use([[maybe_unused]] dynasio::repository<User> const& users) {
    return users.changes(dynasio::from_now, dynasio::concurrency(2));
}
#else
auto use([[maybe_unused]] dynasio::repository<User> const& users) {
    return users.changes(dynasio::from_now, dynasio::limit(2));
}
#endif
