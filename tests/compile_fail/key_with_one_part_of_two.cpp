// expect: dynasio: this entity has a sort key; give both parts
#include <dynasio/orm/key.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::key_of<Reading>(dynasio::key("a", 1)); }
#else
auto use() { return dynasio::key_of<Reading>("a"); }
#endif
