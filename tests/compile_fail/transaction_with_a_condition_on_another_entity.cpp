// expect: dynasio: the condition is about another entity than the write
#include <dynasio/orm/transaction.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use([[maybe_unused]] dynasio::transaction& tx, [[maybe_unused]] User& user, [[maybe_unused]] Role& role) {
    tx.save(user, dynasio::only_if(dynasio::field<&User::name> == "a"));
}
#else
auto use([[maybe_unused]] dynasio::transaction& tx, [[maybe_unused]] User& user, [[maybe_unused]] Role& role) {
    tx.save(user, dynasio::only_if(dynasio::field<&Post::title> == "a"));
}
#endif
