// expect: dynasio: the steps of through<> are has_one or has_many relations; the second one can also be a belongs_to
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    std::string name{};
    dynasio::has_many<Post> posts{};
    dynasio::has_many_through<User> authors{};
    dynasio::has_many<User> named{};
    dynasio::has_many_through<Role> roles{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    constexpr auto posts = relate<&Thing::posts>(by<&Post::author_id>);
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, posts,
                         relate<&Thing::authors>(through<&Thing::posts, &Post::author>));
#else
    return entity<Thing>(partition_key<&Thing::id>, posts, relate<&Thing::roles>(through<&Thing::named, &User::roles>));
#endif
}
auto const& use() { return dynasio::entity_type_of<Thing>(); }
