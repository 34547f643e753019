// expect: dynasio: a key has another type than the key member
#include <dynasio/orm/key.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::key_of<User>("5"); }
#else
auto use() { return dynasio::key_of<User>(5); }
#endif
