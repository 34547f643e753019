// expect: dynasio: when<T>(…) is about an entity that the morph_to does not lead to
#include <dynasio/orm/with.hpp>

#include "morph_model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::with<&Note::about>(dynasio::when<Article>(dynasio::field<&Article::title> == "a")); }
#else
auto use() { return dynasio::with<&Note::about>(dynasio::when<Note>()); }
#endif
