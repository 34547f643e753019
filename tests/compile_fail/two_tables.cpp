// expect: dynasio: an entity has one table{"name"}; remove the other
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
    return entity<Thing>(table{"one"}, partition_key<&Thing::id>);
#else
    return entity<Thing>(table{"one"}, partition_key<&Thing::id>, table{"two"});
#endif
}
static_assert(dynasio::verify<Thing>());
