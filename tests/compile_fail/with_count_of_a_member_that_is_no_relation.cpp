// expect: dynasio: this member is no relation
#include <dynasio/orm/with.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::with_count<&User::posts>(); }
#else
auto use() { return dynasio::with_count<&User::name>(); }
#endif
