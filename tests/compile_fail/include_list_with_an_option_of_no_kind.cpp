// expect: dynasio: include_list<T>(…) takes with<>, max_depth
#include <dynasio/orm/include_list.hpp>
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

auto use([[maybe_unused]] dynasio::repository<User> const& users) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return include_list<User>(everything_allowed, max_depth(3));
#else
    return include_list<User>(everything_allowed, 3);
#endif
}
