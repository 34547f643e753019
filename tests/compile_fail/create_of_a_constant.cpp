// expect: dynasio: pass an entity that is not const: a write assigns key, times and version to it
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<Post> const& posts, [[maybe_unused]] Post& post, [[maybe_unused]] Post const& constant) {
    return posts.create(post);
}
#else
auto use(dynasio::repository<Post> const& posts, [[maybe_unused]] Post& post, [[maybe_unused]] Post const& constant) {
    return posts.create(constant);
}
#endif
