// expect: dynasio: a transaction assigns key, times and version to what it
#include <dynasio/orm/transaction.hpp>

#include <utility>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use([[maybe_unused]] dynasio::transaction& tx, [[maybe_unused]] User& user, [[maybe_unused]] Role& role) {
    tx.save(user);
}
#else
auto use([[maybe_unused]] dynasio::transaction& tx, [[maybe_unused]] User& user, [[maybe_unused]] Role& role) {
    tx.save(std::as_const(user));
}
#endif
