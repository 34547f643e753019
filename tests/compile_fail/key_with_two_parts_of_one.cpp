// expect: dynasio: this entity has no sort key
#include <dynasio/orm/key.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::key_of<User>("a"); }
#else
auto use() { return dynasio::key_of<User>(dynasio::key("a", 1)); }
#endif
