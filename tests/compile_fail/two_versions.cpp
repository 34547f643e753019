// expect: dynasio: an entity has one version<&T::member>; remove the other
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    std::string name{};
    long count{};
    dynasio::timestamp made{};
    dynasio::timestamp changed{};
    int revision{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, version<&Thing::count>);
#else
    return entity<Thing>(partition_key<&Thing::id>, version<&Thing::count>, version<&Thing::revision>);
#endif
}
static_assert(dynasio::verify<Thing>());
