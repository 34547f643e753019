// expect: dynasio: entities are counted in relations to many
#include <dynasio/orm/with.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::with<&Post::author>(); }
#else
auto use() { return dynasio::with_count<&Post::author>(); }
#endif
