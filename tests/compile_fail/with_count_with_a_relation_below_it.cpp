// expect: dynasio: a count takes conditions, with_trashed, only_trashed, without_trashed
#include <dynasio/orm/with.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::with<&User::posts>(dynasio::with_count<&Post::comments>()); }
#else
auto use() { return dynasio::with_count<&User::posts>(dynasio::with_count<&Post::comments>()); }
#endif
