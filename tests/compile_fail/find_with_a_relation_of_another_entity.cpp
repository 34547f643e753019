// expect: dynasio: with<> names a relation of another entity
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use([[maybe_unused]] dynasio::repository<User> const& users, [[maybe_unused]] User& user,
         [[maybe_unused]] std::vector<User>& list) {
    return users.find("1", dynasio::with<&User::posts>(dynasio::with<&Post::comments>()));
}
#else
auto use([[maybe_unused]] dynasio::repository<User> const& users, [[maybe_unused]] User& user,
         [[maybe_unused]] std::vector<User>& list) {
    return users.find("1", dynasio::with<&Post::comments>());
}
#endif
