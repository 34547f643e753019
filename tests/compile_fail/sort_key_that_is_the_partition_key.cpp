// expect: dynasio: partition_key and sort_key name one member
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
    return entity<Thing>(partition_key<&Thing::id>, sort_key<&Thing::name>);
#else
    return entity<Thing>(partition_key<&Thing::id>, sort_key<&Thing::id>);
#endif
}
static_assert(dynasio::verify<Thing>());
