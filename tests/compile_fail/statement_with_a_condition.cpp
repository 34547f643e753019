// expect: dynasio: a statement takes call_options, report_to, consistent and on_bad_item; everything
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

auto use(dynasio::repository<User> const& users) {
#ifdef DYNASIO_CONTROL
    return users.statement("SELECT * FROM users").with_options(dynasio::consistent).all();
#else
    return users.statement("SELECT * FROM users").with_options(dynasio::limit(3)).all();
#endif
}
