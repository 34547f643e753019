// expect: dynasio: entities are counted in relations to many
#include <dynasio/orm/with.hpp>

#include "morph_model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::with_count<&Article::notes>(); }
#else
auto use() { return dynasio::with_count<&Note::about>(); }
#endif
