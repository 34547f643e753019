// expect: dynasio: no index serves
// also: dynasio: no index serves this relation
// also: dynasio: no index serves references<> of this belongs_to
// also: dynasio: a relation member is not declared
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing;
struct Owner {
    std::string id{};
    std::string name{};
    dynasio::has_many<Thing> things{};
    dynasio::has_many<Thing> others{};
};
struct Thing {
    std::string id{};
    std::string owner_id{};
    std::string owner_name{};
    dynasio::belongs_to<Owner> owner{};
};
constexpr auto dynasio_schema(dynasio::tag<Owner>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Owner>(partition_key<&Owner::id>, relate<&Owner::things>(by<&Thing::owner_id>),
                         relate<&Owner::others>(by<&Thing::owner_id>));
#else
    return entity<Owner>(partition_key<&Owner::id>, relate<&Owner::things>(by<&Thing::owner_name>));
#endif
}
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, gsi<&Thing::owner_id>{"by_owner"},
                         relate<&Thing::owner>(by<&Thing::owner_id>));
#else
    return entity<Thing>(partition_key<&Thing::id>, gsi<&Thing::owner_id>{"by_owner"},
                         relate<&Thing::owner>(by<&Thing::owner_name>, references<&Owner::name>));
#endif
}
static_assert(dynasio::verify<Owner, Thing>());
