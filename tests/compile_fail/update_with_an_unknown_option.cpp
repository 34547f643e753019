// expect: dynasio: update() takes set_to<>
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<Post> const& posts) { return posts.update("p1", dynasio::set_to<&Post::title>("x")); }
#else
auto use(dynasio::repository<Post> const& posts) { return posts.update("p1", dynasio::limit(1)); }
#endif
