// expect: dynasio: a word of when<T>(…) needs soft_delete<>
#include <dynasio/orm/with.hpp>

#include "morph_model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::with<&Note::about>(dynasio::when<Article>(dynasio::field<&Article::title> == "a")); }
#else
auto use() { return dynasio::with<&Note::about>(dynasio::when<Article>(dynasio::with_trashed)); }
#endif
