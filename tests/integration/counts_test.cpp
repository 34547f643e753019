#include <dynasio/orm/bad_item.hpp>

#include <dynasio/dynamodb/requests.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "integration/blog_test.hpp"

// Counts of relations and offsets against a real server: as many as a load gives, and what was sent for it.
namespace dynasio {
namespace {

using namespace std::chrono_literals;
using blog::Comment;
using blog::Post;
using blog::Role;
using blog::User;

class relation_counts : public test::blog_test {
protected:
    repository<User> repo{db};
    repository<User> quiet{direct};

    Role make_role(std::string const& id) {
        Role r;
        r.id = id;
        r.name = "name of " + id;
        save(r);
        return r;
    }
};

TEST_F(relation_counts, are_as_many_as_a_load_gives) {
    make_blog(3, 4, 2);
    auto const admin = make_role("role-a");
    auto const guest = make_role("role-g");
    auto gone = make_role("role-x");
    for (auto const& role : {admin, guest, gone}) run(quiet.related<&User::roles>(users[0]).attach(role));
    run(quiet.related<&User::roles>(users[1]).attach(guest));
    run(repository<Role>(direct).remove(gone));

    auto const live = field<&Post::status> == "live";
    auto const found = run(repo.get(users[0].id, with_count<&User::posts>(live), with<&User::posts>(live, limit(1)),
                                    with_count<&User::roles>(), with_count<&User::received>()));
    EXPECT_EQ(found.posts.count(), 2u);
    EXPECT_EQ(found.posts.size(), 1u);
    EXPECT_EQ(found.roles.count(), 2u);
    EXPECT_EQ(found.received.count(), 8u);
    EXPECT_FALSE(found.roles.loaded());

    auto loaded = users;
    run(quiet.load(loaded, with<&User::posts>(), with<&User::roles>(), with<&User::received>()));
    run(repo.load(loaded, with_count<&User::posts>(), with_count<&User::roles>(), with_count<&User::received>()));
    auto const posts_of = run(repo.count<&User::posts>(users));
    auto const roles_of = run(repo.count<&User::roles>(users));
    auto const received_of = run(repo.count<&User::received>(users));
    for (std::size_t i = 0; i < users.size(); ++i) {
        EXPECT_EQ(loaded[i].posts.count(), loaded[i].posts.size());
        EXPECT_EQ(loaded[i].roles.count(), loaded[i].roles.size());
        EXPECT_EQ(loaded[i].received.count(), loaded[i].received.size());
        EXPECT_EQ(posts_of[i], loaded[i].posts.size());
        EXPECT_EQ(roles_of[i], loaded[i].roles.size());
        EXPECT_EQ(received_of[i], loaded[i].received.size());
        EXPECT_FALSE(users[i].posts.counted());
    }
}

TEST_F(relation_counts, receive_no_entities) {
    make_blog(2, 3, 2);
    auto const admin = make_role("role-a");
    run(quiet.related<&User::roles>(users[0]).attach(admin));
    load_report report;
    auto const found = run(repo.find(users[0].id, with_count<&User::posts>(), report_to(report)));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->posts.count(), 3u);
    EXPECT_EQ(report.queries, 1u);
    EXPECT_EQ(report.items, 1u) << "the user";
    EXPECT_NE(report.plan.find("count of posts"), std::string::npos) << report.plan;

    std::string answered;
    for (auto const& r : endpoint.requests())
        if (r.operation == "Query") answered += r.body;
    EXPECT_NE(answered.find(R"("Select":"COUNT")"), std::string::npos) << answered;

    endpoint.clear();
    EXPECT_EQ(run(repo.count<&User::roles>(users[0])), 1u);
    for (auto const& r : endpoint.requests())
        if (r.operation == "BatchGetItem") {
            EXPECT_NE(r.body.find("ProjectionExpression"), std::string::npos) << r.body;
        }
}

TEST_F(relation_counts, beside_the_entities_themselves_ask_for_no_key_twice) {
    make_blog(1, 1, 1);
    for (auto const* id : {"role-a", "role-g"}) run(quiet.related<&User::roles>(users[0]).attach(make_role(id)));
    auto const check = [](load_report const& report, User const& user) {
        EXPECT_EQ(user.roles.count(), 2u);
        EXPECT_EQ(user.roles.size(), 2u);
        EXPECT_EQ(user.roles[0].name, "name of role-a");
        EXPECT_EQ(report.keys, 2u);
        EXPECT_EQ(report.batch_gets, 1u);
    };
    load_report first, second;
    User one = users[0], other = users[0];
    run(repo.load(one, with_count<&User::roles>(), with<&User::roles>(), report_to(first)));
    check(first, one);
    run(repo.load(other, with<&User::roles>(), with_count<&User::roles>(), report_to(second)));
    check(second, other);
}

TEST_F(relation_counts, read_all_pages) {
    create_tables<User, Post, Comment, blog::Profile, Role>();
    User u;
    u.id = "u1";
    save(u);
    constexpr std::size_t many = 30;
    for (std::size_t i = 0; i < many; ++i) {
        Post p;
        p.id = test::numbered("post-", i);
        p.author_id = u.id;
        p.body = std::string(60'000, 'x'); // a page has one megabyte
        save(p);
    }
    EXPECT_EQ(run(repo.count<&User::posts>(u)), many);
    EXPECT_GT(queries("posts"), 1u);
    run(repo.load(u, with_count<&User::posts>()));
    EXPECT_EQ(u.posts.count(), many);
}

TEST_F(relation_counts, below_queries_and_other_relations) {
    make_blog(2, 3, 2);
    auto const found = run(repo.where(field<&User::email> == "user-0001@b.c")
                               .with<&User::posts>(with_count<&Post::comments>())
                               .with_count<&User::received>()
                               .all());
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].received.count(), 6u);
    ASSERT_EQ(found[0].posts.size(), 3u);
    for (auto const& p : found[0].posts) EXPECT_EQ(p.comments.count(), 2u);
    std::vector<std::string> const keys{"user-0000", "nobody"};
    auto const by_key = run(repo.find_many(keys, with_count<&User::posts>()));
    EXPECT_EQ(by_key[0]->posts.count(), 3u);
}

TEST_F(relation_counts, of_equal_entities_share_their_requests) {
    make_blog(2, 3, 0);
    std::vector<User> const twice{users[0], users[1], users[0]};
    EXPECT_EQ(run(repo.count<&User::posts>(twice, field<&Post::status> == "draft")),
              (std::vector<std::uint64_t>{2, 2, 2}));
    EXPECT_EQ(queries("posts"), 2u);
    EXPECT_TRUE(run(repo.count<&User::posts>(std::vector<User>())).empty());
}

TEST_F(relation_counts, read_the_entities_when_they_are_called) {
    make_blog(1, 3, 0);
    auto counting = [&] {
        User const temporary = users[0];
        return repo.count<&User::posts>(temporary);
    }();
    EXPECT_EQ(run(std::move(counting)), 3u);
    auto of_many = repo.count<&User::posts>(std::vector<User>(2, users[0]));
    EXPECT_EQ(run(std::move(of_many)), (std::vector<std::uint64_t>{3, 3}));
    repository<tracked<User>> const tracking(db);
    auto const read = run(tracking.get(users[0].id));
    EXPECT_EQ(run(tracking.count<&User::posts>(read)), 3u);
}

TEST_F(relation_counts, name_their_relation_when_they_fail) {
    make_blog(1, 2, 1);
    User const unsaved;
    auto const empty = failure_of(repo.count<&User::posts>(unsaved));
    EXPECT_EQ(empty.code, errc::empty_key);
    EXPECT_EQ(empty.info->relation_path, "User.posts");
    EXPECT_EQ(failure_of(repo.count<&User::posts>(users, concurrency(0))).code, errc::invalid_argument);

    endpoint.on(query_on("comments")).answer_error(400, "ValidationException", "no");
    auto const failed = failure_of(repo.find(users[0].id, with<&User::posts>(with_count<&Post::comments>())));
    EXPECT_EQ(failed.code, service_errc::validation) << failed.to_string();
    EXPECT_EQ(failed.info->relation_path, "User.posts.comments");
    EXPECT_EQ(failed.info->table, prefix + "comments");
    EXPECT_EQ(failure_of(repo.count<&User::received>(users)).info->relation_path, "User.received");
    endpoint.clear_rules();
    endpoint.on(query_on("posts")).never_answer();
    EXPECT_EQ(failure_of(repo.count<&User::posts>(users, call_options().timeout(100ms))).code, errc::deadline_exceeded);
}

TEST_F(relation_counts, of_links_ask_again_for_what_stays_unprocessed) {
    make_blog(1, 0, 0);
    for (char const* const id : {"role-a", "role-b", "role-c"})
        run(quiet.related<&User::roles>(users[0]).attach(make_role(id)));
    endpoint.on(batch_on("roles")).times(2).leave_unprocessed(testing::keys_containing("role-b"));
    load_report report;
    EXPECT_EQ(run(repo.count<&User::roles>(users[0], report_to(report))), 3u);
    EXPECT_EQ(report.unprocessed, 2u);
    EXPECT_EQ(report.batch_gets, 3u);
}

TEST_F(relation_counts, leave_out_what_on_bad_item_leaves_out) {
    make_blog(1, 2, 0);
    dynamodb::item item;
    item.emplace("id", "broken");
    item.emplace("author_id", users[0].id);
    item.emplace("score", "no number");
    run(direct.put_item(dynamodb::put_item_request(prefix + "posts", item)));
    EXPECT_EQ(run(repo.count<&User::posts>(users[0])), 3u);
    std::vector<bad_item> bad;
    EXPECT_EQ(run(repo.count<&User::posts>(users[0], on_bad_item(collect(bad)))), 2u);
    EXPECT_EQ(bad.size(), 1u);
}

class offsets : public relation_counts {};

TEST_F(offsets, of_each_parent_behind_its_order) {
    make_blog(2, 4, 2);
    auto const found = run(repo.where(field<&User::email> == "user-0000@b.c")
                               .with<&User::posts>(newest_first, offset(1), limit(2))
                               .with<&User::received>(offset(5))
                               .all());
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(ids(found[0].posts), posts[2].id + ' ' + posts[1].id);
    EXPECT_EQ(ids(found[0].received), comments[5].id + ' ' + comments[6].id + ' ' + comments[7].id);
    EXPECT_EQ(queries("posts"), 2u) << "one for the posts, and one for those in between";
}

TEST_F(offsets, of_queries) {
    make_blog(1, 5, 0);
    repository<Post> const all(db);
    auto const of_user = all.where(field<&Post::author_id> == users[0].id);
    EXPECT_EQ(ids(run(of_user.offset(3).all())), posts[3].id + ' ' + posts[4].id);
    EXPECT_EQ(ids(run(of_user.offset(1).limit(2).all())), posts[1].id + ' ' + posts[2].id);
    EXPECT_EQ(ids(run(of_user.order(newest_first).offset(1).limit(1).all())), posts[3].id);
    EXPECT_EQ(ids(run(of_user.order(descending<&Post::title>).client_side().offset(4).all())), posts[0].id);
    EXPECT_EQ(run(of_user.offset(2).first())->id, posts[2].id);
    EXPECT_FALSE(run(of_user.offset(5).first()));
    EXPECT_EQ(run(of_user.offset(2).count()), 3u);
    EXPECT_EQ(run(of_user.offset(2).limit(2).count()), 2u);
    EXPECT_EQ(run(of_user.offset(9).count()), 0u);
    EXPECT_EQ(run(of_user.offset(2).where(field<&Post::id> != posts[0].id).count()), 2u) << "counted here";
    EXPECT_TRUE(run(of_user.offset(4).exists()));
    EXPECT_FALSE(run(of_user.offset(5).exists()));
    EXPECT_EQ(run(all.scan().offset(3).all()).size(), 2u);
}

TEST_F(offsets, are_refused_where_there_is_none) {
    make_blog(1, 2, 0);
    auto const some = repository<Post>(db).where(field<&Post::author_id> == users[0].id).offset(1);
    EXPECT_EQ(failure_of(some.page(1)).code, errc::invalid_argument);
    EXPECT_EQ(failure_of(some.last()).code, errc::invalid_argument);
    EXPECT_EQ(failure_of(some.only()).code, errc::invalid_argument);
    EXPECT_EQ(failure_of(some.for_each_page(1, [](std::vector<Post>&&) {})).code, errc::invalid_argument);
    EXPECT_EQ(failure_of(repository<Post>(db).scan().offset(1).parallel(2).all()).code, errc::invalid_argument);
    EXPECT_NE(failure_of(some.page(1)).info->message.find("leave out offset()"), std::string::npos);
}

} // namespace
} // namespace dynasio
