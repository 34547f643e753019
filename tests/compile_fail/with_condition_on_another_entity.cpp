// expect: dynasio: an argument of with<>(…) is about another entity
#include <dynasio/orm/with.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::with<&User::posts>(dynasio::field<&Post::title> == "1"); }
#else
auto use() { return dynasio::with<&User::posts>(dynasio::field<&Comment::post_id> == "1"); }
#endif
