// expect: dynasio: order with limit on a relation whose access path does not have this order
#include <dynasio/orm/with.hpp>

#include "morph_model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::with<&Article::notes>(dynasio::newest_first, dynasio::limit(1), dynasio::client_side); }
#else
auto use() { return dynasio::with<&Article::notes>(dynasio::newest_first, dynasio::limit(1)); }
#endif
