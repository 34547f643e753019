// expect: dynasio: create() takes along<>, in_parts, without_autosave and call_options; its condition
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<User> const& users, User& user) {
    return users.save(user, dynasio::only_if(dynasio::field<&User::name> == "Ann"));
}
#else
auto use(dynasio::repository<User> const& users, User& user) {
    return users.create(user, dynasio::only_if(dynasio::field<&User::name> == "Ann"));
}
#endif
