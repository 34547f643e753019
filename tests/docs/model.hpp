#ifndef DYNASIO_TESTS_DOCS_MODEL_HPP
#define DYNASIO_TESTS_DOCS_MODEL_HPP

// The entities that README.md and docs/ show. Parts between `//[name` and `//]` appear there word for word.

#include <dynasio/orm/codec.hpp>
#include <dynasio/orm/handles.hpp>
#include <dynasio/orm/schema.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/timestamp.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

//[codec
enum class Status { draft, live };

template <> struct dynasio::codec<Status> {
    static constexpr auto type = dynasio::dynamodb::attribute_type::string;
    static void encode(std::string& out, Status value) {
        codec<std::string>::encode(out, value == Status::live ? "live" : "draft");
    }
    static void decode(dynasio::dynamodb::json_reader& in, Status& value) {
        std::string text;
        codec<std::string>::decode(in, text);
        if (text != "live" && text != "draft")
            dynasio::throw_error(dynasio::errc::attribute_type_mismatch, "a status is \"live\" or \"draft\"");
        value = text == "live" ? Status::live : Status::draft;
    }
};
//]

namespace guide {

//[entities
struct Profile;
struct Post;
struct Comment;
struct Role;

struct User {
    std::string id{};
    std::string email{}, city{};
    std::optional<int> age{};
    dynasio::timestamp created_at{}, updated_at{};
    std::uint64_t version{};

    dynasio::has_one<Profile> profile{};
    dynasio::has_many<Post> posts{};
    dynasio::has_many_through<Comment> received{}; // comments on the user's posts
    dynasio::belongs_to_many<Role> roles{};
};

struct Profile {
    std::string id{}, user_id{}, bio{};
};

struct Post {
    std::string id{}, author_id{}, title{};
    Status status{};
    int score{};
    dynasio::belongs_to<User> author{};
    dynasio::has_many<Comment> comments{};
};

struct Comment {
    std::string id{}, post_id{}, author_id{}, text{};
    dynasio::belongs_to<User> author{};
};

struct Role {
    std::string id{}, name{};
    dynasio::belongs_to_many<User> users{};
};
//]

//[schemas
constexpr auto dynasio_schema(dynasio::tag<User>) {
    using namespace dynasio::dsl;
    return entity<User>(table{"users"}, partition_key<&User::id>, timestamps<&User::created_at, &User::updated_at>,
                        version<&User::version>, gsi<&User::email>{"by_email"}, gsi<&User::city, &User::age>{"by_city"},
                        relate<&User::profile>(by<&Profile::user_id>), relate<&User::posts>(by<&Post::author_id>),
                        relate<&User::received>(through<&User::posts, &Post::comments>), relate<&User::roles>());
}
constexpr auto dynasio_schema(dynasio::tag<Profile>) {
    using namespace dynasio::dsl;
    return entity<Profile>(partition_key<&Profile::id>, gsi<&Profile::user_id>{"by_user"});
}
constexpr auto dynasio_schema(dynasio::tag<Post>) {
    using namespace dynasio::dsl;
    return entity<Post>(partition_key<&Post::id>, gsi<&Post::author_id>{"by_author"},
                        gsi<&Post::author_id, &Post::score>{"by_author_and_score"},
                        relate<&Post::author>(by<&Post::author_id>), relate<&Post::comments>(by<&Comment::post_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Comment>) {
    using namespace dynasio::dsl;
    return entity<Comment>(partition_key<&Comment::id>, gsi<&Comment::post_id>{"by_post"},
                           relate<&Comment::author>(by<&Comment::author_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Role>) {
    using namespace dynasio::dsl;
    return entity<Role>(partition_key<&Role::id>, relate<&Role::users>(inverse_of<&User::roles>));
}
//]

//[composite
struct Line {
    std::int64_t order_number{};
    int position{};
    std::string product{};
};

struct Shipment {
    std::string id{};
    std::int64_t order_number{};
    int position{};
    dynasio::belongs_to<Line> line{};
};

constexpr auto dynasio_schema(dynasio::tag<Line>) {
    using namespace dynasio::dsl;
    return entity<Line>(partition_key<&Line::order_number>, sort_key<&Line::position>);
}
constexpr auto dynasio_schema(dynasio::tag<Shipment>) {
    using namespace dynasio::dsl;
    return entity<Shipment>(partition_key<&Shipment::id>,
                            relate<&Shipment::line>(by<&Shipment::order_number, &Shipment::position>));
}
//]

} // namespace guide

#endif
