// expect: dynasio: add<> is for numbers and sets
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<Post> const& posts) { return posts.update("p1", dynasio::add<&Post::score>(1)); }
#else
auto use(dynasio::repository<Post> const& posts) { return posts.update("p1", dynasio::add<&Post::title>("x")); }
#endif
