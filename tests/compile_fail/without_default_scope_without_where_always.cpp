// expect: dynasio: without_default_scope is for entities whose schema has where_always()
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/where_always.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    bool live{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    return entity<Thing>(partition_key<&Thing::id>, where_always([] { return field<&Thing::live> == true; }));
}
#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<Thing> const& things) { return things.scan(dynasio::without_default_scope); }
#else
auto use(dynasio::repository<User> const& users) { return users.scan(dynasio::without_default_scope); }
#endif
