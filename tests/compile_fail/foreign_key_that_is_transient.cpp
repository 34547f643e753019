// expect: dynasio: the foreign key of belongs_to is not stored
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    std::string name{};
    long count{};
    dynasio::timestamp made{};
    dynasio::timestamp changed{};
    dynasio::belongs_to<User> user{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, relate<&Thing::user>(by<&Thing::name>));
#else
    return entity<Thing>(partition_key<&Thing::id>, relate<&Thing::user>(by<&Thing::name>), transient<&Thing::name>);
#endif
}
static_assert(dynasio::verify<Thing>());
