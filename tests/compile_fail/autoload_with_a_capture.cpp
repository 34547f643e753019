// expect: dynasio: autoload<>(…) takes limit, an order, client_side
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
                         relate<&Shelf::posts>(by<&Post::author_id>),
                         autoload<&Shelf::posts>([] { return field<&Post::score> == 1; }));
#else
    return entity<Shelf>(partition_key<&Shelf::id>, relate<&Shelf::owner>(by<&Shelf::owner_id>),
                         relate<&Shelf::posts>(by<&Post::author_id>),
                         autoload<&Shelf::posts>([n = 1] { return field<&Post::score> == n; }));
#endif
}
auto const& use() { return dynasio::entity_type_of<Shelf>(); }
