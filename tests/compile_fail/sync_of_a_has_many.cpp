// expect: dynasio: attach, detach, sync and toggle are for belongs_to_many
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<User> const& users, User const& user, std::vector<Role> const& list) {
    return users.related<&User::roles>(user).sync(list);
}
#else
auto use(dynasio::repository<User> const& users, User const& user, std::vector<Post> const& list) {
    return users.related<&User::posts>(user).sync(list);
}
#endif
