// expect: dynasio: this member is not stored
#include <dynasio/orm/field.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::field<&Post::title> == nullptr; }
#else
auto use() { return dynasio::field<&Post::author> == nullptr; }
#endif
