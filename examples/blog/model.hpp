#ifndef DYNASIO_EXAMPLES_BLOG_MODEL_HPP
#define DYNASIO_EXAMPLES_BLOG_MODEL_HPP

#include <dynasio/orm/handles.hpp>
#include <dynasio/orm/schema.hpp>

#include <cstdint>
#include <string>

// The entities are plain structs; every name in their schemas is a member pointer, so that the compiler checks it.
namespace blog {

struct Profile;
struct Post;
struct Comment;
struct Role;

struct User {
    std::string id{}; // a ULID, made by the first save
    std::string name{}, email{}, status{};
    dynasio::timestamp created_at{}, updated_at{};
    std::uint64_t version{};

    dynasio::has_one<Profile> profile{};
    dynasio::has_many<Post> posts{};
    dynasio::belongs_to_many<Role> roles{};
    dynasio::has_many_through<Comment> received{}; // comments on the user's posts
};

struct Profile {
    std::string id{}, user_id{}, city{}, about{};
    dynasio::belongs_to<User> user{};
};

struct Post {
    std::string id{}, author_id{}, title{}, status{};
    dynasio::timestamp created_at{}, updated_at{};
    dynasio::belongs_to<User> author{};
    dynasio::has_many<Comment> comments{};
};

struct Comment {
    std::string id{}, post_id{}, author_id{}, text{};
    dynasio::belongs_to<Post> post{};
    dynasio::belongs_to<User> author{};
};

struct Role {
    std::string id{}, name{};
    dynasio::belongs_to_many<User> users{};
};

constexpr auto dynasio_schema(dynasio::tag<User>) {
    using namespace dynasio::dsl;
    return entity<User>(partition_key<&User::id>, timestamps<&User::created_at, &User::updated_at>,
                        version<&User::version>, gsi<&User::status>{"by_status"},
                        relate<&User::profile>(by<&Profile::user_id>), relate<&User::posts>(by<&Post::author_id>),
                        relate<&User::roles>(), relate<&User::received>(through<&User::posts, &Post::comments>));
}
constexpr auto dynasio_schema(dynasio::tag<Profile>) {
    using namespace dynasio::dsl;
    return entity<Profile>(partition_key<&Profile::id>, gsi<&Profile::user_id>{"by_user"},
                           relate<&Profile::user>(by<&Profile::user_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Post>) {
    using namespace dynasio::dsl;
    // by_author has no sort key of its own and takes the id, a ULID: newest_first is served by the index.
    return entity<Post>(partition_key<&Post::id>, timestamps<&Post::created_at, &Post::updated_at>,
                        gsi<&Post::author_id>{"by_author"}, relate<&Post::author>(by<&Post::author_id>),
                        relate<&Post::comments>(by<&Comment::post_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Comment>) {
    using namespace dynasio::dsl;
    return entity<Comment>(partition_key<&Comment::id>, gsi<&Comment::post_id>{"by_post"},
                           relate<&Comment::post>(by<&Comment::post_id>),
                           relate<&Comment::author>(by<&Comment::author_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Role>) {
    using namespace dynasio::dsl;
    return entity<Role>(partition_key<&Role::id>, relate<&Role::users>(inverse_of<&User::roles>));
}

} // namespace blog

#endif
