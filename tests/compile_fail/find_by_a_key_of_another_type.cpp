// expect: dynasio: a key has another type than the key member
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use([[maybe_unused]] dynasio::repository<User> const& users, [[maybe_unused]] User& user,
         [[maybe_unused]] std::vector<User>& list) {
    return users.find("5");
}
#else
auto use([[maybe_unused]] dynasio::repository<User> const& users, [[maybe_unused]] User& user,
         [[maybe_unused]] std::vector<User>& list) {
    return users.find(5);
}
#endif
