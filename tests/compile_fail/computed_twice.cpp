// expect: dynasio: a function of the entity is declared by two computed<>
#include <dynasio/orm/verify.hpp>

#include "computed_model.hpp"

constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, computed<&Thing::key_of_name>);
#else
    return entity<Thing>(partition_key<&Thing::id>, computed<&Thing::key_of_name>, computed<&Thing::key_of_name>);
#endif
}
static_assert(dynasio::verify<Thing>());
