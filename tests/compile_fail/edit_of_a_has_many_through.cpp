// expect: dynasio: a has_many_through is only read
#include <dynasio/orm/repository.hpp>

#include "model.hpp"

struct Shelf {
    std::string id{};
    dynasio::has_many<Post> posts{};
    dynasio::has_many_through<Comment> comments{};
};
constexpr auto dynasio_schema(dynasio::tag<Shelf>) {
    using namespace dynasio;
    return entity<Shelf>(partition_key<&Shelf::id>, relate<&Shelf::posts>(by<&Post::author_id>),
                         relate<&Shelf::comments>(through<&Shelf::posts, &Post::comments>));
}

#ifdef DYNASIO_CONTROL
void use(Shelf& shelf, Comment const& comment) { shelf.posts.edit().front().comments.edit().push_back(comment); }
#else
void use(Shelf& shelf, Comment const& comment) { shelf.comments.edit().push_back(comment); }
#endif
