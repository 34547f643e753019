// expect: dynasio: inverse_of<> names a relation of a kind that does not lead back
#include <dynasio/orm/verify.hpp>

#include "sides_model.hpp"

constexpr auto dynasio_schema(dynasio::tag<Owner>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Owner>(partition_key<&Owner::id>, gsi<&Owner::email>{"by_email"},
                         relate<&Owner::things>(by<&Thing::owner_id>, inverse_of<&Thing::owner>),
                         relate<&Owner::others>(by<&Thing::other_id>));
#else
    return entity<Owner>(partition_key<&Owner::id>, gsi<&Owner::email>{"by_email"},
                         relate<&Owner::things>(by<&Thing::owner_id>, inverse_of<&Owner::others>),
                         relate<&Owner::others>(by<&Thing::other_id>));
#endif
}
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    return entity<Thing>(partition_key<&Thing::id>, gsi<&Thing::owner_id>{"by_owner"},
                         gsi<&Thing::other_id>{"by_other"}, relate<&Thing::owner>(by<&Thing::owner_id>));
}
static_assert(dynasio::verify<Owner, Thing>());
