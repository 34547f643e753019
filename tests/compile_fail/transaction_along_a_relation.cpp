// expect: dynasio: a transaction writes the entities that it is given
#include <dynasio/orm/along.hpp>
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/transaction.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
void use(dynasio::transaction& tx, User& user) { tx.save(user); }
#else
void use(dynasio::transaction& tx, User& user) { tx.save(user, dynasio::along<&User::posts>()); }
#endif
