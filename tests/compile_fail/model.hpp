#ifndef DYNASIO_TESTS_COMPILE_FAIL_MODEL_HPP
#define DYNASIO_TESTS_COMPILE_FAIL_MODEL_HPP

#include <dynasio/orm/schema.hpp>

#include <string>

// What the cases of this directory start from: a model without a mistake.
struct Post;
struct Comment;
struct Role;

struct User {
    std::string id{};
    std::string name{};
    dynasio::has_many<Post> posts{};
    dynasio::belongs_to_many<Role> roles{};
};
struct Post {
    std::string id{};
    std::string author_id{};
    std::string title{};
    int score{};
    dynasio::belongs_to<User> author{};
    dynasio::has_many<Comment> comments{};
};
struct Comment {
    std::string id{};
    std::string post_id{};
};
struct Role {
    std::string id{};
    dynasio::belongs_to_many<User> users{};
};
struct Reading {
    std::string device{};
    long number{};
};

constexpr auto dynasio_schema(dynasio::tag<User>) {
    using namespace dynasio;
    return entity<User>(partition_key<&User::id>, relate<&User::posts>(by<&Post::author_id>), relate<&User::roles>());
}
constexpr auto dynasio_schema(dynasio::tag<Post>) {
    using namespace dynasio;
    return entity<Post>(partition_key<&Post::id>, gsi<&Post::author_id>{"by_author"},
                        relate<&Post::author>(by<&Post::author_id>), relate<&Post::comments>(by<&Comment::post_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Comment>) {
    using namespace dynasio;
    return entity<Comment>(partition_key<&Comment::id>, gsi<&Comment::post_id>{"by_post"});
}
constexpr auto dynasio_schema(dynasio::tag<Role>) {
    using namespace dynasio;
    return entity<Role>(partition_key<&Role::id>, relate<&Role::users>(inverse_of<&User::roles>));
}
constexpr auto dynasio_schema(dynasio::tag<Reading>) {
    using namespace dynasio;
    return entity<Reading>(partition_key<&Reading::device>, sort_key<&Reading::number>);
}

#endif
