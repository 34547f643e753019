// expect: dynasio: this entity cannot be trashed
#include <dynasio/orm/transaction.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use([[maybe_unused]] dynasio::transaction& tx, [[maybe_unused]] User& user, [[maybe_unused]] Role& role) {
    tx.remove(user);
}
#else
auto use([[maybe_unused]] dynasio::transaction& tx, [[maybe_unused]] User& user, [[maybe_unused]] Role& role) {
    tx.trash(user);
}
#endif
