// expect: dynasio: with_trashed, only_trashed and without_trashed are for relations whose target has soft_delete<>
#include <dynasio/orm/with.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::with_count<&User::posts>(); }
#else
auto use() { return dynasio::with_count<&User::posts>(dynasio::with_trashed); }
#endif
