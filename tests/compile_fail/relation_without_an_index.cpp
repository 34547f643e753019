// expect: dynasio: no index serves this relation
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
    return entity<Thing>(partition_key<&Thing::id>, relate<&Thing::posts>(by<&Post::title>));
#endif
}
static_assert(dynasio::verify<Thing>());
