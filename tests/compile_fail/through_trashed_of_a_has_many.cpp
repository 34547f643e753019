// expect: dynasio: through_trashed is for a has_many_through whose entities in between have soft_delete
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
auto use(dynasio::repository<User> const& users) { return users.find("1", dynasio::with<&User::posts>()); }
#else
auto use(dynasio::repository<User> const& users) {
    return users.find("1", dynasio::with<&User::posts>(dynasio::through_trashed));
}
#endif
