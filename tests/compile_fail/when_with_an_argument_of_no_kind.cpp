// expect: dynasio: when<T>(…) takes conditions on T
#include <dynasio/orm/with.hpp>

#include "morph_model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::with<&Note::about>(dynasio::when<Article>(dynasio::field<&Article::title> == "a")); }
#else
auto use() { return dynasio::with<&Note::about>(dynasio::when<Article>(5)); }
#endif
