// expect: dynasio: inverse_of<> names a relation of an entity that has no schema, or one that leads to such an entity
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing;
struct Owner {
    std::string id{};
    dynasio::has_many<Thing> things{};
};
struct Stranger {
    std::string id{};
};
struct Thing {
    std::string id{};
    std::string owner_id{};
    dynasio::belongs_to<Owner> owner{};
    dynasio::belongs_to<Stranger> stranger{};
};
constexpr auto dynasio_schema(dynasio::tag<Owner>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Owner>(partition_key<&Owner::id>,
                         relate<&Owner::things>(by<&Thing::owner_id>, inverse_of<&Thing::owner>));
#else
    return entity<Owner>(partition_key<&Owner::id>,
                         relate<&Owner::things>(by<&Thing::owner_id>, inverse_of<&Thing::stranger>));
#endif
}
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    return entity<Thing>(partition_key<&Thing::id>, gsi<&Thing::owner_id>{"by_owner"},
                         relate<&Thing::owner>(by<&Thing::owner_id>), relate<&Thing::stranger>(by<&Thing::owner_id>));
}
static_assert(dynasio::verify<Owner>());
