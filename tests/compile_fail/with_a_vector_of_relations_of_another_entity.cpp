// expect: dynasio: an argument of with<>(…) is about another entity
#include <dynasio/orm/include_list.hpp>
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

auto use([[maybe_unused]] dynasio::repository<User> const& users) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return with<&User::posts>(std::vector<relation_to_load<Post>>());
#else
    return with<&User::posts>(std::vector<relation_to_load<User>>());
#endif
}
