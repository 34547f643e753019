// expect: dynasio: a size is compared with an integer
#include <dynasio/orm/field.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::field<&Post::title>.size() == 1; }
#else
auto use() { return dynasio::field<&Post::title>.size() == "1"; }
#endif
