// expect: dynasio: required<> of a relation is for belongs_to and morph_to
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/rules.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    std::string name{};
    int count{};
    std::string user_id{};
    dynasio::belongs_to<User> user{};
    dynasio::has_many<Post> posts{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, relate<&Thing::user>(by<&Thing::user_id>), required<&Thing::user>);
#else
    return entity<Thing>(partition_key<&Thing::id>, relate<&Thing::posts>(by<&Post::author_id>),
                         required<&Thing::posts>);
#endif
}
auto const& use() { return dynasio::entity_type_of<Thing>(); }
