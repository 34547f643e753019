#ifndef DYNASIO_TESTS_UNIT_ORM_MODEL_HPP
#define DYNASIO_TESTS_UNIT_ORM_MODEL_HPP

#include <dynasio/orm/handles.hpp>
#include <dynasio/orm/schema.hpp>

#include <dynasio/core/timestamp.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

// The entities that the unit tests of the ORM share: every kind of relation, simple and composite keys.
namespace shop {

struct Profile;
struct Post;
struct Role;
struct Comment;

struct User {
    std::string id{};
    std::string email{};
    std::string name{};
    std::optional<int> age{};
    dynasio::timestamp created_at{}, updated_at{};
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
    std::optional<std::string> editor_id{};
    std::string title{};
    std::string status{};
    int score{};
    dynasio::belongs_to<User> author{};
    dynasio::belongs_to<User> editor{};
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
    return entity<Post>(partition_key<&Post::id>, gsi<&Post::author_id>{"by_author"},
                        gsi<&Post::author_id, &Post::score>{"by_author_score"}, gsi<&Post::editor_id>{"by_editor"},
                        relate<&Post::author>(by<&Post::author_id>), relate<&Post::editor>(by<&Post::editor_id>),
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

// Composite keys on both sides, a local index, and a foreign key of two parts.
struct Reading;
struct Alarm;
struct Device {
    std::string site{};
    std::int64_t number{};
    std::string model{};
    std::string state{};
    dynasio::has_many<Reading> readings{};
    dynasio::belongs_to_many<Alarm> alarms{};
};
struct Reading {
    std::string device_site{};
    std::int64_t device_number{};
    std::string id{};
    double value{};
    dynasio::belongs_to<Device> device{};
};
struct Alarm {
    std::int64_t code{};
    std::string text{};
    dynasio::belongs_to_many<Device> devices{};
};
constexpr auto dynasio_schema(dynasio::tag<Device>) {
    using namespace dynasio;
    return entity<Device>(partition_key<&Device::site>, sort_key<&Device::number>, lsi<&Device::model>{"by_model"},
                          gsi<&Device::state, &Device::model>{"by_state"},
                          relate<&Device::readings>(by<&Reading::device_site, &Reading::device_number>),
                          relate<&Device::alarms>(pivot_table{"alarm_links"}));
}
constexpr auto dynasio_schema(dynasio::tag<Reading>) {
    using namespace dynasio;
    return entity<Reading>(partition_key<&Reading::id>,
                           gsi<&Reading::device_site, &Reading::device_number>{"by_device"},
                           relate<&Reading::device>(by<&Reading::device_site, &Reading::device_number>));
}
constexpr auto dynasio_schema(dynasio::tag<Alarm>) {
    using namespace dynasio;
    return entity<Alarm>(partition_key<&Alarm::code>, relate<&Alarm::devices>(inverse_of<&Device::alarms>));
}

struct Category {
    std::string id{};
    std::optional<std::string> parent_id{};
    dynasio::belongs_to<Category> parent{};
    dynasio::has_many<Category> children{};
};
constexpr auto dynasio_schema(dynasio::tag<Category>) {
    using namespace dynasio;
    return entity<Category>(partition_key<&Category::id>, gsi<&Category::parent_id>{"by_parent"},
                            relate<&Category::parent>(by<&Category::parent_id>),
                            relate<&Category::children>(by<&Category::parent_id>));
}

} // namespace shop

#endif
