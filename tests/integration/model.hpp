#ifndef DYNASIO_TESTS_INTEGRATION_MODEL_HPP
#define DYNASIO_TESTS_INTEGRATION_MODEL_HPP

#include <dynasio/orm/codec.hpp>
#include <dynasio/orm/handles.hpp>
#include <dynasio/orm/schema.hpp>

#include <dynasio/core/timestamp.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

// Entities of the integration tests: a blog with every kind of relation, and entities with unusual keys.
namespace blog {

struct Post;
struct Profile;
struct Role;
struct Comment;

struct User {
    std::string id{};
    std::string email{};
    std::string name{};
    std::optional<int> age{};
    dynasio::timestamp created_at{};
    dynasio::timestamp updated_at{};
    std::uint64_t version{};
    dynasio::has_one<Profile> profile{};
    dynasio::has_many<Post> posts{};
    dynasio::belongs_to_many<Role> roles{};
    dynasio::has_many_through<Comment> received{};
};

struct Profile {
    std::string id{};
    std::string user_id{};
    std::string bio{};
    dynasio::belongs_to<User> user{};
};

struct Post {
    std::string id{};
    std::string author_id{};
    std::string title{};
    std::string status{};
    std::string body{};
    int score{};
    dynasio::timestamp created_at{};
    dynasio::timestamp updated_at{};
    dynasio::belongs_to<User> author{};
    dynasio::has_many<Comment> comments{};
};

struct Comment {
    std::string id{};
    std::string post_id{};
    std::string author_id{};
    std::string text{};
    dynasio::belongs_to<Post> post{};
    dynasio::belongs_to<User> author{};
};

struct Role {
    std::string id{};
    std::string name{};
    dynasio::belongs_to_many<User> users{};
};

constexpr auto dynasio_schema(dynasio::tag<User>) {
    using namespace dynasio;
    return entity<User>(table{"users"}, partition_key<&User::id>, timestamps<&User::created_at, &User::updated_at>,
                        version<&User::version>, gsi<&User::email>{"by_email"},
                        relate<&User::profile>(by<&Profile::user_id>), relate<&User::posts>(by<&Post::author_id>),
                        relate<&User::roles>(), relate<&User::received>(through<&User::posts, &Post::comments>));
}
constexpr auto dynasio_schema(dynasio::tag<Profile>) {
    using namespace dynasio;
    return entity<Profile>(partition_key<&Profile::id>, gsi<&Profile::user_id>{"by_user"},
                           relate<&Profile::user>(by<&Profile::user_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Post>) {
    using namespace dynasio;
    return entity<Post>(partition_key<&Post::id>, timestamps<&Post::created_at, &Post::updated_at>,
                        gsi<&Post::author_id>{"by_author"}, relate<&Post::author>(by<&Post::author_id>),
                        relate<&Post::comments>(by<&Comment::post_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Comment>) {
    using namespace dynasio;
    return entity<Comment>(partition_key<&Comment::id>, gsi<&Comment::post_id>{"by_post"},
                           relate<&Comment::post>(by<&Comment::post_id>),
                           relate<&Comment::author>(by<&Comment::author_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Role>) {
    using namespace dynasio;
    return entity<Role>(partition_key<&Role::id>, relate<&Role::users>(inverse_of<&User::roles>));
}

} // namespace blog

namespace shop {

struct Line;

/// A tree: refers to itself, and roots have no parent.
struct Category {
    std::string id{};
    std::optional<std::string> parent_id{};
    std::string name{};
    dynasio::belongs_to<Category> parent{};
    dynasio::has_many<Category> children{};
};

/// A numeric key.
struct Order {
    std::int64_t number{};
    std::string customer{};
    std::uint64_t version{};
    dynasio::has_many<Line> lines{};
};

/// A key of two parts, the second a number, with a local index.
struct Line {
    std::int64_t order_number{};
    int position{};
    std::string product{};
    int cents{};
    dynasio::belongs_to<Order> order{};
};

/// Refers to a key of two parts.
struct Shipment {
    std::string id{};
    std::int64_t order_number{};
    int position{};
    dynasio::belongs_to<Line> line{};
};

constexpr auto dynasio_schema(dynasio::tag<Category>) {
    using namespace dynasio;
    return entity<Category>(partition_key<&Category::id>, gsi<&Category::parent_id>{"by_parent"},
                            relate<&Category::parent>(by<&Category::parent_id>),
                            relate<&Category::children>(by<&Category::parent_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Order>) {
    using namespace dynasio;
    return entity<Order>(partition_key<&Order::number>, version<&Order::version>,
                         relate<&Order::lines>(by<&Line::order_number>));
}
constexpr auto dynasio_schema(dynasio::tag<Line>) {
    using namespace dynasio;
    return entity<Line>(partition_key<&Line::order_number>, sort_key<&Line::position>, lsi<&Line::cents>{"by_price"},
                        relate<&Line::order>(by<&Line::order_number>));
}
constexpr auto dynasio_schema(dynasio::tag<Shipment>) {
    using namespace dynasio;
    return entity<Shipment>(partition_key<&Shipment::id>,
                            relate<&Shipment::line>(by<&Shipment::order_number, &Shipment::position>));
}

} // namespace shop

namespace kinds {

/// One member of each type that has a codec.
struct Everything {
    std::string id{};
    std::string text{};
    bool flag{};
    std::int64_t smallest{};
    std::int64_t largest{};
    std::uint64_t huge{};
    std::int8_t tiny{};
    double real{};
    double third{};
    float single{};
    std::vector<std::string> words{};
    std::vector<std::string> nothing{};
    std::vector<std::vector<int>> matrix{};
    std::map<std::string, int> numbers{};
    std::map<std::string, std::vector<std::string>> nested{};
    dynasio::timestamp moment{};
    dynasio::timestamp never{};
    std::optional<std::string> some{};
    std::optional<std::string> none{};
    dynasio::dynamodb::number exact{};
    dynasio::dynamodb::binary bytes{};
    dynasio::dynamodb::attribute_value any{};
};
constexpr auto dynasio_schema(dynasio::tag<Everything>) {
    using namespace dynasio;
    return entity<Everything>(table{"everything"}, partition_key<&Everything::id>);
}

} // namespace kinds

#endif
