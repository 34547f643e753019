// expect: dynasio: with<>(…) of a morph_to takes when<T>(…), reload and without_autoload
#include <dynasio/orm/with.hpp>

#include "morph_model.hpp"

#ifdef DYNASIO_CONTROL
auto use() { return dynasio::with<&Note::about>(dynasio::when<Article>(dynasio::field<&Article::title> == "a")); }
#else
auto use() { return dynasio::with<&Note::about>(dynasio::field<&Article::title> == "a"); }
#endif
