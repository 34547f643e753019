// expect: dynasio: without_expired is for entities with ttl<>
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<Post> const& posts) { return posts.scan(); }
#else
auto use(dynasio::repository<Post> const& posts) { return posts.scan(dynasio::without_expired); }
#endif
