// expect: dynasio: unique<> names a version or a time that dynasio sets itself
#include <dynasio/orm/repository.hpp>

#include "unique_model.hpp"

constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, dynasio::unique<&Thing::name>, version<&Thing::count>);
#else
    return entity<Thing>(partition_key<&Thing::id>, dynasio::unique<&Thing::count>, version<&Thing::count>);
#endif
}
auto const& use() { return dynasio::entity_type_of<Thing>(); }
