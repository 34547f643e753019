// expect: dynasio: a condition compares this member with a value of another type
#include <dynasio/orm/field.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::field<&Post::title> == "5"; }
#else
auto use() { return dynasio::field<&Post::title> == 5; }
#endif
