// expect: dynasio: a key has another type than the key member
#include <dynasio/orm/key.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::key_of<Reading>(dynasio::key("a", 1)); }
#else
auto use() { return dynasio::key_of<Reading>(dynasio::key("a", 1.5)); }
#endif
