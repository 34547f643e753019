// expect: dynasio: with<> in an include_list<T> names a relation of another entity
#include <dynasio/orm/include_list.hpp>
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

auto use([[maybe_unused]] dynasio::repository<User> const& users) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return include_list<User>(with<&User::posts>(with<&Post::comments>()));
#else
    return include_list<User>(with<&Post::comments>());
#endif
}
