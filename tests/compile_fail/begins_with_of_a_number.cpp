// expect: dynasio: begins_with is for strings and binaries
#include <dynasio/orm/field.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::field<&Post::title>.begins_with("1"); }
#else
auto use() { return dynasio::field<&Post::score>.begins_with(1); }
#endif
