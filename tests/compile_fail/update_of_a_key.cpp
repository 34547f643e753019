// expect: dynasio: update() cannot change a part of the key
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<Post> const& posts) { return posts.update("p1", dynasio::set_to<&Post::title>("x")); }
#else
auto use(dynasio::repository<Post> const& posts) { return posts.update("p1", dynasio::set_to<&Post::id>("x")); }
#endif
