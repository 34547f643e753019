#include <dynasio/dynamodb/requests.hpp>

#include "integration/blog_test.hpp"

// A second opinion: dynalite, whose tables take their time to become ACTIVE.
namespace dynasio {
namespace {

using blog::Comment;
using blog::Post;
using blog::Profile;
using blog::Role;
using blog::User;
using testing::match;

class second_server : public test::blog_test {
protected:
    second_server() : blog_test("DYNASIO_DYNALITE_ENDPOINT") {}
};

TEST_F(second_server, stores_a_graph_loads_it_and_pages_through_it) {
    make_blog(3, 4, 2);
    Role admin;
    admin.id = "admin";
    save(admin);
    repository<User> const repo(db);
    run(repo.related<&User::roles>(users[0]).attach(admin, pivot("by", "system")));

    endpoint.clear();
    std::vector<key_of<User>> keys;
    for (auto const& u : users) keys.emplace_back(u.id);
    load_report report;
    auto const found = run(repo.find_many(
        keys, with<&User::posts>(newest_first, limit(2), with<&Post::comments>(with<&Comment::author>())),
        with<&User::profile>(), with<&User::roles>(with<&Role::users>()), with<&User::received>(), report_to(report)));
    ASSERT_EQ(found.size(), 3u);
    for (std::size_t u = 0; u < 3; ++u) {
        ASSERT_TRUE(found[u]);
        EXPECT_EQ(found[u]->name, users[u].name);
        EXPECT_EQ(found[u]->profile->bio, profiles[u].bio);
        ASSERT_EQ(found[u]->posts.size(), 2u);
        EXPECT_EQ(found[u]->posts[0].id, posts[u * 4 + 3].id);
        ASSERT_EQ(found[u]->posts[0].comments.size(), 2u);
        EXPECT_TRUE(found[u]->posts[0].comments[1].author);
        EXPECT_EQ(found[u]->received.size(), 8u);
        EXPECT_EQ(found[u]->roles.size(), u == 0 ? 1u : 0u);
    }
    EXPECT_EQ(found[0]->roles[0].users.size(), 1u);
    EXPECT_EQ((*found[0]->roles.with_pivot().begin()).pivot.find("by")->as_string(), "system");
    EXPECT_EQ(report.requests(), endpoint.count());

    repository<Post> const posts_of(db);
    auto const query = posts_of.where(field<&Post::author_id> == users[1].id, newest_first);
    std::vector<std::string> seen;
    cursor at;
    do {
        auto const page = run(query.page(3, at));
        for (auto const& p : page.items) seen.push_back(p.id);
        at = page.next;
    } while (at);
    ASSERT_EQ(seen.size(), 4u);
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(seen[i], posts[7 - i].id);
    EXPECT_EQ(run(query.count()), 4u);

    User stale = run(repo.get(users[0].id));
    User fresh = stale;
    run(repo.save(fresh));
    EXPECT_EQ(failure_of(repo.save(stale)).code, errc::stale_version);
    EXPECT_EQ(failure_of(repo.create(fresh)).code, errc::already_exists);
    EXPECT_TRUE(run(repo.remove(fresh)));
    EXPECT_EQ(failure_of(repo.get(fresh.id)).code, errc::not_found);
}

TEST_F(second_server, closes_idle_connections_without_harm) {
    create_tables<User>();
    // What its five seconds of keep-alive do to a pooled connection, without the five seconds.
    endpoint.on(match()).then_closing().forward();
    repository<User> const repo(db);
    for (int i = 0; i < 5; ++i) {
        User u;
        u.email = "x";
        run(repo.create(u));
        EXPECT_TRUE(run(repo.find(u.id, call_options().attempts(1))));
    }
}

} // namespace
} // namespace dynasio
