// expect: dynasio: an argument of with<>(…) is about another entity
#include <dynasio/orm/with.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::with<&User::posts>(dynasio::with<&Post::comments>()); }
#else
auto use() { return dynasio::with<&User::posts>(dynasio::with<&User::roles>()); }
#endif
