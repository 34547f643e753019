// expect: dynasio: where_has<> is for relations to entities of one type
#include <dynasio/orm/with.hpp>

#include "morph_model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::where_has<&Article::notes>(); }
#else
auto use() { return dynasio::where_has<&Note::about>(); }
#endif
