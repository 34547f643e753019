// expect: dynasio: where_has<>(…) takes conditions
#include <dynasio/orm/with.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::where_has<&User::posts>(dynasio::field<&Post::id> == "a"); }
#else
auto use() { return dynasio::where_has<&User::posts>(dynasio::limit(5)); }
#endif
