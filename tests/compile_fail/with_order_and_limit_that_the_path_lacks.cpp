// expect: dynasio: order with limit on a relation whose access path does not have this order
#include <dynasio/orm/with.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use() {
    return dynasio::with<&User::posts>(dynasio::ascending<&Post::score>, dynasio::limit(3), dynasio::client_side);
}
#else
auto use() { return dynasio::with<&User::posts>(dynasio::ascending<&Post::score>, dynasio::limit(3)); }
#endif
