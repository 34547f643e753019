// expect: dynasio: relate<> names a member that is no relation
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    std::string other{};
    dynasio::belongs_to<User> user{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, relate<&Thing::user>(by<&Thing::id>));
#else
    return entity<Thing>(partition_key<&Thing::id>, relate<&Thing::other>(by<&Thing::id>));
#endif
}
static_assert(dynasio::verify<Thing>());
