// expect: dynasio: a morph_to names the entities that it can lead to, each once
#include <dynasio/orm/schema.hpp>

#include "morph_model.hpp"

#ifdef DYNASIO_CONTROL
dynasio::morph_to<Article> use;
#else
dynasio::morph_to<Article, Article> use;
#endif
