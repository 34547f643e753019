// expect: dynasio: the values of a statement stand for its question marks, in their order
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

auto use(dynasio::repository<User> const& users) {
#ifdef DYNASIO_CONTROL
    return users.statement("SELECT * FROM users WHERE id = ?", "u1").all();
#else
    return users.statement("SELECT * FROM users WHERE id = :id", dynasio::named("id", "u1")).all();
#endif
}
