// expect: dynasio: relate<> has an option that this kind of relation does not take
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    dynasio::belongs_to_many<Role> roles{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, relate<&Thing::roles>());
#else
    return entity<Thing>(partition_key<&Thing::id>, relate<&Thing::roles>(references<&Role::id>));
#endif
}
static_assert(dynasio::verify<Thing>());
