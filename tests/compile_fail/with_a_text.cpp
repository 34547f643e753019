// expect: dynasio: a relation is named by its member, with<&User::posts>(), and not by a text
#include <dynasio/orm/with.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::with<&User::posts>(); }
#else
auto use() { return dynasio::with<"posts">(); }
#endif
