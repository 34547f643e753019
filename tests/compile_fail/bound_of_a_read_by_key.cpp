// expect: dynasio: this operation takes with<>, with_count<>, without_autoload, call_options, report_to, consistent,
// on_bad_item
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<Post> const& posts) { return posts.find("p1", dynasio::concurrency(1)); }
#else
auto use(dynasio::repository<Post> const& posts) { return posts.find("p1", dynasio::max_requests(1)); }
#endif
