// expect: dynasio: a condition of a count is about another entity
#include <dynasio/orm/with.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::with_count<&User::posts>(dynasio::field<&Post::score> > 1); }
#else
auto use() { return dynasio::with_count<&User::posts>(dynasio::field<&Comment::id> == "c"); }
#endif
