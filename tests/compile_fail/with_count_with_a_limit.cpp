// expect: dynasio: a count takes conditions, with_trashed, only_trashed, without_trashed
#include <dynasio/orm/with.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::with_count<&User::posts>(); }
#else
auto use() { return dynasio::with_count<&User::posts>(dynasio::limit(3)); }
#endif
