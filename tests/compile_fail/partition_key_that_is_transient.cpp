// expect: dynasio: a key, an index, a time, a version, unique<> or attribute<> names a member that is not stored
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    std::string name{};
    long count{};
    dynasio::timestamp made{};
    dynasio::timestamp changed{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, transient<&Thing::name>);
#else
    return entity<Thing>(partition_key<&Thing::id>, transient<&Thing::id>);
#endif
}
static_assert(dynasio::verify<Thing>());
