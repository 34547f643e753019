// The relations of Dynorm's page and their equivalents, as docs/from-other-libraries.md shows them, run against a
// server. Parts between `//[name` and `//]` appear there word for word.

#include <dynasio/orm/model.hpp>
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/verify.hpp>

#include <gtest/gtest.h>

#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "docs/database.hpp"
#include "docs/request_meter.hpp"

namespace from_dynorm_relations {

//[model
struct Profile;
struct Post;
struct Role;

struct User {
    std::string id{};
    std::string email{}, username{}, country_id{};
    dynasio::has_one<Profile> profile{};    // HasOne
    dynasio::has_many<Post> posts{};        // HasMany
    dynasio::belongs_to_many<Role> roles{}; // BelongsToMany
};

struct Profile {
    std::string id{}, user_id{}, bio{}, avatar{};
    dynasio::timestamp deleted_at{};
};

struct Post {
    std::string id{}, author_id{}, title{}, content{};
    dynasio::timestamp deleted_at{};
    dynasio::belongs_to<User> author{}; // BelongsTo
};

struct Role {
    std::string id{}, name{};
    std::vector<std::string> permissions{};
    dynasio::belongs_to_many<User> users{}; // BelongsToMany, the inverse
};

struct Country {
    std::string id{}, name{};
    dynasio::has_many<User> users{};
    dynasio::has_many_through<Post> posts{}; // HasManyThrough
};

constexpr auto dynasio_schema(dynasio::tag<User>) {
    using namespace dynasio::dsl;
    return entity<User>(partition_key<&User::id>, gsi<&User::country_id>{"ByCountry"},
                        relate<&User::profile>(by<&Profile::user_id>), relate<&User::posts>(by<&Post::author_id>),
                        relate<&User::roles>());
}
constexpr auto dynasio_schema(dynasio::tag<Profile>) {
    using namespace dynasio::dsl;
    return entity<Profile>(partition_key<&Profile::id>, soft_delete<&Profile::deleted_at>,
                           gsi<&Profile::user_id>{"ByUser"});
}
constexpr auto dynasio_schema(dynasio::tag<Post>) {
    using namespace dynasio::dsl;
    return entity<Post>(partition_key<&Post::id>, soft_delete<&Post::deleted_at>, gsi<&Post::author_id>{"ByAuthor"},
                        relate<&Post::author>(by<&Post::author_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Role>) {
    using namespace dynasio::dsl;
    return entity<Role>(partition_key<&Role::id>, relate<&Role::users>(inverse_of<&User::roles>));
}
constexpr auto dynasio_schema(dynasio::tag<Country>) {
    using namespace dynasio::dsl;
    return entity<Country>(partition_key<&Country::id>, relate<&Country::users>(by<&User::country_id>),
                           relate<&Country::posts>(through<&Country::users, &User::posts>));
}

static_assert(dynasio::verify<User, Profile, Post, Role, Country>());
//]

namespace {

namespace asio = boost::asio;
using namespace dynasio::dsl;

//[has_one
asio::awaitable<void> show_profile(dynasio::client db, User& user) {
    repository<User> users{db};
    auto const profile = users.related<&User::profile>(user);
    auto const shown = co_await profile.get(); // Get()
    std::cout << (shown ? shown->bio : "no profile") << '\n';

    auto const any = co_await profile.get(with_trashed); // WithTrashed().Get()
    if (any) std::cout << any->bio << (is_trashed(*any) ? ", trashed\n" : "\n");
}
//]

//[has_many
asio::awaitable<void> write_and_withdraw(dynasio::client db, User& user) {
    repository<User> users{db};
    auto const posts = users.related<&User::posts>(user);

    Post post{.title = "Hello", .content = "World"};
    co_await posts.add(post); // Add(): post.id is a ULID and post.author_id is user.id now
    auto const all = co_await posts.get();
    auto const how_many = co_await posts.count();
    std::cout << all.size() << ' ' << how_many << '\n';

    co_await posts.remove(post); // Remove(): post.author_id is empty, and the post stays
    std::cout << co_await posts.count() << '\n';
}
//]

//[belongs_to
asio::awaitable<void> show_author(dynasio::client db, Post& post) {
    repository<Post> posts{db};
    auto const author = co_await posts.related<&Post::author>(post).get();
    std::cout << (author ? author->email : "nobody") << '\n';
}
//]

//[belongs_to_many
asio::awaitable<void> change_roles(dynasio::client db, User& user, Role const& admin, std::vector<Role> wanted) {
    repository<User> users{db};
    auto const roles = users.related<&User::roles>(user);

    co_await roles.attach(admin);                                // Attach()
    co_await roles.attach(admin, pivot("granted_by", "system")); // AttachWithContext()
    auto const granted = co_await roles.get();                   // Get()
    std::cout << granted.size() << ' ' << co_await roles.count() << '\n';

    bool const was_attached = co_await roles.detach(admin);         // Detach()
    auto const changed = co_await roles.sync(wanted);               // Sync(): these and no others
    bool const is_attached = co_await roles.toggle(wanted.front()); // Toggle()
    std::cout << was_attached << ' ' << changed.attached.size() << ' ' << is_attached << '\n';
}
//]

//[pivot_data
asio::awaitable<void> show_grants(dynasio::client db, User& user) {
    repository<User> users{db};
    auto const roles = co_await users.related<&User::roles>(user).get();
    for (auto const& [role, data] : roles.with_pivot()) { // GetPivotData()
        std::cout << role.name << (data.created_at().is_set() ? ", dated" : "");
        if (auto const* const by = data.find("granted_by")) std::cout << ", by " << by->as_string();
        std::cout << '\n';
    }
}
//]

//[through
asio::awaitable<void> show_country(dynasio::client db, Country& country) {
    repository<Country> countries{db};
    auto const posts = countries.related<&Country::posts>(country);
    auto const all = co_await posts.get();
    std::cout << all.size() << ' ' << co_await posts.count() << '\n';
}
//]

//[eager
asio::awaitable<void> show_all(dynasio::client db) {
    repository<User> users{db};
    auto everybody = co_await users.scan(with<&User::posts>(), with<&User::profile>(), with<&User::roles>()).all();
    for (User& user : everybody) {
        for (Post const& post : user.posts) std::cout << user.username << ": " << post.title << '\n';
        auto const same = co_await users.related<&User::posts>(user).get(); // is loaded: sends nothing
        std::cout << same.size() << user.roles.size() << user.profile.has_value() << '\n';
    }
}
//]

//[trash
asio::awaitable<void> show_trash(dynasio::client db, User& user) {
    repository<User> users{db};
    auto const posts = users.related<&User::posts>(user);
    auto const live = co_await posts.get();
    auto const all = co_await posts.get(with_trashed);      // WithTrashed()
    auto const again = co_await posts.get(without_trashed); // WithoutTrashed()
    auto const gone = co_await posts.get(only_trashed);     // nothing but those
    std::cout << live.size() << all.size() << again.size() << gone.size() << '\n';
}
//]

class docs_from_dynorm_relations : public guide::docs_database<User, Profile, Post, Role, Country> {
protected:
    void SetUp() override {
        docs_database::SetUp();
        ann_ = saved(User{.id = "ann", .email = "ann@example.com", .username = "ann", .country_id = "no"});
    }
    User ann_;
};

TEST_F(docs_from_dynorm_relations, has_one) {
    auto const profile = saved(Profile{.id = "p", .user_id = "ann", .bio = "likes tea"});
    guide::request_meter requests(db_);
    EXPECT_EQ(printed_by(show_profile(db_, ann_)), "likes tea\nlikes tea\n");
    EXPECT_EQ(requests.sent(), "Query 2");

    auto trashed = profile;
    run(repository<Profile>(db_).trash(trashed));
    ann_.profile.unload();
    EXPECT_EQ(printed_by(show_profile(db_, ann_)), "no profile\nlikes tea, trashed\n");
}

TEST_F(docs_from_dynorm_relations, has_many) {
    guide::request_meter requests(db_);
    EXPECT_EQ(printed_by(write_and_withdraw(db_, ann_)), "1 1\n0\n");
    EXPECT_EQ(requests.sent(), "PutItem 1, Query 3, UpdateItem 1");
    auto const orphans = repository<Post>(db_).scan(field<&Post::author_id>.not_exists());
    EXPECT_EQ(run(orphans.count()), 1U);
}

TEST_F(docs_from_dynorm_relations, belongs_to) {
    auto post = saved(Post{.id = "p", .author_id = "ann"});
    Post nobodys{.id = "q"};
    guide::request_meter requests(db_);
    EXPECT_EQ(printed_by(show_author(db_, post)), "ann@example.com\n");
    EXPECT_EQ(requests.sent(), "BatchGetItem 1");
    EXPECT_EQ(printed_by(show_author(db_, nobodys)), "nobody\n");
    EXPECT_EQ(requests.sent(), "");
}

TEST_F(docs_from_dynorm_relations, belongs_to_many) {
    auto const admin = saved(Role{.id = "admin", .name = "Administrator"});
    std::vector<Role> const wanted{saved(Role{.id = "reader"}), saved(Role{.id = "editor"})};
    guide::request_meter requests(db_);
    EXPECT_EQ(printed_by(change_roles(db_, ann_, admin, wanted)), "1 1\n1 2 0\n");
    EXPECT_EQ(requests.sent(), "BatchGetItem 2, DeleteItem 1, GetItem 1, Query 3, TransactWriteItems 3, UpdateItem 2");
    auto const editor = run(repository<Role>(db_).get("editor", with<&Role::users>())); // from the other side
    ASSERT_EQ(editor.users.size(), 1U);
    EXPECT_EQ(editor.users[0].id, "ann");
}

TEST_F(docs_from_dynorm_relations, pivot_data) {
    auto const admin = saved(Role{.id = "admin", .name = "Administrator"});
    run(repository<User>(db_).related<&User::roles>(ann_).attach(admin, pivot("granted_by", "system")));
    guide::request_meter requests(db_);
    EXPECT_EQ(printed_by(show_grants(db_, ann_)), "Administrator, dated, by system\n");
    EXPECT_EQ(requests.sent(), "BatchGetItem 1, Query 1");
}

TEST_F(docs_from_dynorm_relations, has_many_through) {
    saved(User{.id = "bob", .country_id = "no"});
    saved(Post{.id = "p", .author_id = "ann"});
    saved(Post{.id = "q", .author_id = "bob"});
    auto norway = saved(Country{.id = "no", .name = "Norway"});
    guide::request_meter requests(db_);
    EXPECT_EQ(printed_by(show_country(db_, norway)), "2 2\n");
    EXPECT_EQ(requests.sent(), "Query 6"); // get() and count(): the users, and the posts of each of the two
}

TEST_F(docs_from_dynorm_relations, with) {
    saved(Post{.id = "p", .author_id = "ann", .title = "Hello"});
    auto const admin = saved(Role{.id = "admin"});
    run(repository<User>(db_).related<&User::roles>(ann_).attach(admin));
    guide::request_meter requests(db_);
    EXPECT_EQ(printed_by(show_all(db_)), "ann: Hello\n110\n");
    EXPECT_EQ(requests.sent(), "BatchGetItem 1, Query 3, Scan 1");
}

TEST_F(docs_from_dynorm_relations, trash) {
    saved(Post{.id = "p", .author_id = "ann"});
    auto gone = saved(Post{.id = "q", .author_id = "ann"});
    run(repository<Post>(db_).trash(gone));
    EXPECT_EQ(printed_by(show_trash(db_, ann_)), "1211\n");
}

} // namespace
} // namespace from_dynorm_relations
