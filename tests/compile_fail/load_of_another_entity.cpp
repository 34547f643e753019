// expect: dynasio: load<> names a relation of another entity
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use([[maybe_unused]] dynasio::repository<User> const& users, [[maybe_unused]] User& user,
         [[maybe_unused]] std::vector<User>& list) {
    return users.load<&User::posts>(list);
}
#else
auto use([[maybe_unused]] dynasio::repository<User> const& users, [[maybe_unused]] User& user,
         [[maybe_unused]] std::vector<User>& list) {
    return users.load<&Post::comments>(list);
}
#endif
