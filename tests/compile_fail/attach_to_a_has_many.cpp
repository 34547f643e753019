// expect: dynasio: attach and detach are for belongs_to_many
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use([[maybe_unused]] dynasio::repository<User> const& users, [[maybe_unused]] User& user,
         [[maybe_unused]] std::vector<User>& list) {
    return users.related<&User::roles>(user);
}
#else
auto use([[maybe_unused]] dynasio::repository<User> const& users, [[maybe_unused]] User& user,
         [[maybe_unused]] std::vector<User>& list) {
    return users.related<&User::posts>(user);
}
#endif
