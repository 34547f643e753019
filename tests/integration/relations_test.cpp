#include <dynasio/dynamodb/detail/engine.hpp>
#include <dynasio/dynamodb/requests.hpp>

#include <algorithm>
#include <regex>
#include <set>

#include "integration/blog_test.hpp"

// Relations against a real server, with the fault endpoint as the witness of what was sent and when.
namespace dynasio {
namespace {

using namespace std::chrono_literals;
using blog::Comment;
using blog::Post;
using blog::Profile;
using blog::Role;
using blog::User;
using shop::Category;
using testing::match;

class relations : public test::blog_test {};

TEST_F(relations, one_call_loads_every_kind_of_relation) {
    make_blog(3, 4, 2);
    Role admin;
    admin.id = "role-a";
    admin.name = "admin";
    Role guest;
    guest.id = "role-g";
    guest.name = "guest";
    save(admin);
    save(guest);
    repository<User> const repo(db);
    repository<User> const quiet(direct);
    run(quiet.related<&User::roles>(users[0]).attach(admin, pivot("granted_by", "system", "level", 3)));
    run(quiet.related<&User::roles>(users[0]).attach(guest));
    run(quiet.related<&User::roles>(users[1]).attach(admin));

    load_report report;
    auto const found =
        run(repo.find(users[0].id, with<&User::profile>(with<&Profile::user>()),
                      with<&User::posts>(field<&Post::status> == "live", newest_first, limit(1),
                                         with<&Post::comments>(with<&Comment::author>())),
                      with<&User::roles>(with<&Role::users>()), with<&User::received>(), report_to(report)));
    ASSERT_TRUE(found);
    ASSERT_TRUE(found->profile);
    EXPECT_EQ(found->profile->bio, "bio of user-0000");
    EXPECT_EQ(found->profile->user->name, "name of user-0000");
    ASSERT_EQ(found->posts.size(), 1u);
    EXPECT_EQ(found->posts[0].id, posts[3].id);
    ASSERT_EQ(found->posts[0].comments.size(), 2u);
    EXPECT_EQ(found->posts[0].comments[0].text, comments[6].text);
    EXPECT_EQ(found->posts[0].comments[0].author->id, comments[6].author_id);
    EXPECT_FALSE(found->posts[0].comments[0].post.loaded());
    ASSERT_EQ(found->received.size(), 8u);
    for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(found->received[i].id, comments[i].id);
    ASSERT_EQ(found->roles.size(), 2u);
    EXPECT_EQ(found->roles[0].name, "admin");
    ASSERT_EQ(found->roles[0].users.size(), 2u);
    EXPECT_EQ(found->roles[0].users[1].id, users[1].id);
    EXPECT_EQ(found->roles[1].users.size(), 1u);
    auto const linked = found->roles.with_pivot();
    auto const first = *linked.begin();
    EXPECT_EQ(first.entity.name, "admin");
    EXPECT_TRUE(first.pivot.created_at().is_set());
    ASSERT_NE(first.pivot.find("granted_by"), nullptr);
    EXPECT_EQ(first.pivot.find("granted_by")->as_string(), "system");
    EXPECT_EQ(first.pivot.find("level")->as_number().to_int64(), 3);

    EXPECT_EQ(report.requests(), endpoint.count());
    EXPECT_EQ(report.gets, endpoint.count("GetItem"));
    EXPECT_EQ(report.queries, endpoint.count("Query"));
    EXPECT_EQ(report.batch_gets, endpoint.count("BatchGetItem"));
    EXPECT_EQ(queries("comments"), 4u) << "the comments of a post are asked for once, by whichever path";
    EXPECT_EQ(queries("profiles"), 1u);
}

TEST_F(relations, independent_relations_are_under_way_at_the_same_time) {
    make_blog(1, 2, 1);
    endpoint.set_latency(20ms);
    repository<User> const repo(db);
    auto const found = run(repo.find(users[0].id, with<&User::profile>(), with<&User::posts>(), with<&User::roles>()));
    ASSERT_TRUE(found);
    EXPECT_TRUE(endpoint.overlapped(query_on("profiles"), query_on("posts")));
    EXPECT_TRUE(endpoint.overlapped(query_on("profiles"), query_on("pivots")));
    EXPECT_TRUE(endpoint.overlapped(query_on("posts"), query_on("pivots")));
    EXPECT_EQ(endpoint.max_in_flight(), 3u);
    EXPECT_EQ(endpoint.count(), 4u);
    EXPECT_TRUE(found->roles.loaded());
    EXPECT_TRUE(found->roles.empty());
}

TEST_F(relations, a_child_does_not_wait_for_the_parents_of_others) {
    make_blog(2, 2, 1);
    endpoint.set_latency(5ms);
    auto const slow = query_on("posts").body_containing(users[0].id);
    endpoint.on(slow).delayed(300ms).forward();
    repository<User> const repo(db);
    auto loaded = users;
    run(repo.load<&User::posts>(loaded, with<&Post::comments>(with<&Comment::author>())));
    EXPECT_TRUE(endpoint.overlapped(slow, query_on("comments")))
        << "the second user's comments wait for the first user's posts";
    EXPECT_TRUE(endpoint.overlapped(slow, batch_on("users")))
        << "their authors leave although more may be asked for later";
    for (auto const& u : loaded) {
        ASSERT_EQ(u.posts.size(), 2u);
        for (auto const& p : u.posts) {
            ASSERT_EQ(p.comments.size(), 1u);
            EXPECT_TRUE(p.comments[0].author);
        }
    }
}

TEST_F(relations, parents_that_are_referred_to_often_are_asked_for_once) {
    make_blog(3, 10, 0);
    repository<Post> const repo(db);
    auto loaded = posts;
    loaded.push_back(posts[0]);
    loaded.back().author_id = "nobody";
    loaded.push_back(posts[0]);
    loaded.back().author_id = "";
    run(repo.load<&Post::author>(loaded));
    EXPECT_EQ(endpoint.count(), 1u);
    std::vector<std::size_t> const sizes{4};
    EXPECT_EQ(keys_of_batches(), sizes) << "three authors and one that is not there";
    for (std::size_t i = 0; i < posts.size(); ++i) {
        ASSERT_TRUE(loaded[i].author);
        EXPECT_EQ(loaded[i].author->id, posts[i].author_id);
    }
    EXPECT_TRUE(loaded[30].author.loaded());
    EXPECT_FALSE(loaded[30].author) << "a key that leads nowhere is nothing, not an error";
    EXPECT_TRUE(loaded[31].author.loaded());
    EXPECT_FALSE(loaded[31].author) << "an empty key asks for nothing";
}

TEST_F(relations, two_hundred_and_fifty_authors_take_three_batches_at_once) {
    create_tables<User, Post>();
    std::vector<User> authors(250);
    std::vector<Post> written(250);
    for (std::size_t i = 0; i < authors.size(); ++i) {
        authors[i].id = test::numbered("user-", i);
        authors[i].email = authors[i].id;
        written[i].author_id = authors[i].id;
        written[i].id = test::numbered("post-", i);
        written[i].status = "all";
    }
    save_all(authors);
    endpoint.set_latency(20ms);
    repository<Post> const repo(db);
    load_report report;
    run(repo.load<&Post::author>(written, report_to(report)));
    std::vector<std::size_t> const sizes{50, 100, 100};
    EXPECT_EQ(keys_of_batches(), sizes);
    EXPECT_EQ(endpoint.count(), 3u);
    EXPECT_EQ(endpoint.max_in_flight(), 3u);
    EXPECT_EQ(report.keys, 250u);
    EXPECT_EQ(report.items, 250u);
    for (std::size_t i = 0; i < written.size(); ++i) {
        ASSERT_TRUE(written[i].author) << i;
        EXPECT_EQ(written[i].author->id, authors[i].id);
    }
}

TEST_F(relations, every_page_of_a_relation_is_read) {
    create_tables<User, Post>();
    User author;
    author.id = "ann";
    author.email = "ann";
    save(author);
    std::vector<Post> written(24);
    for (std::size_t i = 0; i < written.size(); ++i) {
        written[i].id = test::numbered("post-", i);
        written[i].author_id = author.id;
        written[i].body = std::string(100'000, static_cast<char>('a' + i));
        written[i].score = static_cast<int>(i);
    }
    save_all(written);
    repository<User> const repo(db);
    load_report report;
    auto const found = run(repo.get(author.id, with<&User::posts>(), report_to(report)));
    EXPECT_GE(queries("posts"), 3u) << "the service's pages hold 1 MB";
    EXPECT_EQ(report.queries, queries("posts"));
    ASSERT_EQ(found.posts.size(), 24u);
    for (std::size_t i = 0; i < written.size(); ++i) EXPECT_EQ(found.posts[i].body, written[i].body);

    repository<Post> const posts_of(db);
    EXPECT_EQ(run(posts_of.where(field<&Post::author_id> == "ann").all()).size(), 24u);
    EXPECT_EQ(run(posts_of.where(field<&Post::author_id> == "ann").count()), 24u);
    EXPECT_EQ(run(posts_of.scan().all()).size(), 24u);
    auto const filtered = run(posts_of.where(field<&Post::author_id> == "ann", field<&Post::score> > 21).first());
    ASSERT_TRUE(filtered) << "a filter may leave pages without an item";
    EXPECT_EQ(filtered->score, 22);
    // More than 16 MB do not fit into one answer of BatchGetItem either; the server's own limit may leave keys.
    std::vector<key_of<Post>> keys;
    for (auto const& p : written) keys.emplace_back(p.id);
    auto const many = run(posts_of.find_many(keys));
    for (std::size_t i = 0; i < many.size(); ++i) {
        ASSERT_TRUE(many[i]) << i;
        EXPECT_EQ(many[i]->body, written[i].body);
    }
}

TEST_F(relations, links_are_seen_from_both_sides_with_their_data) {
    create_tables<User, Role>();
    User ann;
    ann.id = "ann";
    ann.email = "ann";
    User bob;
    bob.id = "bob";
    bob.email = "bob";
    Role admin;
    admin.id = "admin";
    Role guest;
    guest.id = "guest";
    save(ann);
    save(bob);
    save(admin);
    save(guest);
    repository<User> const repo(db);
    repository<Role> const roles(db);
    run(repo.related<&User::roles>(ann).attach(admin, pivot("by", "first")));
    auto const before = run(repo.get("ann", with<&User::roles>()));
    auto const made = (*before.roles.with_pivot().begin()).pivot.created_at();
    run(repo.related<&User::roles>(ann).attach(admin));
    auto const plain = run(repo.get("ann", with<&User::roles>()));
    ASSERT_EQ(plain.roles.size(), 1u);
    EXPECT_EQ((*plain.roles.with_pivot().begin()).pivot.created_at(), made);
    EXPECT_EQ((*plain.roles.with_pivot().begin()).pivot.find("by")->as_string(), "first") << "kept when none is given";
    run(repo.related<&User::roles>(ann).attach(admin, pivot("by", "second")));
    // The other side, writing and reading.
    run(roles.related<&Role::users>(guest).attach(ann));
    run(roles.related<&Role::users>(admin).attach(bob, pivot("by", "third")));

    auto const both = run(repo.get("ann", with<&User::roles>()));
    ASSERT_EQ(both.roles.size(), 2u);
    EXPECT_EQ(both.roles[0].id, "admin");
    EXPECT_EQ(both.roles[1].id, "guest");
    EXPECT_EQ((*both.roles.with_pivot().begin()).pivot.created_at(), made);
    EXPECT_EQ((*both.roles.with_pivot().begin()).pivot.find("by")->as_string(), "second");

    auto const right = run(roles.get("admin", with<&Role::users>()));
    ASSERT_EQ(right.users.size(), 2u);
    std::vector<std::string> by;
    for (auto const& [user, data] : right.users.with_pivot()) by.push_back(user.id + data.find("by")->as_string());
    std::vector<std::string> const wanted{"annsecond", "bobthird"};
    EXPECT_EQ(by, wanted);

    auto const some = run(repo.get("ann", with<&User::roles>(field<&Role::id> == "guest")));
    ASSERT_EQ(some.roles.size(), 1u);
    EXPECT_EQ(some.roles[0].id, "guest");

    EXPECT_TRUE(run(roles.remove(guest)));
    auto const dangling = run(repo.get("ann", with<&User::roles>()));
    ASSERT_EQ(dangling.roles.size(), 1u) << "a link to what is gone is left out, its pivot too";
    EXPECT_EQ((*dangling.roles.with_pivot().begin()).pivot.find("by")->as_string(), "second");

    EXPECT_TRUE(run(roles.related<&Role::users>(admin).detach(ann)));
    EXPECT_FALSE(run(repo.related<&User::roles>(ann).detach(admin)));
    EXPECT_TRUE(run(repo.get("ann", with<&User::roles>())).roles.empty());
    EXPECT_EQ(run(roles.get("admin", with<&Role::users>())).users.size(), 1u);

    User unsaved;
    auto const refused = failure_of(repo.related<&User::roles>(unsaved).attach(admin));
    EXPECT_EQ(refused.code, errc::entity_not_saved);
    EXPECT_EQ(refused.info->relation_path, "User.roles");
}

TEST_F(relations, through_a_relation_to_the_next_one) {
    make_blog(3, 3, 2);
    User lonely;
    lonely.id = "user-none";
    lonely.email = "none";
    save(lonely);
    users.push_back(lonely);
    repository<User> const repo(db);
    load_report report;
    run(repo.load<&User::received>(users, with<&Comment::author>(), report_to(report)));
    EXPECT_EQ(queries("posts"), 4u);
    EXPECT_EQ(queries("comments"), 9u);
    EXPECT_EQ(report.keys, 3u) << "each author once, whether they leave together or not";
    for (std::size_t u = 0; u < 3; ++u) {
        ASSERT_EQ(users[u].received.size(), 6u);
        for (std::size_t c = 0; c < 6; ++c) {
            EXPECT_EQ(users[u].received[c].id, comments[u * 6 + c].id);
            EXPECT_EQ(users[u].received[c].author->id, comments[u * 6 + c].author_id);
        }
    }
    EXPECT_TRUE(users[3].received.empty());
    auto const some = run(repo.get(users[0].id, with<&User::received>(field<&Comment::author_id> == users[1].id)));
    EXPECT_EQ(some.received.size(), 3u);
    auto const last =
        run(repo.get(users[0].id, with<&User::received>(descending<&Comment::id>, limit(2), client_side)));
    ASSERT_EQ(last.received.size(), 2u);
    EXPECT_EQ(last.received[0].id, comments[5].id);
    EXPECT_EQ(last.received[1].id, comments[4].id);
}

TEST_F(relations, constraints_of_one_branch_do_not_touch_another) {
    make_blog(2, 6, 0);
    repository<User> const repo(db);
    auto const live = run(repo.where(field<&User::email> == users[0].email,
                                     with<&User::posts>(field<&Post::status> == "live", newest_first,
                                                        with<&Post::author>(with<&User::posts>(limit(2)))))
                              .all());
    ASSERT_EQ(live.size(), 1u);
    ASSERT_EQ(live[0].posts.size(), 3u);
    EXPECT_EQ(live[0].posts[0].id, posts[5].id);
    for (auto const& p : live[0].posts) {
        ASSERT_TRUE(p.author);
        ASSERT_EQ(p.author->posts.size(), 2u) << "the same relation deeper down has a limit of its own";
        EXPECT_EQ(p.author->posts[0].id, posts[0].id);
        EXPECT_FALSE(p.author->posts[0].author.loaded());
    }
    auto const none = run(repo.get(users[1].id, with<&User::posts>(field<&Post::status> == "lost"),
                                   with<&User::profile>(field<&Profile::bio> == "lost")));
    EXPECT_TRUE(none.posts.empty());
    EXPECT_TRUE(none.profile.loaded());
    EXPECT_FALSE(none.profile);
    endpoint.clear();
    auto const zero = run(repo.get(users[1].id, with<&User::posts>(limit(0))));
    EXPECT_TRUE(zero.posts.empty());
    EXPECT_EQ(queries("posts"), 0u);
}

TEST_F(relations, load_fills_many_entities_at_once_and_keeps_what_is_there) {
    make_blog(6, 2, 0);
    repository<User> const repo(db);
    auto loaded = users;
    loaded.push_back(users[0]); // the same entity twice
    run(repo.load<&User::posts>(loaded));
    EXPECT_EQ(queries("posts"), 6u);
    for (auto const& u : loaded) EXPECT_EQ(u.posts.size(), 2u);
    endpoint.clear();
    run(repo.load<&User::posts>(loaded));
    EXPECT_EQ(endpoint.count(), 0u) << "what is loaded is kept";
    Post late;
    late.author_id = users[0].id;
    save(late);
    run(repo.load<&User::posts>(loaded, reload));
    EXPECT_EQ(queries("posts"), 6u);
    EXPECT_EQ(loaded[0].posts.size(), 3u);
    EXPECT_EQ(loaded[6].posts.size(), 3u);
    User one = users[1];
    run(repo.load<&User::posts>(one, newest_first, limit(1)));
    ASSERT_EQ(one.posts.size(), 1u);
    EXPECT_EQ(one.posts[0].id, posts[3].id);
    std::vector<User> nobody;
    endpoint.clear();
    run(repo.load<&User::posts>(nobody));
    EXPECT_EQ(endpoint.count(), 0u);
}

TEST_F(relations, a_limit_of_each_parent_reads_no_more_items_than_it) {
    make_blog(4, 12, 0);
    repository<User> const repo(db);
    load_report report;
    run(repo.load<&User::posts>(users, newest_first, limit(5), report_to(report)));
    EXPECT_EQ(queries("posts"), 4u);
    EXPECT_EQ(endpoint.count_if(query_on("posts").body_containing(R"("Limit":5)")), 4u);
    EXPECT_EQ(report.items, 20u);
    for (std::size_t u = 0; u < users.size(); ++u) {
        ASSERT_EQ(users[u].posts.size(), 5u);
        for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(users[u].posts[i].id, posts[u * 12 + 11 - i].id);
    }
}

TEST_F(relations, the_plan_printed_before_is_the_plan_that_ran) {
    make_blog(2, 3, 2);
    repository<User> const repo(db);
    load_report report;
    auto const query = repo.where(field<&User::email> == users[0].email)
                           .with<&User::posts>(newest_first, limit(2), with<&Post::comments>(with<&Comment::author>()))
                           .with<&User::roles>();
    std::string const before = query.explain();
    EXPECT_EQ(endpoint.count(), 0u) << "explaining sends nothing";
    auto const found = run(query.report(report).all());
    ASSERT_EQ(found.size(), 1u);
    std::regex const figures(R"( \[(\d+) requests?, (\d+) items?(?:, [\d.]+ read units?)?\])");
    EXPECT_EQ(std::regex_replace(report.plan, figures, ""), before);
    std::size_t requests = 0;
    std::size_t items = 0;
    for (std::sregex_iterator at(report.plan.begin(), report.plan.end(), figures), end; at != end; ++at) {
        requests += std::stoul((*at)[1]);
        items += std::stoul((*at)[2]);
    }
    EXPECT_EQ(requests, endpoint.count()) << report.plan;
    EXPECT_EQ(items, report.items) << report.plan;
    EXPECT_EQ(report.requests(), endpoint.count());
    for (auto const& r : endpoint.requests()) {
        EXPECT_NE(report.plan.find(r.operation + ' ' + r.tables.at(0)), std::string::npos)
            << r.operation << " on " << r.tables.at(0) << " ran, but the plan is\n"
            << report.plan;
        if (!r.index.empty()) {
            EXPECT_NE(report.plan.find("index " + r.index), std::string::npos) << report.plan;
        }
    }
}

TEST_F(relations, a_tree_that_refers_to_itself_loads_to_any_depth_named) {
    create_tables<Category>();
    // Four levels, three below each.
    std::vector<Category> all;
    std::vector<std::string> level{""};
    for (int depth = 0; depth < 4; ++depth) {
        std::vector<std::string> next;
        for (auto const& parent : level) {
            for (int i = 0; i < (depth == 0 ? 1 : 3); ++i) {
                Category c;
                c.id = parent + static_cast<char>('a' + i);
                if (!parent.empty()) c.parent_id = parent;
                c.name = "category " + c.id;
                next.push_back(c.id);
                all.push_back(std::move(c));
            }
        }
        level = std::move(next);
    }
    save_all(all);
    repository<Category> const repo(db);
    auto const root =
        run(repo.get("a", with<&Category::children>(with<&Category::children>(with<&Category::children>())),
                     with<&Category::parent>()));
    EXPECT_FALSE(root.parent);
    ASSERT_EQ(root.children.size(), 3u);
    for (auto const& first : root.children) {
        ASSERT_EQ(first.children.size(), 3u);
        for (auto const& second : first.children) {
            ASSERT_EQ(second.children.size(), 3u);
            EXPECT_EQ(second.children[0].id, second.id + 'a');
            EXPECT_FALSE(second.children[0].children.loaded());
        }
    }
    EXPECT_EQ(endpoint.count("Query"), 1u + 3u + 9u);
    auto const leaf =
        run(repo.get("abca", with<&Category::parent>(with<&Category::parent>(with<&Category::parent>()))));
    EXPECT_EQ(leaf.parent->parent->parent->id, "a");
}

TEST_F(relations, requests_in_flight_keep_to_the_concurrency_given) {
    make_blog(8, 2, 0);
    endpoint.set_latency(5ms);
    repository<User> const repo(db);
    load_report report;
    run(repo.load<&User::posts>(users, concurrency(3), report_to(report)));
    EXPECT_EQ(endpoint.max_in_flight(), 3u);
    EXPECT_EQ(report.max_in_flight, 3u);
    endpoint.clear();
    run(repo.load<&User::posts>(users, concurrency(1), reload));
    EXPECT_EQ(endpoint.max_in_flight(), 1u);
    EXPECT_EQ(queries("posts"), 8u);
}

TEST_F(relations, a_copy_shares_nothing_that_can_change) {
    make_blog(1, 2, 0);
    repository<Post> const repo(db);
    auto found = run(repo.where(field<&Post::author_id> == users[0].id, with<&Post::author>()).all());
    ASSERT_EQ(found.size(), 2u);
    auto copy = found[0];
    User other = *copy.author;
    other.name = "changed";
    copy.author.set(std::make_shared<User const>(other));
    EXPECT_EQ(found[0].author->name, users[0].name);
    EXPECT_EQ(found[1].author->name, users[0].name);
    copy.author.unload();
    EXPECT_TRUE(found[0].author.loaded());
    auto const untouched = failure_of_call([&] { (void)copy.author.get(); });
    EXPECT_EQ(untouched.code, errc::relation_not_loaded);
    EXPECT_NE(untouched.to_string().find("Post.author"), std::string::npos) << untouched.to_string();
}

} // namespace
} // namespace dynasio
