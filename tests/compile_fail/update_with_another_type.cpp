// expect: dynasio: update() is given a value of another type
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<Post> const& posts) { return posts.update("p1", dynasio::set_to<&Post::score>(1)); }
#else
auto use(dynasio::repository<Post> const& posts) { return posts.update("p1", dynasio::set_to<&Post::score>("x")); }
#endif
