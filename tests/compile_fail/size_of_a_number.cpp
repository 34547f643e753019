// expect: dynasio: size() is for strings, binaries, lists, maps and sets
#include <dynasio/orm/field.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::field<&Post::title>.size() > 1; }
#else
auto use() { return dynasio::field<&Post::score>.size() > 1; }
#endif
