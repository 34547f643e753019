#include <dynasio/orm/verify.hpp>

#include <optional>
#include <string>
#include <vector>

#include "integration/database_test.hpp"

// Projections: structs that are a part of an entity, against a real server.
namespace cards {

using namespace dynasio::dsl;

struct Post;

struct User {
    std::string id{};
    std::string displayName{};
    std::string city{};
    std::int64_t age{};
    std::string biography{};
    dynasio::timestamp deleted_at{};
    std::uint64_t version{};

    dynasio::has_many<Post> posts{};
};
struct UserCard {
    std::string displayName{};

    dynasio::has_many<Post> posts{};
};
/// A part with nothing but a key, and no relations.
struct UserId {
    std::string id{};
};
struct Post {
    std::string id{};
    std::string author_id{};
    std::string title{};
    std::string text{};

    dynasio::belongs_to<UserCard> author{};
};
struct PostLine {
    std::string title{};

    dynasio::belongs_to<UserCard> author{};
};

constexpr auto dynasio_schema(dynasio::tag<User>) {
    return entity<User>(table{"people"}, partition_key<&User::id>, version<&User::version>,
                        soft_delete<&User::deleted_at>, attribute<&User::displayName>{"shown"},
                        gsi<&User::city, &User::age>{"by_city"}, relate<&User::posts>(by<&Post::author_id>));
}
constexpr auto dynasio_schema(dynasio::tag<UserCard>) {
    return entity<UserCard>(projection_of<User>, relate<&UserCard::posts>(by<&Post::author_id>));
}
constexpr auto dynasio_schema(dynasio::tag<UserId>) { return entity<UserId>(projection_of<User>); }
constexpr auto dynasio_schema(dynasio::tag<Post>) {
    return entity<Post>(table{"posts"}, partition_key<&Post::id>, gsi<&Post::author_id>{"by_author"},
                        relate<&Post::author>(by<&Post::author_id>));
}
constexpr auto dynasio_schema(dynasio::tag<PostLine>) {
    return entity<PostLine>(projection_of<Post>, relate<&PostLine::author>(by<&Post::author_id>));
}
static_assert(dynasio::verify<User, UserCard, UserId, Post, PostLine>());

} // namespace cards

namespace dynasio {
namespace {

using namespace dynasio::dsl;
using cards::Post;
using cards::PostLine;
using cards::User;
using cards::UserCard;
using cards::UserId;

class projections_against : public test::database_test {
protected:
    using database_test::database_test;

    void SetUp() override {
        create_tables<User, Post>();
        std::vector<User> users;
        std::vector<Post> posts;
        for (std::size_t i = 0; i < 4; ++i) {
            User u;
            u.id = "u" + std::to_string(i);
            u.displayName = "n" + std::to_string(i);
            u.city = i < 3 ? "Bonn" : "Oslo";
            u.age = 30 - static_cast<std::int64_t>(i);
            u.biography = std::string(1000, 'b');
            users.push_back(u);
            for (std::size_t j = 0; j < i; ++j) {
                Post p;
                p.id = u.id + "p" + std::to_string(j);
                p.author_id = u.id;
                p.title = "t" + std::to_string(j);
                posts.push_back(p);
            }
        }
        save_all(users);
        save_all(posts);
        repository<User> const all(direct);
        run(all.trash(users[1]));
    }
    static std::string names(std::vector<UserCard> const& all) {
        std::string out;
        for (auto const& c : all) out += (out.empty() ? "" : " ") + c.displayName;
        return out;
    }

    void reads_by_key() {
        repository<UserCard> const users(db);
        EXPECT_EQ(run(users.get("u2")).displayName, "n2");
        EXPECT_FALSE(run(users.find("no such user")));
        EXPECT_EQ(run(users.find("u1"))->displayName, "n1") << "find() gives what is trashed";
        EXPECT_FALSE(run(users.find("u1", without_trashed)));
        EXPECT_EQ(failure_of(users.get("u1", without_trashed)).code, errc::not_found);
        auto const with_posts = run(users.get("u2", with<&UserCard::posts>()));
        EXPECT_EQ(with_posts.displayName, "n2");
        EXPECT_EQ(with_posts.posts.size(), 2u) << "the key is no member, and yet the relation is found";
        std::vector<std::string> const keys{"u3", "u1", "u0", "u3"};
        auto const many = run(users.find_many(keys));
        ASSERT_EQ(many.size(), 4u);
        EXPECT_EQ(many[0]->displayName, "n3");
        EXPECT_FALSE(many[1]) << "it is trashed, and has no member for that";
        EXPECT_EQ(many[2]->displayName, "n0");
        EXPECT_EQ(many[3]->displayName, "n3");
        EXPECT_EQ(run(repository<UserId>(db).get("u2")).id, "u2");
    }
    void reads_by_queries() {
        repository<UserCard> const users(db);
        auto const in_bonn = users.where(field<&User::city> == "Bonn");
        EXPECT_EQ(names(run(in_bonn.all())), "n2 n0") << "in the order of age, without the trashed one";
        EXPECT_EQ(names(run(in_bonn.with_trashed().all())), "n2 n1 n0");
        EXPECT_EQ(names(run(in_bonn.where(field<&User::age> > 28).all())), "n0");
        EXPECT_EQ(names(run(in_bonn.where(field<&User::age> != 30).all())), "n2") << "evaluated here";
        EXPECT_EQ(names(run(in_bonn.where(field<&UserCard::displayName> == "n0").all())), "n0");
        EXPECT_EQ(names(run(in_bonn.order(descending<&User::biography>).client_side().all())), "n0 n2");
        EXPECT_EQ(names(run(in_bonn.order(newest_first).limit(1).all())), "n0");
        EXPECT_EQ(run(in_bonn.count()), 2u);
        EXPECT_EQ(run(in_bonn.last())->displayName, "n0");
        EXPECT_EQ(run(in_bonn.where(field<&User::age> == 28).template with<&UserCard::posts>().only()).posts.size(),
                  2u);
        auto const page = run(in_bonn.page(1));
        EXPECT_EQ(names(page.items), "n2");
        EXPECT_EQ(names(run(in_bonn.page(1, page.next)).items), "n0");
        EXPECT_EQ(run(users.scan(field<&User::age> < 30, with<&UserCard::posts>()).all()).size(), 2u);
        for (auto const& id : run(repository<UserId>(db).where(field<&User::city> == "Bonn").all()))
            EXPECT_FALSE(id.id.empty());
    }
    void relates() {
        repository<Post> const posts(db);
        auto const post = run(posts.get("u2p0", with<&Post::author>(with<&UserCard::posts>(limit(1)))));
        ASSERT_TRUE(post.author);
        EXPECT_EQ(post.author->displayName, "n2");
        EXPECT_EQ(post.author->posts.size(), 1u);
        auto const named = run(posts.scan(with<&Post::author>(field<&User::age> == 28)).all());
        std::size_t found = 0;
        for (auto const& p : named) found += p.author ? 1u : 0u;
        EXPECT_EQ(found, 2u) << "a condition that the client evaluates on what is no member";
        auto const line = run(repository<PostLine>(db).get("u3p1", with<&PostLine::author>()));
        EXPECT_EQ(line.title, "t1");
        ASSERT_TRUE(line.author) << "the foreign key is no member, and yet the relation is found";
        EXPECT_EQ(line.author->displayName, "n3");
    }
};

class projections : public projections_against {
protected:
    projections() : projections_against("DYNAMODB_ENDPOINT") {}
};
class second_server_projections : public projections_against {
protected:
    second_server_projections() : projections_against("DYNASIO_DYNALITE_ENDPOINT") {}
};

TEST_F(projections, are_read_by_key) { reads_by_key(); }
TEST_F(projections, are_read_by_queries) { reads_by_queries(); }
TEST_F(projections, have_relations_and_are_related) { relates(); }
TEST_F(second_server_projections, are_read_by_key) { reads_by_key(); }
TEST_F(second_server_projections, are_read_by_queries) { reads_by_queries(); }
TEST_F(second_server_projections, have_relations_and_are_related) { relates(); }

TEST_F(projections, need_members_for_relations_that_are_loaded_later) {
    repository<UserCard> const users(db);
    auto card = run(users.get("u2"));
    auto const f = failure_of(users.load<&UserCard::posts>(card));
    EXPECT_EQ(f.code, errc::invalid_argument);
    EXPECT_NE(f.to_string().find("UserCard has no member for id"), std::string::npos) << f.to_string();
}

} // namespace
} // namespace dynasio
