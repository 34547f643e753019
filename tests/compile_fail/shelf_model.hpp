#ifndef DYNASIO_TESTS_COMPILE_FAIL_SHELF_MODEL_HPP
#define DYNASIO_TESTS_COMPILE_FAIL_SHELF_MODEL_HPP

#include "model.hpp"

/// Has what belongs to its posts by a has_many_through.
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

#endif
