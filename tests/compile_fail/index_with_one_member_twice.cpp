// expect: dynasio: an index has one member as its partition key and as its sort key
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
    return entity<Thing>(partition_key<&Thing::id>, gsi<&Thing::name, &Thing::count>{"by_name"});
#else
    return entity<Thing>(partition_key<&Thing::id>, gsi<&Thing::name, &Thing::name>{"by_name"});
#endif
}
static_assert(dynasio::verify<Thing>());
