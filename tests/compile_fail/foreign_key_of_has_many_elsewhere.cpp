// expect: dynasio: the foreign key of has_one and has_many is a member of the target entity
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    dynasio::has_many<Post> posts{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, relate<&Thing::posts>(by<&Post::author_id>));
#else
    return entity<Thing>(partition_key<&Thing::id>, relate<&Thing::posts>(by<&Thing::id>));
#endif
}
static_assert(dynasio::verify<Thing>());
