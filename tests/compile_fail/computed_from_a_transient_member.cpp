// expect: dynasio: a key, an index, a time, a version, unique<> or attribute<> names a member that is not stored
#include <dynasio/orm/verify.hpp>

#include "computed_model.hpp"

constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, transient<&Thing::count>,
                         computed<&Thing::key_of_name, &Thing::name>);
#else
    return entity<Thing>(partition_key<&Thing::id>, transient<&Thing::count>,
                         computed<&Thing::key_of_name, &Thing::count>);
#endif
}
static_assert(dynasio::verify<Thing>());
