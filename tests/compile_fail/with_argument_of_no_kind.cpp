// expect: dynasio: with<>(…) takes conditions
#include <dynasio/orm/with.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::with<&User::posts>(dynasio::limit(5)); }
#else
auto use() { return dynasio::with<&User::posts>(5); }
#endif
