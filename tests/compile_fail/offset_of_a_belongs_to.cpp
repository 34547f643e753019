// expect: dynasio: offset is for relations to many
#include <dynasio/orm/with.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::with<&User::posts>(dynasio::offset(1)); }
#else
auto use() { return dynasio::with<&Post::author>(dynasio::offset(1)); }
#endif
