// expect: dynasio: attach<> and detach<> take an entity that has the relation
#include <dynasio/orm/transaction.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use([[maybe_unused]] dynasio::transaction& tx, [[maybe_unused]] User& user, [[maybe_unused]] Role& role) {
    tx.detach<&User::roles>(user, role);
}
#else
auto use([[maybe_unused]] dynasio::transaction& tx, [[maybe_unused]] User& user, [[maybe_unused]] Role& role) {
    tx.detach<&User::roles>(role, user);
}
#endif
