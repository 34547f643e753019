// expect: dynasio: a statement takes call_options, report_to, consistent and on_bad_item
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<Post> const& posts) {
    return posts.statement("SELECT * FROM posts").with_options(dynasio::consistent);
}
#else
auto use(dynasio::repository<Post> const& posts) {
    return posts.statement("SELECT * FROM posts").with_options(dynasio::load_budget().requests(1));
}
#endif
