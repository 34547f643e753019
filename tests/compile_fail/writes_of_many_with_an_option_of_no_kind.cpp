// expect: dynasio: writes of many entities take call_options and concurrency
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use([[maybe_unused]] dynasio::repository<User> const& users, [[maybe_unused]] std::vector<User>& list) {
    return users.save_many(list, dynasio::concurrency(2));
}
#else
auto use([[maybe_unused]] dynasio::repository<User> const& users, [[maybe_unused]] std::vector<User>& list) {
    return users.save_many(list, dynasio::limit(2));
}
#endif
