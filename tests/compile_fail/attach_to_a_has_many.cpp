// expect: dynasio: attach, detach, sync and toggle are for belongs_to_many
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use([[maybe_unused]] dynasio::repository<User> const& users, [[maybe_unused]] User& user, Role const& role) {
    return users.related<&User::roles>(user).attach(role);
}
#else
auto use([[maybe_unused]] dynasio::repository<User> const& users, [[maybe_unused]] User& user, Post const& post) {
    return users.related<&User::posts>(user).attach(post);
}
#endif
