// expect: dynasio: an option names a function of the entity whose result is not stored
#include <dynasio/orm/verify.hpp>

#include "computed_model.hpp"

constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, computed<&Thing::key_of_name>, gsi<&Thing::key_of_name>{"by_name"});
#else
    return entity<Thing>(partition_key<&Thing::id>, gsi<&Thing::key_of_name>{"by_name"});
#endif
}
static_assert(dynasio::verify<Thing>());
