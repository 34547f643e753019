// expect: dynasio: this relation is not declared; add relate<&T::member>
#include <dynasio/orm/autoload.hpp>
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

struct Shelf {
    std::string id{};
    std::string owner_id{};
    dynasio::belongs_to<User> owner{};
    dynasio::has_many<Post> posts{};
};
constexpr auto dynasio_schema(dynasio::tag<Shelf>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Shelf>(partition_key<&Shelf::id>, relate<&Shelf::owner>(by<&Shelf::owner_id>),
                         relate<&Shelf::posts>(by<&Post::author_id>), autoload<&Shelf::posts>());
#else
    return entity<Shelf>(partition_key<&Shelf::id>, relate<&Shelf::owner>(by<&Shelf::owner_id>),
                         autoload<&Shelf::posts>());
#endif
}
auto const& use() { return dynasio::entity_type_of<Shelf>(); }
