// expect: dynasio: this entity cannot be trashed
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    dynasio::timestamp deleted_at{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    return entity<Thing>(partition_key<&Thing::id>, soft_delete<&Thing::deleted_at>);
}
#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<Thing> const& things, Thing& thing) { return things.trash(thing); }
#else
auto use(dynasio::repository<User> const& users, User& user) { return users.trash(user); }
#endif
