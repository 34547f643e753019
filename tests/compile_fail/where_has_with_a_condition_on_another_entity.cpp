// expect: dynasio: a condition of where_has<>(…) is about another entity
#include <dynasio/orm/with.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::where_has<&User::posts>(dynasio::field<&Post::id> == "a"); }
#else
auto use() { return dynasio::where_has<&User::posts>(dynasio::field<&User::id> == "a"); }
#endif
