// expect: dynasio: an entity has one where_always(...)
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/where_always.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    bool live{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, where_always([] { return field<&Thing::live> == true; }));
#else
    return entity<Thing>(partition_key<&Thing::id>, where_always([] { return field<&Thing::live> == true; }),
                         where_always([] { return field<&Thing::id> != "1"; }));
#endif
}
auto const& use() { return dynasio::entity_type_of<Thing>(); }
