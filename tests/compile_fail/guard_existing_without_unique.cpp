// expect: dynasio: guard_existing<T>() is for entities that have unique<&T::member>
#include <dynasio/orm/unique.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    std::string name{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    return dynasio::entity<Thing>(dynasio::partition_key<&Thing::id>, dynasio::unique<&Thing::name>);
}
#ifdef DYNASIO_CONTROL
auto use(dynasio::client const& db) { return dynasio::guard_existing<Thing>(db); }
#else
auto use(dynasio::client const& db) { return dynasio::guard_existing<Role>(db); }
#endif
