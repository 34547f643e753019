// expect: dynasio: an entity has one ttl<&T::member>
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    long count{};
    dynasio::epoch_seconds ends{}, stops{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, ttl<&Thing::ends>);
#else
    return entity<Thing>(partition_key<&Thing::id>, ttl<&Thing::ends>, ttl<&Thing::stops>);
#endif
}
auto const& use() { return dynasio::entity_type_of<Thing>(); }
