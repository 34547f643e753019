// expect: dynasio: a has_many_through is not saved along
#include <dynasio/orm/along.hpp>
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

struct Shelf {
    std::string id{};
    std::string user_id{};
    dynasio::has_many<Post> posts{};
    dynasio::has_many_through<Comment> comments{};
};
constexpr auto dynasio_schema(dynasio::tag<Shelf>) {
    using namespace dynasio;
    return entity<Shelf>(partition_key<&Shelf::id>, relate<&Shelf::posts>(by<&Post::author_id>),
                         relate<&Shelf::comments>(through<&Shelf::posts, &Post::comments>));
}

#ifdef DYNASIO_CONTROL
auto use(dynasio::repository<Shelf> const& shelves, Shelf& shelf) {
    return shelves.save(shelf, dynasio::along<&Shelf::posts>());
}
#else
auto use(dynasio::repository<Shelf> const& shelves, Shelf& shelf) {
    return shelves.save(shelf, dynasio::along<&Shelf::comments>());
}
#endif
