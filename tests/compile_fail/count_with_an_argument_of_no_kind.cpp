// expect: dynasio: a count takes conditions
#include <dynasio/orm/with.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::with_count<&User::posts>(dynasio::field<&Post::id> == "a"); }
#else
auto use() { return dynasio::with_count<&User::posts>(5); }
#endif
