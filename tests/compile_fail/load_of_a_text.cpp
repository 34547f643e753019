// expect: dynasio: a relation is named by its member, with<&User::posts>(), and not by a text
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<Post> const& posts, Post& post) { return posts.load<&Post::author>(post); }
#else
auto use(dynasio::repository<Post> const& posts, Post& post) { return posts.load<"author">(post); }
#endif
