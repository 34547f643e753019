// expect: dynasio: update() is given a change of another entity
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<Post> const& posts) { return posts.update("p1", dynasio::set_to<&Post::title>("x")); }
#else
auto use(dynasio::repository<Post> const& posts) { return posts.update("p1", dynasio::set_to<&User::name>("x")); }
#endif
