// expect: dynasio: the steps of through<> are has_one or has_many relations
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    std::string post_id{};
    dynasio::belongs_to<Post> post{};
    dynasio::has_many<Post> posts{};
    dynasio::has_many_through<Comment> comments{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    constexpr auto post = relate<&Thing::post>(by<&Thing::post_id>);
    constexpr auto posts = relate<&Thing::posts>(by<&Post::author_id>);
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, post, posts,
                         relate<&Thing::comments>(through<&Thing::posts, &Post::comments>));
#else
    return entity<Thing>(partition_key<&Thing::id>, post, posts,
                         relate<&Thing::comments>(through<&Thing::post, &Post::comments>));
#endif
}
static_assert(dynasio::verify<Thing>());
