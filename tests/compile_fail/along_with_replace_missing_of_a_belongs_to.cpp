// expect: dynasio: replace_missing is for has_one, has_many and belongs_to_many
#include <dynasio/orm/along.hpp>
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<Post> const& posts, Post& post) {
    return posts.save(post, dynasio::along<&Post::author>());
}
#else
auto use(dynasio::repository<Post> const& posts, Post& post) {
    return posts.save(post, dynasio::along<&Post::author>(dynasio::replace_missing));
}
#endif
