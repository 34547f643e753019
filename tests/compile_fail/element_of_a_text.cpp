// expect: dynasio: at() is for lists and maps
#include <dynasio/orm/field.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::field<&Post::title> == "x"; }
#else
auto use() { return dynasio::field<&Post::title>.at(0) == "x"; }
#endif
