// expect: dynasio: find_together() takes key_of<T>
#include <dynasio/orm/transaction.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use([[maybe_unused]] dynasio::client const& db) {
    return dynasio::find_together(db, dynasio::key_of<User>("u1"), dynasio::key_of<Role>("r1"));
}
#else
auto use([[maybe_unused]] dynasio::client const& db) {
    return dynasio::find_together(db, dynasio::key_of<User>("u1"), "r1");
}
#endif
