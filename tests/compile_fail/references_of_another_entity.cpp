// expect: dynasio: references<> names a member of another entity
#include <dynasio/orm/verify.hpp>

#include "owner_side_model.hpp"

constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, gsi<&Thing::owner_id>{"by_owner"},
                         gsi<&Thing::other_id>{"by_other"},
                         relate<&Thing::owner>(by<&Thing::owner_id>, references<&Owner::email>));
#else
    return entity<Thing>(partition_key<&Thing::id>, gsi<&Thing::owner_id>{"by_owner"},
                         gsi<&Thing::other_id>{"by_other"},
                         relate<&Thing::owner>(by<&Thing::owner_id>, references<&Thing::other_id>));
#endif
}
static_assert(dynasio::verify<Owner, Thing>());
