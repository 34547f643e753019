#ifndef DYNASIO_BENCH_RECORDS_HPP
#define DYNASIO_BENCH_RECORDS_HPP

#include <dynasio/orm/handles.hpp>
#include <dynasio/orm/schema.hpp>

#include <dynasio/core/timestamp.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace bench {

/// An entity with twelve attributes of the usual types.
struct Account {
    std::string id{};
    std::string email{};
    std::string name{};
    std::string status{};
    std::int64_t age{};
    std::uint64_t version{};
    double balance{};
    bool active{};
    dynasio::timestamp created_at{};
    dynasio::timestamp updated_at{};
    std::vector<std::string> tags{};
    std::optional<std::string> country{};
};

constexpr auto dynasio_schema(dynasio::tag<Account>) {
    using namespace dynasio::dsl;
    return entity<Account>(table{"accounts"}, partition_key<&Account::id>,
                           timestamps<&Account::created_at, &Account::updated_at>, version<&Account::version>);
}

// A graph with all five kinds of relations.
struct Profile;
struct Post;
struct Comment;
struct Country;
struct Role;

struct User {
    std::string id{};
    std::string name{};
    std::string country_id{};
    dynasio::has_one<Profile> profile{};
    dynasio::has_many<Post> posts{};
    dynasio::belongs_to<Country> country{};
    dynasio::belongs_to_many<Role> roles{};
    dynasio::has_many_through<Comment> received{};
};
struct Profile {
    std::string id{}, user_id{}, text{};
};
struct Post {
    std::string id{}, author_id{}, title{};
    dynasio::has_many<Comment> comments{};
};
struct Comment {
    std::string id{}, post_id{}, text{};
};
struct Country {
    std::string id{}, name{};
};
struct Role {
    std::string id{}, name{};
};

constexpr auto dynasio_schema(dynasio::tag<User>) {
    using namespace dynasio::dsl;
    return entity<User>(partition_key<&User::id>, relate<&User::profile>(by<&Profile::user_id>),
                        relate<&User::posts>(by<&Post::author_id>), relate<&User::country>(by<&User::country_id>),
                        relate<&User::roles>(), relate<&User::received>(through<&User::posts, &Post::comments>));
}
constexpr auto dynasio_schema(dynasio::tag<Profile>) {
    using namespace dynasio::dsl;
    return entity<Profile>(partition_key<&Profile::id>, gsi<&Profile::user_id>{"by_user"});
}
constexpr auto dynasio_schema(dynasio::tag<Post>) {
    using namespace dynasio::dsl;
    return entity<Post>(partition_key<&Post::id>, gsi<&Post::author_id>{"by_author"},
                        relate<&Post::comments>(by<&Comment::post_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Comment>) {
    using namespace dynasio::dsl;
    return entity<Comment>(partition_key<&Comment::id>, gsi<&Comment::post_id>{"by_post"});
}
constexpr auto dynasio_schema(dynasio::tag<Country>) {
    using namespace dynasio::dsl;
    return entity<Country>(table{"countries"}, partition_key<&Country::id>);
}
constexpr auto dynasio_schema(dynasio::tag<Role>) {
    using namespace dynasio::dsl;
    return entity<Role>(partition_key<&Role::id>);
}

} // namespace bench

#endif
