// expect: dynasio: pass a named object to save()
#include <dynasio/orm/along.hpp>
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<Post> const& posts, [[maybe_unused]] Post& post) {
    return posts.save(post, dynasio::along<&Post::comments>());
}
#else
auto use(dynasio::repository<Post> const& posts, [[maybe_unused]] Post& post) {
    return posts.save(Post(), dynasio::along<&Post::comments>());
}
#endif
