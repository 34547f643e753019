// expect: dynasio: update() cannot change a member of unique<>
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    std::string name{};
    std::string note{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    return dynasio::entity<Thing>(dynasio::partition_key<&Thing::id>, dynasio::unique<&Thing::name>);
}
#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<Thing> const& all) { return all.update("t1", dynasio::set_to<&Thing::note>("x")); }
#else
auto use(dynasio::repository<Thing> const& all) { return all.update("t1", dynasio::set_to<&Thing::name>("x")); }
#endif
