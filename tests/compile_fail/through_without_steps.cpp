// expect: dynasio: has_many_through needs its two steps
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    dynasio::has_many<Post> posts{};
    dynasio::has_many_through<Comment> comments{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, relate<&Thing::posts>(by<&Post::author_id>),
                         relate<&Thing::comments>(through<&Thing::posts, &Post::comments>));
#else
    return entity<Thing>(partition_key<&Thing::id>, relate<&Thing::comments>());
#endif
}
static_assert(dynasio::verify<Thing>());
