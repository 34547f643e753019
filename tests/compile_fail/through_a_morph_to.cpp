// expect: dynasio: a step of through<> is a morph_to
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    std::string kind{};
    std::string post_id{};
    dynasio::morph_to<Post> subject{};
    dynasio::belongs_to<Post> post{};
    dynasio::has_many_through<Comment> comments{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    constexpr auto subject = relate<&Thing::subject>(by<&Thing::kind, &Thing::post_id>);
    constexpr auto post = relate<&Thing::post>(by<&Thing::post_id>);
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, subject, post,
                         relate<&Thing::comments>(through<&Thing::post, &Post::comments>));
#else
    return entity<Thing>(partition_key<&Thing::id>, subject, post,
                         relate<&Thing::comments>(through<&Thing::subject, &Post::comments>));
#endif
}
static_assert(dynasio::verify<Thing>());
