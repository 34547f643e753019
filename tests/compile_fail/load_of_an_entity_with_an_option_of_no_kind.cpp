// expect: dynasio: this operation takes with<>, with_count<>, without_autoload, call_options, report_to
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<Post> const& posts, Post& post) { return posts.load(post, dynasio::load_budget()); }
#else
auto use(dynasio::repository<Post> const& posts, Post& post) { return posts.load(post, dynasio::max_requests(1)); }
#endif
