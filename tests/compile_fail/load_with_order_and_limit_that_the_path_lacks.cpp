// expect: dynasio: order with limit on a relation whose access path does not have this order
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use([[maybe_unused]] dynasio::repository<User> const& users, [[maybe_unused]] User& user,
         [[maybe_unused]] std::vector<User>& list) {
    return users.load<&User::posts>(list, dynasio::ascending<&Post::score>, dynasio::limit(2), dynasio::client_side);
}
#else
auto use([[maybe_unused]] dynasio::repository<User> const& users, [[maybe_unused]] User& user,
         [[maybe_unused]] std::vector<User>& list) {
    return users.load<&User::posts>(list, dynasio::ascending<&Post::score>, dynasio::limit(2));
}
#endif
