// expect: dynasio: with<> names a relation of another entity
#include <dynasio/orm/include_list.hpp>
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

auto use([[maybe_unused]] dynasio::repository<User> const& users) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return users.find("1", std::vector<relation_to_load<User>>());
#else
    return users.find("1", std::vector<relation_to_load<Post>>());
#endif
}
