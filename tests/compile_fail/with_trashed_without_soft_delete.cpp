// expect: dynasio: with_trashed, only_trashed and without_trashed are for entities with soft_delete
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
auto use(dynasio::repository<Thing> const& things) { return things.scan(dynasio::with_trashed); }
#else
auto use(dynasio::repository<User> const& users) { return users.scan(dynasio::with_trashed); }
#endif
