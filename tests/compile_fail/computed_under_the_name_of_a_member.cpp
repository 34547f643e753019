// expect: dynasio: two members are stored under one name
#include <dynasio/orm/verify.hpp>

#include "computed_model.hpp"

constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, computed<&Thing::key_of_name>);
#else
    return entity<Thing>(partition_key<&Thing::id>, computed<&Thing::key_of_name>,
                         attribute<&Thing::key_of_name>{"name"});
#endif
}
static_assert(dynasio::verify<Thing>());
