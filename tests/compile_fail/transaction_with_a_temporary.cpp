// expect: dynasio: pass a named object to a transaction
#include <dynasio/orm/transaction.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use([[maybe_unused]] dynasio::transaction& tx, [[maybe_unused]] User& user, [[maybe_unused]] Role& role) {
    tx.create(user);
}
#else
auto use([[maybe_unused]] dynasio::transaction& tx, [[maybe_unused]] User& user, [[maybe_unused]] Role& role) {
    tx.create(User());
}
#endif
