// expect: dynasio: unique<> names members that could be keys
#include <dynasio/orm/repository.hpp>

#include "unique_model.hpp"

constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, dynasio::unique<&Thing::name>);
#else
    return entity<Thing>(partition_key<&Thing::id>, dynasio::unique<&Thing::words>);
#endif
}
auto const& use() { return dynasio::entity_type_of<Thing>(); }
