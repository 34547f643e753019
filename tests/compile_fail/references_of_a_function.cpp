// expect: dynasio: references<> names a function
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing;
struct Owner {
    std::string id{};
    std::string name{};
    dynasio::has_many<Thing> things{};
    std::string upper() const { return name; }
};
struct Thing {
    std::string id{};
    std::string owner_name{};
};
constexpr auto dynasio_schema(dynasio::tag<Owner>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Owner>(partition_key<&Owner::id>, computed<&Owner::upper>,
                         relate<&Owner::things>(by<&Thing::owner_name>, references<&Owner::name>));
#else
    return entity<Owner>(partition_key<&Owner::id>, computed<&Owner::upper>,
                         relate<&Owner::things>(by<&Thing::owner_name>, references<&Owner::upper>));
#endif
}
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    return entity<Thing>(partition_key<&Thing::id>, gsi<&Thing::owner_name>{"by_owner"});
}
static_assert(dynasio::verify<Owner, Thing>());
