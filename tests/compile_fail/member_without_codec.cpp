// expect: dynasio: a member has a type that dynasio cannot store
#include <dynasio/orm/detail/describe.hpp>

#include "model.hpp"

struct Opaque {
    void* handle{};
};
struct Thing {
    std::string id{};
    Opaque opaque{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, transient<&Thing::opaque>);
#else
    return entity<Thing>(partition_key<&Thing::id>);
#endif
}
auto const& type() { return dynasio::entity_type_of<Thing>(); }
