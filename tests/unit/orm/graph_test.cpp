#include <gtest/gtest.h>

#include <algorithm>
#include <orm/graph.hpp>
#include <string>
#include <vector>

#include "graph_fixture.hpp"

using namespace graph_test;
using dynasio::ascending;
using dynasio::client_side;
using dynasio::descending;
using dynasio::field;
using dynasio::limit;
using dynasio::newest_first;
using dynasio::reload;
using dynasio::with;
using shop::Alarm;
using shop::Category;
using shop::Comment;
using shop::Device;
using shop::Post;
using shop::Profile;
using shop::Reading;
using shop::Role;
using shop::User;

namespace {

std::string ids(auto const& range) {
    std::string out;
    for (auto const& e : range) out += (out.empty() ? "" : " ") + e.id;
    return out;
}

// ---- has_one, has_many

using graph_has_many = graph_conversation;

TEST_F(graph_has_many, is_one_query_for_each_parent) {
    std::vector<User> users{a_user("u1"), a_user("u2")};
    start(users, with<&User::posts>());
    auto const requests = all();
    EXPECT_EQ(texts(requests), (std::vector<std::string>{R"(posts index by_author: author_id = {"S":"u1"})",
                                                         R"(posts index by_author: author_id = {"S":"u2"})"}));
    EXPECT_EQ(requests[0].op, operation::query);
    EXPECT_EQ(requests[0].path, "User.posts");
    answer(requests[1], page_of({post("p3", "u2")}));
    EXPECT_FALSE(g().done());
    answer(requests[0], page_of({post("p1", "u1"), post("p2", "u1")}));
    EXPECT_FALSE(users[0].posts.loaded()) << "handles are filled at the end";
    finish();
    EXPECT_EQ(ids(users[0].posts), "p1 p2");
    EXPECT_EQ(ids(users[1].posts), "p3");
}

TEST_F(graph_has_many, is_empty_when_there_is_none) {
    User u = a_user("u1");
    start(u, with<&User::posts>());
    answer(next(), page_of({}));
    finish();
    EXPECT_TRUE(u.posts.loaded());
    EXPECT_TRUE(u.posts.empty());
}

TEST_F(graph_has_many, reads_all_pages) {
    User u = a_user("u1");
    start(u, with<&User::posts>());
    answer(next(), page_of({post("p1", "u1")}, json::object{{"id", s("p1")}, {"author_id", s("u1")}}));
    EXPECT_FALSE(g().done());
    auto const second = next();
    EXPECT_EQ(text_of(second),
              R"(posts index by_author: author_id = {"S":"u1"} after {"id":{"S":"p1"},"author_id":{"S":"u1"}})");
    answer(second, page_of({}, json::object{{"id", s("p5")}, {"author_id", s("u1")}}));
    auto const third = next();
    answer(third, page_of({post("p6", "u1")}));
    finish();
    EXPECT_EQ(ids(u.posts), "p1 p6");
    EXPECT_EQ(g().report().queries, 3U);
}

TEST_F(graph_has_many, passes_a_limit_without_filter_to_the_service) {
    User u = a_user("u1");
    start(u, with<&User::posts>(newest_first, limit(3)));
    auto const first = next();
    EXPECT_EQ(text_of(first), R"(posts index by_author: author_id = {"S":"u1"} backward limit 3)");
    answer(first, page_of({post("p9", "u1"), post("p8", "u1")}, json::object{{"id", s("p8")}}));
    auto const second = next();
    EXPECT_EQ(text_of(second),
              R"(posts index by_author: author_id = {"S":"u1"} backward limit 1 after {"id":{"S":"p8"}})");
    answer(second, page_of({post("p7", "u1")}, json::object{{"id", s("p7")}}));
    finish();
    EXPECT_EQ(ids(u.posts), "p9 p8 p7");
}

TEST_F(graph_has_many, counts_matches_when_a_filter_has_a_limit) {
    User u = a_user("u1");
    start(u, with<&User::posts>(field<&Post::status> == "live", limit(2)));
    auto const first = next();
    EXPECT_EQ(text_of(first), R"(posts index by_author: author_id = {"S":"u1"} filter status = {"S":"live"})");
    answer(first, page_of({post("p1", "u1")}, json::object{{"id", s("p4")}}));
    auto const second = next();
    EXPECT_EQ(text_of(second),
              R"(posts index by_author: author_id = {"S":"u1"} filter status = {"S":"live"} after {"id":{"S":"p4"}})");
    answer(second, page_of({post("p5", "u1"), post("p6", "u1"), post("p7", "u1")}, json::object{{"id", s("p7")}}));
    finish();
    EXPECT_EQ(ids(u.posts), "p1 p5");
}

TEST_F(graph_has_many, takes_the_index_that_sorts) {
    User u = a_user("u1");
    start(u, with<&User::posts>(descending<&Post::score>, field<&Post::score> > 3, limit(1)));
    auto const r = next();
    EXPECT_EQ(text_of(r),
              R"(posts index by_author_score: author_id = {"S":"u1"} AND score > {"N":"3"} backward limit 1)");
    answer(r, page_of({post("p1", "u1", 9)}, json::object{{"id", s("p1")}}));
    finish();
    EXPECT_EQ(ids(u.posts), "p1");
}

TEST_F(graph_has_many, sorts_and_cuts_here_after_everything_was_read) {
    User u = a_user("u1");
    start(u, with<&User::posts>(descending<&Post::title>, limit(2), client_side, with<&Post::comments>()));
    auto const first = next();
    EXPECT_EQ(text_of(first), R"(posts index by_author: author_id = {"S":"u1"})");
    answer(first, page_of({post("p1", "u1"), post("p4", "u1")}, json::object{{"id", s("p4")}}));
    auto const second = next();
    EXPECT_FALSE(has_next()) << "comments of posts that may be cut away are not asked for";
    answer(second, page_of({post("p2", "u1"), post("p3", "u1")}));
    auto const comments = all();
    ASSERT_EQ(comments.size(), 2U);
    EXPECT_EQ(text_of(comments[0]), R"(comments index by_post: post_id = {"S":"p4"})");
    EXPECT_EQ(text_of(comments[1]), R"(comments index by_post: post_id = {"S":"p3"})");
    answer(comments[0], page_of({comment("c1", "p4")}));
    answer(comments[1], page_of({}));
    finish();
    EXPECT_EQ(ids(u.posts), "p4 p3");
    EXPECT_EQ(ids(u.posts[0].comments), "c1");
}

TEST_F(graph_has_many, evaluates_here_what_a_filter_must_not_mention) {
    User u = a_user("u1");
    start(u, with<&User::posts>(field<&Post::score> > 1, field<&Post::score> != 5, limit(2)));
    auto const r = next();
    EXPECT_EQ(text_of(r), R"(posts index by_author_score: author_id = {"S":"u1"} AND score > {"N":"1"})");
    answer(r, page_of({post("p1", "u1", 2), post("p2", "u1", 5), post("p3", "u1", 6), post("p4", "u1", 7)}));
    finish();
    EXPECT_EQ(ids(u.posts), "p1 p3");
}

TEST_F(graph_has_many, with_limit_zero_sends_nothing) {
    User u = a_user("u1");
    start(u, with<&User::posts>(limit(0), with<&Post::comments>()), with<&User::profile>(limit(0)),
          with<&User::roles>(limit(0)), with<&User::received>(limit(0)));
    EXPECT_FALSE(has_next());
    finish();
    EXPECT_TRUE(u.posts.empty());
    EXPECT_FALSE(u.profile.has_value());
    EXPECT_TRUE(u.roles.empty());
    EXPECT_TRUE(u.received.empty());
}

TEST_F(graph_has_many, named_twice_at_one_place_is_refused) {
    User u = a_user("u1");
    try {
        start(u, with<&User::posts>(limit(1)), with<&User::posts>());
        ADD_FAILURE() << "nothing was thrown";
    } catch (dynasio::error const& e) {
        EXPECT_EQ(e.code(), errc::invalid_argument);
        EXPECT_EQ(e.info().relation_path, "User.posts");
    }
}

TEST_F(graph_has_many, with_a_condition_that_nothing_satisfies_sends_nothing) {
    User u = a_user("u1");
    start(u, with<&User::posts>(field<&Post::status>.in()));
    EXPECT_FALSE(has_next());
    finish();
    EXPECT_TRUE(u.posts.empty());
}

TEST_F(graph_has_many, asks_once_for_duplicate_parents_and_fills_them_all) {
    std::vector<User> users{a_user("u1"), a_user("u1"), a_user("u1")};
    start(users, with<&User::posts>(with<&Post::comments>()));
    auto const r = next();
    EXPECT_FALSE(has_next());
    answer(r, page_of({post("p1", "u1")}));
    answer(next(), page_of({comment("c1", "p1")}));
    finish();
    for (auto const& u : users) {
        ASSERT_EQ(ids(u.posts), "p1");
        EXPECT_EQ(ids(u.posts[0].comments), "c1");
    }
}

TEST_F(graph_has_many, takes_the_same_entity_given_twice) {
    User u = a_user("u1");
    std::vector<void*> twice(2, &u);
    g().start_with_entities(entity_type_of<User>(), twice, children(with<&User::posts>()));
    answer(next(), page_of({post("p1", "u1")}));
    finish();
    EXPECT_EQ(ids(u.posts), "p1");
}

TEST_F(graph_has_many, of_an_entity_without_key_is_an_error_before_any_request) {
    options.table_prefix = "test_";
    User u;
    auto const e = error_of([&] { start(u, with<&User::posts>()); });
    EXPECT_EQ(e.code(), errc::empty_key);
    EXPECT_EQ(e.info().table, "test_users");
    EXPECT_EQ(e.info().relation_path, "User.posts");
    auto const pivots = error_of([&] { start(u, with<&User::roles>()); });
    EXPECT_EQ(pivots.info().table, "test_users");
    EXPECT_EQ(pivots.info().relation_path, "User.roles");
}

TEST_F(graph_has_many, of_no_entities_is_nothing) {
    std::vector<User> none;
    start(none, with<&User::posts>());
    finish();
}

TEST_F(graph_has_many, has_the_prefix_of_its_client) {
    options.table_prefix = "test_";
    User u = a_user("u1");
    start(u, with<&User::posts>(), with<&User::roles>());
    auto const requests = texts(all());
    EXPECT_EQ(requests, (std::vector<std::string>{R"(test_pivots: pk = {"S":"users_roles#u1"})",
                                                  R"(test_posts index by_author: author_id = {"S":"u1"})"}))
        << "the longer chain first";
}

using graph_has_one = graph_conversation;

TEST_F(graph_has_one, reads_the_first_by_the_order_of_the_index) {
    User u = a_user("u1");
    start(u, with<&User::profile>());
    auto const r = next();
    EXPECT_EQ(text_of(r), R"(profiles index by_user: user_id = {"S":"u1"} limit 1)");
    answer(r, page_of({profile("f1", "u1")}, json::object{{"id", s("f1")}}));
    finish();
    ASSERT_TRUE(u.profile.has_value());
    EXPECT_EQ(u.profile->id, "f1");
}

TEST_F(graph_has_one, is_nothing_when_there_is_none) {
    User u = a_user("u1");
    start(u, with<&User::profile>());
    answer(next(), page_of({}));
    finish();
    EXPECT_TRUE(u.profile.loaded());
    EXPECT_FALSE(u.profile.has_value());
}

TEST_F(graph_has_one, reads_on_until_one_matches) {
    User u = a_user("u1");
    start(u, with<&User::profile>(field<&Profile::bio>.contains("x")));
    auto const r = next();
    EXPECT_EQ(json::parse(r.body).as_object().contains("Limit"), false);
    answer(r, page_of({}, json::object{{"id", s("f1")}}));
    answer(next(), page_of({profile("f2", "u1"), profile("f3", "u1")}));
    finish();
    EXPECT_EQ(u.profile->id, "f2");
}

// ---- belongs_to

using graph_belongs_to = graph_conversation;

TEST_F(graph_belongs_to, asks_for_each_distinct_key_once) {
    std::vector<Post> posts{a_post("p1", "u1"), a_post("p2", "u2"), a_post("p3", "u1")};
    posts[1].editor_id = "u1";
    start(posts, with<&Post::author>(), with<&Post::editor>());
    auto const r = next();
    EXPECT_EQ(keys_in(r), (key_set{"users u1", "users u2"}));
    EXPECT_FALSE(has_next());
    answer(r, batch_of({{"users", {user("u2", "Bo"), user("u1", "Ann")}}}));
    finish();
    EXPECT_EQ(posts[0].author->name, "Ann");
    EXPECT_EQ(posts[1].author->name, "Bo");
    EXPECT_EQ(posts[2].author->name, "Ann");
    EXPECT_EQ(posts[1].editor->name, "Ann");
    EXPECT_TRUE(posts[0].editor.loaded());
    EXPECT_FALSE(posts[0].editor.has_value());
    EXPECT_EQ(g().report().keys, 2U);
    EXPECT_EQ(g().report().batch_gets, 1U);
}

TEST_F(graph_belongs_to, with_an_empty_foreign_key_sends_nothing) {
    std::vector<Post> posts{a_post("p1", ""), a_post("p2", "")};
    posts[1].editor_id = "";
    start(posts, with<&Post::author>(), with<&Post::editor>());
    EXPECT_FALSE(has_next());
    finish();
    EXPECT_TRUE(posts[0].author.loaded());
    EXPECT_FALSE(posts[0].author.has_value());
    EXPECT_FALSE(posts[1].editor.has_value());
}

TEST_F(graph_belongs_to, that_leads_nowhere_is_nothing) {
    Post p = a_post("p1", "gone");
    start(p, with<&Post::author>(with<&User::posts>()));
    answer(next(), batch_of({{"users", {}}}));
    finish();
    EXPECT_TRUE(p.author.loaded());
    EXPECT_FALSE(p.author.has_value());
}

TEST_F(graph_belongs_to, takes_keys_of_several_tables_in_one_request) {
    Comment c;
    c.id = "c1";
    c.post_id = "p1";
    c.author_id = "u1";
    start(c, with<&Comment::post>(), with<&Comment::author>());
    auto const r = next();
    EXPECT_EQ(keys_in(r), (key_set{"posts p1", "users u1"}));
    answer(r, batch_of({{"posts", {post("p1", "u9")}}, {"users", {user("u1")}}}));
    finish();
    EXPECT_EQ(c.post->id, "p1");
    EXPECT_EQ(c.author->id, "u1");
}

TEST_F(graph_belongs_to, sends_100_keys_at_a_time) {
    std::vector<Post> posts;
    for (int i = 0; i < 250; ++i) posts.push_back(a_post("p" + std::to_string(i), "u" + std::to_string(i)));
    start(posts, with<&Post::author>());
    auto const requests = all();
    ASSERT_EQ(requests.size(), 3U);
    key_set keys;
    std::vector<std::size_t> sizes;
    for (auto const& r : requests) {
        auto const part = keys_in(r);
        sizes.push_back(part.size());
        keys.insert(part.begin(), part.end());
    }
    EXPECT_EQ(sizes, (std::vector<std::size_t>{100, 100, 50}));
    EXPECT_EQ(keys.size(), 250U);
    for (auto const& r : requests) {
        std::vector<json::object> users;
        for (auto const& key : keys_in(r)) users.push_back(user(key.substr(6)));
        answer(r, batch_of({{"users", users}}));
    }
    finish();
    for (auto const& p : posts) ASSERT_EQ(p.author->id, p.author_id);
}

TEST_F(graph_belongs_to, evaluates_conditions_here_for_each_place) {
    std::vector<Post> posts{a_post("p1", "u1"), a_post("p2", "u2")};
    posts[0].editor_id = "u1";
    start(posts, with<&Post::author>(field<&User::name> == "Ann"), with<&Post::editor>(field<&User::name> == "Bo"));
    answer(next(), batch_of({{"users", {user("u1", "Ann"), user("u2", "Bo")}}}));
    finish();
    EXPECT_TRUE(posts[0].author.has_value());
    EXPECT_FALSE(posts[1].author.has_value());
    EXPECT_FALSE(posts[0].editor.has_value()) << "the other place's condition";
}

TEST_F(graph_belongs_to, fills_each_place_with_its_own_relations) {
    Post p = a_post("p1", "u1");
    p.editor_id = "u1";
    start(p, with<&Post::author>(with<&User::profile>()), with<&Post::editor>());
    answer(next(), batch_of({{"users", {user("u1")}}}));
    answer(next(), page_of({profile("f1", "u1")}));
    finish();
    EXPECT_EQ(p.author->profile->id, "f1");
    EXPECT_FALSE(p.editor->profile.loaded()) << "not asked for there";
}

TEST_F(graph_belongs_to, reads_consistently_on_request) {
    options.consistent_read = true;
    Comment c;
    c.id = "c1";
    c.post_id = "p1";
    c.author_id = "u1";
    start(c, with<&Comment::post>(with<&Post::comments>()), with<&Comment::author>());
    auto const r = next();
    auto const tables = json::parse(r.body).at("RequestItems").as_object();
    EXPECT_TRUE(tables.at("posts").at("ConsistentRead").as_bool());
    EXPECT_TRUE(tables.at("users").at("ConsistentRead").as_bool());
    answer(r, batch_of({{"posts", {post("p1", "u9")}}, {"users", {}}}));
    EXPECT_EQ(text_of(next()), R"(comments index by_post: post_id = {"S":"p1"})") << "an index has no such reads";
}

// ---- belongs_to_many

using graph_belongs_to_many = graph_conversation;

TEST_F(graph_belongs_to_many, reads_links_then_the_entities_behind_them) {
    User u = a_user("u1");
    start(u, with<&User::roles>());
    auto const links = next();
    EXPECT_EQ(text_of(links), R"(pivots: pk = {"S":"users_roles#u1"})");
    EXPECT_EQ(links.path, "User.roles");
    EXPECT_FALSE(has_next());
    answer(links, page_of({link_row("u1", "r2", 2), link_row("u1", "r1", 1)}));
    auto const r = next();
    EXPECT_EQ(keys_in(r), (key_set{"roles r1", "roles r2"}));
    answer(r, batch_of({{"roles", {role("r1"), role("r2")}}}));
    finish();
    EXPECT_EQ(ids(u.roles), "r1 r2");
    std::string levels;
    for (auto const& [entity, pivot] : u.roles.with_pivot()) {
        levels += entity.id + '=' + pivot.find("level")->as_number().text() + ' ';
        EXPECT_EQ(pivot.created_at().to_string(), "2026-01-02T03:04:05.678Z");
    }
    EXPECT_EQ(levels, "r1=1 r2=2 ") << "each pivot stays with its entity";
}

TEST_F(graph_belongs_to_many, is_read_from_the_other_side_by_the_index) {
    Role r;
    r.id = "r1";
    start(r, with<&Role::users>());
    auto const links = next();
    EXPECT_EQ(text_of(links), R"(pivots index by_right: id_right = {"S":"r1"} AND pivot_key = {"S":"users_roles"})");
    answer(links, page_of({link_row("u2", "r1", 2), link_row("u1", "r1", 1)}));
    auto const users = next();
    EXPECT_EQ(keys_in(users), (key_set{"users u1", "users u2"}));
    answer(users, batch_of({{"users", {user("u2"), user("u1")}}}));
    finish();
    EXPECT_EQ(ids(r.users), "u1 u2") << "equal keys of an index come in any order";
}

TEST_F(graph_belongs_to_many, reads_all_pages_of_links_and_asks_as_they_come) {
    User u = a_user("u1");
    options.linger = std::chrono::milliseconds(1);
    start(u, with<&User::roles>());
    answer(next(), page_of({link_row("u1", "r1")}, json::object{{"pk", s("x")}, {"sk", s("r1")}}));
    auto const second = next();
    EXPECT_EQ(text_of(second), R"(pivots: pk = {"S":"users_roles#u1"} after {"pk":{"S":"x"},"sk":{"S":"r1"}})");
    EXPECT_FALSE(has_next()) << "the second page can bring keys for the same batch";
    answer(second, page_of({link_row("u1", "r2")}));
    auto const r = next();
    EXPECT_EQ(keys_in(r), (key_set{"roles r1", "roles r2"}));
    answer(r, batch_of({{"roles", {role("r1"), role("r2")}}}));
    finish();
    EXPECT_EQ(ids(u.roles), "r1 r2");
}

TEST_F(graph_belongs_to_many, leaves_out_links_that_lead_nowhere_with_their_pivots) {
    User u = a_user("u1");
    start(u, with<&User::roles>());
    answer(next(), page_of({link_row("u1", "r1", 1), link_row("u1", "gone", 2), link_row("u1", "r3", 3)}));
    answer(next(), batch_of({{"roles", {role("r1"), role("r3")}}}));
    finish();
    std::string levels;
    for (auto const& [entity, pivot] : u.roles.with_pivot())
        levels += entity.id + '=' + pivot.find("level")->as_number().text() + ' ';
    EXPECT_EQ(levels, "r1=1 r3=3 ");
}

TEST_F(graph_belongs_to_many, has_conditions_order_and_limit) {
    User u = a_user("u1");
    start(u, with<&User::roles>(field<&Role::name> != "role r2", descending<&Role::name>, limit(2), client_side));
    auto const links = next();
    EXPECT_FALSE(json::parse(links.body).as_object().contains("Limit"));
    answer(links, page_of({link_row("u1", "r1", 1), link_row("u1", "r2", 2), link_row("u1", "r3", 3),
                           link_row("u1", "r4", 4)}));
    answer(next(), batch_of({{"roles", {role("r1"), role("r2"), role("r3"), role("r4")}}}));
    finish();
    std::string levels;
    for (auto const& [entity, pivot] : u.roles.with_pivot())
        levels += entity.id + '=' + pivot.find("level")->as_number().text() + ' ';
    EXPECT_EQ(levels, "r4=4 r3=3 ");
}

TEST_F(graph_belongs_to_many, asks_once_for_an_entity_that_many_share) {
    std::vector<User> users{a_user("u1"), a_user("u2")};
    start(users, with<&User::roles>());
    auto const links = all();
    ASSERT_EQ(links.size(), 2U);
    answer(links[0], page_of({link_row("u1", "r1")}));
    answer(links[1], page_of({link_row("u2", "r1")}));
    auto const r = next();
    EXPECT_EQ(keys_in(r), key_set{"roles r1"});
    answer(r, batch_of({{"roles", {role("r1")}}}));
    finish();
    EXPECT_EQ(ids(users[0].roles), "r1");
    EXPECT_EQ(ids(users[1].roles), "r1");
}

TEST_F(graph_belongs_to_many, without_links_asks_for_nothing_more) {
    User u = a_user("u1");
    start(u, with<&User::roles>());
    answer(next(), page_of({}));
    finish();
    EXPECT_TRUE(u.roles.loaded());
    EXPECT_TRUE(u.roles.empty());
}

TEST_F(graph_belongs_to_many, goes_on_below_the_other_side) {
    User u = a_user("u1");
    start(u, with<&User::roles>(with<&Role::users>()));
    answer(next(), page_of({link_row("u1", "r1")}));
    answer(next(), batch_of({{"roles", {role("r1")}}}));
    auto const back = next();
    EXPECT_EQ(back.path, "User.roles.users");
    answer(back, page_of({link_row("u1", "r1"), link_row("u2", "r1")}));
    answer(next(), batch_of({{"users", {user("u1"), user("u2")}}}));
    finish();
    EXPECT_EQ(ids(u.roles[0].users), "u1 u2");
}

TEST_F(graph_belongs_to_many, refuses_rows_that_are_no_links) {
    User u = a_user("u1");
    start(u, with<&User::roles>());
    auto row = link_row("u1", "r1");
    row.erase("id_right");
    auto const r = next();
    auto const e = error_of([&] { answer(r, page_of({row})); });
    EXPECT_EQ(e.code(), errc::malformed_response);
    EXPECT_EQ(e.info().relation_path, "User.roles");
    EXPECT_EQ(e.info().table, "pivots");
}

TEST_F(graph_belongs_to_many, takes_composite_and_number_keys) {
    Device d;
    d.site = "no#rth";
    d.number = 12;
    start(d, with<&Device::alarms>());
    auto const links = next();
    EXPECT_EQ(text_of(links), R"(alarm_links: pk = {"S":"devices_alarms#no%23rth#12"})");
    auto const row = [](std::string_view right) {
        return json::object{{"id_left", s("no%23rth#12")}, {"id_right", s(right)}};
    };
    answer(links, page_of({row("10"), row("9")}));
    auto const r = next();
    EXPECT_EQ(keys_in(r), (key_set{"alarms 10", "alarms 9"}));
    answer(r, batch_of({{"alarms", {{{"code", n(9)}}, {{"code", n(10)}}}}}));
    finish();
    ASSERT_EQ(d.alarms.size(), 2U);
    EXPECT_EQ(d.alarms[0].code, 9) << "numbers in their own order";

    restart();
    Alarm a;
    a.code = 9;
    start(a, with<&Alarm::devices>());
    auto const back = next();
    EXPECT_EQ(text_of(back),
              R"(alarm_links index by_right: id_right = {"S":"9"} AND pivot_key = {"S":"devices_alarms"})");
    answer(back, page_of({row("9")}));
    auto const devices = next();
    EXPECT_EQ(keys_in(devices), key_set{"devices no#rth 12"});
    answer(devices, batch_of({{"devices", {{{"site", s("no#rth")}, {"number", n(12)}}}}}));
    finish();
    EXPECT_EQ(a.devices[0].number, 12);
}

// ---- has_many_through

using graph_through = graph_conversation;

TEST_F(graph_through, starts_the_second_step_of_a_parent_with_its_first_page) {
    std::vector<User> users{a_user("u1"), a_user("u2")};
    start(users, with<&User::received>());
    auto const posts = all();
    ASSERT_EQ(posts.size(), 2U);
    EXPECT_EQ(text_of(posts[0]), R"(posts index by_author: author_id = {"S":"u1"})");
    answer(posts[0], page_of({post("p1", "u1")}, json::object{{"id", s("p1")}}));
    auto const more = all();
    ASSERT_EQ(more.size(), 2U) << "the next page, and the comments of the first";
    std::vector<std::string> const wanted = texts(more);
    EXPECT_NE(std::find(wanted.begin(), wanted.end(), R"(comments index by_post: post_id = {"S":"p1"})"), wanted.end());
    for (auto const& r : more)
        answer(r, text_of(r).starts_with("posts") ? page_of({post("p2", "u1")})
                                                  : page_of({comment("c2", "p1"), comment("c3", "p1")}));
    auto const last = next();
    EXPECT_EQ(text_of(last), R"(comments index by_post: post_id = {"S":"p2"})");
    answer(last, page_of({comment("c1", "p2")}));
    answer(posts[1], page_of({}));
    finish();
    EXPECT_EQ(ids(users[0].received), "c2 c3 c1");
    EXPECT_TRUE(users[1].received.loaded());
    EXPECT_TRUE(users[1].received.empty());
    EXPECT_FALSE(users[0].posts.loaded()) << "a step, not asked for";
}

TEST_F(graph_through, shares_its_first_step_with_the_relation_itself) {
    User u = a_user("u1");
    start(u, with<&User::received>(), with<&User::posts>(with<&Post::comments>()));
    answer(next(), page_of({post("p1", "u1")}));
    EXPECT_TRUE(has_next());
    EXPECT_FALSE(has_next()) << "comments of p1 once";
}

TEST_F(graph_through, gives_full_entities_to_both_when_shared) {
    User u = a_user("u1");
    start(u, with<&User::received>(), with<&User::posts>(with<&Post::comments>()));
    answer(next(), page_of({post("p1", "u1")}));
    answer(next(), page_of({comment("c1", "p1"), comment("c2", "p1")}));
    finish();
    EXPECT_EQ(ids(u.received), "c1 c2");
    EXPECT_EQ(ids(u.posts), "p1");
    EXPECT_EQ(ids(u.posts[0].comments), "c1 c2");
}

TEST_F(graph_through, filters_there_and_cuts_the_whole) {
    User u = a_user("u1");
    start(u, with<&User::received>(field<&Comment::text> == "x", limit(3)));
    answer(next(), page_of({post("p1", "u1"), post("p2", "u1")}));
    auto const parts = all();
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(text_of(parts[0]), R"(comments index by_post: post_id = {"S":"p1"} filter text = {"S":"x"})");
    answer(parts[0], page_of({comment("c1", "p1"), comment("c2", "p1")}));
    answer(parts[1], page_of({comment("c3", "p2"), comment("c4", "p2")}));
    finish();
    EXPECT_EQ(ids(u.received), "c1 c2 c3");
}

TEST_F(graph_through, limits_each_part_by_the_service) {
    User u = a_user("u1");
    start(u, with<&User::received>(limit(3)));
    auto const posts = next();
    EXPECT_FALSE(json::parse(posts.body).as_object().contains("Limit"));
    answer(posts, page_of({post("p1", "u1")}));
    EXPECT_EQ(text_of(next()), R"(comments index by_post: post_id = {"S":"p1"} limit 3)");
}

TEST_F(graph_through, orders_the_whole) {
    User u = a_user("u1");
    start(u, with<&User::received>(newest_first, limit(3), client_side));
    answer(next(), page_of({post("p1", "u1"), post("p2", "u1")}));
    auto const parts = all();
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(text_of(parts[0]), R"(comments index by_post: post_id = {"S":"p1"} backward limit 3)");
    answer(parts[0], page_of({comment("c5", "p1"), comment("c1", "p1")}));
    answer(parts[1], page_of({comment("c6", "p2"), comment("c2", "p2")}));
    finish();
    EXPECT_EQ(ids(u.received), "c6 c5 c2");
}

TEST_F(graph_through, orders_by_an_attribute) {
    User u = a_user("u1");
    start(u, with<&User::received>(ascending<&Comment::author_id>));
    answer(next(), page_of({post("p1", "u1"), post("p2", "u1")}));
    auto const parts = all();
    answer(parts[0], page_of({comment("c1", "p1", "b"), comment("c2", "p1", "d")}));
    answer(parts[1], page_of({comment("c3", "p2", "a"), comment("c4", "p2", "b")}));
    finish();
    EXPECT_EQ(ids(u.received), "c3 c1 c4 c2");
}

TEST_F(graph_through, lists_an_entity_once_that_two_steps_show) {
    std::vector<User> users{a_user("u1"), a_user("u2")};
    start(users, with<&User::received>());
    auto const posts = all();
    // An index that lags can show a post below its old and its new author, and a comment below two posts.
    answer(posts[0], page_of({post("p1", "u1"), post("p2", "u1")}));
    answer(posts[1], page_of({post("p1", "u2")}));
    auto const parts = all();
    ASSERT_EQ(parts.size(), 2U);
    answer(parts[0], page_of({comment("c1", "p1")}));
    answer(parts[1], page_of({comment("c1", "p2"), comment("c2", "p2")}));
    finish();
    EXPECT_EQ(ids(users[0].received), "c1 c2");
    EXPECT_EQ(ids(users[1].received), "c1");
}

// ---- whole graphs

using graph_of_relations = graph_conversation;

TEST_F(graph_of_relations, has_no_barrier_between_levels) {
    std::vector<User> users{a_user("u1"), a_user("u2")};
    start(users, with<&User::posts>(with<&Post::comments>()));
    auto const posts = all();
    answer(posts[0], page_of({post("p1", "u1")}));
    auto const comments = next();
    EXPECT_EQ(text_of(comments), R"(comments index by_post: post_id = {"S":"p1"})") << "u2's posts are still under way";
    answer(comments, page_of({comment("c1", "p1")}));
    answer(posts[1], page_of({}));
    finish();
    EXPECT_EQ(ids(users[0].posts[0].comments), "c1");
    EXPECT_EQ(g().report().max_in_flight, 2U);
}

TEST_F(graph_of_relations, starts_all_branches_at_once) {
    User u = a_user("u1");
    start(u, with<&User::profile>(), with<&User::posts>(), with<&User::roles>(), with<&User::received>());
    auto const requests = all();
    EXPECT_EQ(requests.size(), 3U) << "profile, links, and posts once for both that need them";
    EXPECT_EQ(g().report().max_in_flight, 3U);
}

TEST_F(graph_of_relations, asks_once_for_a_key_that_two_branches_need) {
    User u = a_user("u1");
    start(u, with<&User::posts>(with<&Post::author>(), with<&Post::comments>(with<&Comment::author>())));
    answer(next(), page_of({post("p1", "u1")}));
    auto const comments = next();
    answer(comments, page_of({comment("c1", "p1", "u1"), comment("c2", "p1", "u2")}));
    auto const r = next();
    EXPECT_EQ(keys_in(r), (key_set{"users u1", "users u2"}));
    answer(r, batch_of({{"users", {user("u1", "Ann"), user("u2", "Bo")}}}));
    finish();
    EXPECT_EQ(u.posts[0].author->name, "Ann");
    EXPECT_EQ(u.posts[0].comments[0].author->name, "Ann");
    EXPECT_EQ(u.posts[0].comments[1].author->name, "Bo");
    EXPECT_EQ(g().report().keys, 2U);
}

TEST_F(graph_of_relations, uses_a_key_again_that_has_arrived) {
    Comment c;
    c.id = "c1";
    c.post_id = "p1";
    c.author_id = "u1";
    start(c, with<&Comment::author>(), with<&Comment::post>(with<&Post::author>(with<&User::profile>())));
    answer(next(), batch_of({{"posts", {post("p1", "u1")}}, {"users", {user("u1", "Ann")}}}));
    auto const r = next();
    EXPECT_EQ(text_of(r), R"(profiles index by_user: user_id = {"S":"u1"} limit 1)");
    answer(r, page_of({profile("f1", "u1")}));
    finish();
    EXPECT_EQ(c.post->author->profile->id, "f1");
    EXPECT_EQ(c.author->name, "Ann");
    EXPECT_FALSE(c.author->profile.loaded());
}

TEST_F(graph_of_relations, keeps_constraints_of_branches_apart) {
    // Both branches read posts of an author by the same index: one limited, one not.
    Post p = a_post("p0", "u1");
    p.editor_id = "u1";
    start(p, with<&Post::author>(with<&User::posts>(limit(1))), with<&Post::editor>(with<&User::posts>()));
    answer(next(), batch_of({{"users", {user("u1")}}}));
    auto const requests = all();
    ASSERT_EQ(requests.size(), 2U);
    for (auto const& r : requests)
        answer(r, text_of(r).ends_with("limit 1") ? page_of({post("p1", "u1")}, json::object{{"id", s("p1")}})
                                                  : page_of({post("p1", "u1"), post("p2", "u1")}));
    finish();
    EXPECT_EQ(ids(p.author->posts), "p1");
    EXPECT_EQ(ids(p.editor->posts), "p1 p2");
}

TEST_F(graph_of_relations, keeps_orders_made_here_apart) {
    Post p = a_post("p0", "u1");
    p.editor_id = "u1";
    start(p, with<&Post::author>(with<&User::posts>(ascending<&Post::title>)),
          with<&Post::editor>(with<&User::posts>(descending<&Post::title>)));
    answer(next(), batch_of({{"users", {user("u1")}}}));
    for (auto const& r : all()) answer(r, page_of({post("p2", "u1"), post("p1", "u1"), post("p3", "u1")}));
    finish();
    EXPECT_EQ(ids(p.author->posts), "p1 p2 p3");
    EXPECT_EQ(ids(p.editor->posts), "p3 p2 p1");
}

TEST_F(graph_of_relations, shares_a_source_and_nothing_else) {
    // The same Query for both, other relations below.
    Post p = a_post("p0", "u1");
    p.editor_id = "u1";
    start(p, with<&Post::author>(with<&User::posts>(with<&Post::comments>())),
          with<&Post::editor>(with<&User::posts>(with<&Post::editor>())));
    answer(next(), batch_of({{"users", {user("u1")}}}));
    auto const posts = next();
    EXPECT_FALSE(has_next()) << "one Query serves both";
    answer(posts, page_of({post("p1", "u1", 0, "u1")}));
    answer(next(), page_of({comment("c1", "p1")}));
    finish();
    EXPECT_EQ(ids(p.author->posts[0].comments), "c1");
    EXPECT_FALSE(p.author->posts[0].editor.loaded());
    EXPECT_FALSE(p.editor->posts[0].comments.loaded());
    EXPECT_EQ(p.editor->posts[0].editor->id, "u1");
}

TEST_F(graph_of_relations, keeps_what_is_loaded_and_sends_nothing_for_it) {
    User u = a_user("u1");
    u.posts.set(std::vector<Post>{a_post("old", "u1")});
    u.profile.set(nullptr);
    start(u, with<&User::posts>(), with<&User::profile>());
    EXPECT_FALSE(has_next());
    finish();
    EXPECT_EQ(ids(u.posts), "old");
    EXPECT_FALSE(u.profile.has_value());
}

TEST_F(graph_of_relations, loads_again_with_reload_or_with_something_below) {
    User u = a_user("u1");
    u.posts.set(std::vector<Post>{a_post("old", "u1")});
    start(u, with<&User::posts>(reload));
    answer(next(), page_of({post("new", "u1")}));
    finish();
    EXPECT_EQ(ids(u.posts), "new");

    restart();
    start(u, with<&User::posts>(with<&Post::comments>()));
    answer(next(), page_of({post("newer", "u1")}));
    answer(next(), page_of({}));
    finish();
    EXPECT_EQ(ids(u.posts), "newer");
    EXPECT_TRUE(u.posts[0].comments.loaded());
}

TEST_F(graph_of_relations, loads_for_those_parents_only_that_lack_it) {
    std::vector<User> users{a_user("u1"), a_user("u2")};
    users[0].posts.set(std::vector<Post>{});
    start(users, with<&User::posts>());
    auto const r = next();
    EXPECT_EQ(text_of(r), R"(posts index by_author: author_id = {"S":"u2"})");
    EXPECT_FALSE(has_next());
    answer(r, page_of({}));
    finish();
    EXPECT_TRUE(users[1].posts.loaded());
}

TEST_F(graph_of_relations, leaves_entities_untouched_when_an_answer_does_not_fit) {
    std::vector<User> users{a_user("u1"), a_user("u2")};
    users[0].profile.set(nullptr);
    start(users, with<&User::posts>(), with<&User::profile>(reload));
    auto const requests = all();
    answer(requests[0], page_of({}));
    auto const e = error_of([&] { answer(requests[1], R"({"Items":[)"); });
    EXPECT_EQ(e.code(), errc::malformed_response);
    for (auto const& u : users) EXPECT_FALSE(u.posts.loaded());
    EXPECT_TRUE(users[0].profile.loaded());
    EXPECT_FALSE(users[1].profile.loaded());
}

TEST_F(graph_of_relations, names_path_table_and_attribute_of_what_does_not_fit) {
    User u = a_user("u1");
    start(u, with<&User::posts>(with<&Post::comments>()));
    answer(next(), page_of({post("p1", "u1")}));
    auto const r = next();
    auto wrong = comment("c1", "p1");
    wrong["text"] = n(5);
    auto const e = error_of([&] { answer(r, page_of({wrong})); });
    EXPECT_EQ(e.code(), errc::attribute_type_mismatch);
    EXPECT_EQ(e.info().relation_path, "User.posts.comments");
    EXPECT_EQ(e.info().entity, "Comment");
    EXPECT_EQ(e.info().attribute, "text");
    EXPECT_EQ(e.info().operation, "Query");
    EXPECT_EQ(e.info().table, "comments");
    EXPECT_EQ(e.info().index, "by_post");
}

TEST_F(graph_of_relations, names_the_path_of_what_does_not_fit_in_a_batch_of_several_relations) {
    Comment c;
    c.id = "c1";
    c.post_id = "p1";
    c.author_id = "u1";
    start(c, with<&Comment::post>(), with<&Comment::author>());
    auto const r = next();
    auto wrong = user("u1");
    wrong["version"] = s("one");
    auto const e = error_of([&] { answer(r, batch_of({{"posts", {post("p1", "u1")}}, {"users", {wrong}}})); });
    EXPECT_EQ(e.code(), errc::attribute_type_mismatch);
    EXPECT_EQ(e.info().relation_path, "Comment.author");
    EXPECT_EQ(e.info().table, "users");
    EXPECT_EQ(e.info().attribute, "version");
    EXPECT_EQ(e.info().operation, "BatchGetItem");
}

TEST_F(graph_of_relations, refuses_answers_to_other_questions) {
    Post p = a_post("p1", "u1");
    auto const refused = [&](std::string const& body) {
        restart();
        start(p, with<&Post::author>());
        auto const r = next();
        auto const e = error_of([&] { answer(r, body); });
        EXPECT_EQ(e.code(), errc::malformed_response) << body;
        EXPECT_EQ(e.info().relation_path, "Post.author");
        EXPECT_FALSE(p.author.loaded());
    };
    refused(batch_of({{"users", {user("other")}}}));
    refused(batch_of({{"roles", {role("u1")}}}));
    refused(batch_of({}, {{"users", {{{"id", s("other")}}}}}));
    refused(batch_of({}, {{"users", {{{"name", s("u1")}}}}}));
    refused(batch_of({}, {{"roles", {{{"id", s("u1")}}}}}));
    refused("[]");
    refused("");
    refused(R"({"Responses":{}} trailing)");
}

TEST_F(graph_of_relations, takes_null_for_absent_parts_of_an_answer) {
    Post p = a_post("p1", "u1");
    start(p, with<&Post::author>());
    answer(next(), R"({"UnprocessedKeys":null,"Responses":null,"New":{"a":[1]}})");
    finish();
    EXPECT_FALSE(p.author.has_value());
}

TEST_F(graph_of_relations, is_at_most_16_deep) {
    auto const chain = [](int depth) {
        load_node node;
        for (int i = 0; i < depth; ++i) {
            load_node outer = with<&Category::children>().node();
            if (i > 0) outer.children.push_back(std::move(node));
            node = std::move(outer);
        }
        return std::vector<load_node>(1, node);
    };
    Category c;
    c.id = "c0";
    std::vector<void*> entities(1, &c);
    auto const e = error_of([&] { g().start_with_entities(entity_type_of<Category>(), entities, chain(17)); });
    EXPECT_EQ(e.code(), errc::invalid_argument);
    restart();
    g().start_with_entities(entity_type_of<Category>(), entities, chain(16));
    for (int i = 1; i <= 16; ++i) {
        auto const id = "c" + std::to_string(i);
        answer(next(), page_of({{{"id", s(id)}, {"parent_id", s("c" + std::to_string(i - 1))}}}));
    }
    finish();
    Category const* at = &c;
    for (int i = 1; i <= 16; ++i) {
        ASSERT_EQ(at->children.size(), 1U);
        at = &at->children[0];
        EXPECT_EQ(at->id, "c" + std::to_string(i));
    }
    EXPECT_FALSE(at->children.loaded());
}

TEST_F(graph_of_relations, goes_up_and_down_one_entity) {
    Category c;
    c.id = "b";
    c.parent_id = "a";
    start(c, with<&Category::parent>(with<&Category::children>(with<&Category::parent>())),
          with<&Category::children>());
    auto const category = [](std::string_view id, std::string_view parent) {
        json::object made{{"id", s(id)}};
        if (!parent.empty()) made["parent_id"] = s(parent);
        return made;
    };
    auto const requests = all();
    ASSERT_EQ(requests.size(), 2U) << "own children, and the parent";
    for (auto const& r : requests)
        answer(r, r.op == operation::query ? page_of({}) : batch_of({{"categories", {category("a", "")}}}));
    auto const below_parent = next();
    answer(below_parent, page_of({category("b", "a"), category("c", "a")}));
    finish();
    EXPECT_EQ(g().report().keys, 1U) << "the parent's children's parent is here already";
    EXPECT_EQ(ids(c.parent->children), "b c");
    EXPECT_EQ(c.parent->children[1].parent->id, "a");
    EXPECT_TRUE(c.children.empty());
}

TEST_F(graph_of_relations, follows_an_entity_that_is_its_own_parent) {
    Category c;
    c.id = "a";
    c.parent_id = "a";
    start(c, with<&Category::parent>(with<&Category::parent>(with<&Category::parent>())));
    answer(next(), batch_of({{"categories", {{{"id", s("a")}, {"parent_id", s("a")}}}}}));
    finish();
    EXPECT_EQ(c.parent->parent->parent->id, "a");
    EXPECT_FALSE(c.parent->parent->parent->parent.loaded());
}

TEST_F(graph_of_relations, takes_foreign_keys_of_two_parts) {
    Device d;
    d.site = "s\n\"1";
    d.number = -7;
    start(d, with<&Device::readings>(field<&Reading::value> > 1.5, with<&Reading::device>()));
    auto const r = next();
    EXPECT_EQ(
        text_of(r),
        R"(readings index by_device: device_site = {"S":"s\n\"1"} AND device_number = {"N":"-7"} filter value > {"N":"1.5"})");
    json::object reading{{"id", s("x")}, {"device_site", s("s\n\"1")}, {"device_number", n(-7)}, {"value", n(2)}};
    answer(r, page_of({reading}));
    auto const devices = next();
    EXPECT_EQ(keys_in(devices), key_set{"devices s\n\"1 -7"});
    answer(devices, batch_of({{"devices", {{{"number", n(-7)}, {"site", s("s\n\"1")}, {"model", s("m")}}}}}));
    finish();
    ASSERT_EQ(d.readings.size(), 1U);
    EXPECT_EQ(d.readings[0].device->model, "m");
}

// ---- when batches leave

using graph_batching = graph_conversation;

TEST_F(graph_batching, waits_with_a_part_while_more_keys_can_come) {
    std::vector<User> users{a_user("u1"), a_user("u2")};
    start(users, with<&User::posts>(with<&Post::editor>()));
    auto const posts = all();
    ASSERT_EQ(posts.size(), 2U);
    answer(posts[0], page_of({post("p1", "u1", 0, "e1")}));
    EXPECT_FALSE(g().ready(now));
    EXPECT_FALSE(has_next());
    EXPECT_EQ(g().wake_at(), now + options.linger);
    answer(posts[1], page_of({post("p2", "u2", 0, "e2")}));
    EXPECT_TRUE(g().ready(now));
    EXPECT_EQ(keys_in(next()), (key_set{"users e1", "users e2"}));
    EXPECT_FALSE(g().wake_at().has_value());
}

TEST_F(graph_batching, sends_a_part_when_no_key_came_for_a_while) {
    std::vector<User> users{a_user("u1"), a_user("u2"), a_user("u3")};
    start(users, with<&User::posts>(with<&Post::editor>()));
    auto const posts = all();
    answer(posts[0], page_of({post("p1", "u1", 0, "e1")}));
    now += options.linger / 2;
    answer(posts[1], page_of({post("p2", "u2", 0, "e2")}));
    now += options.linger / 2;
    EXPECT_FALSE(has_next()) << "counted from the last key";
    now += options.linger / 2;
    EXPECT_TRUE(g().ready(now));
    EXPECT_EQ(keys_in(next()), (key_set{"users e1", "users e2"}));
    answer(posts[2], page_of({post("p3", "u3", 0, "e3"), post("p4", "u3", 0, "e1")}));
    EXPECT_EQ(keys_in(next()), key_set{"users e3"}) << "e1 is under way";
}

TEST_F(graph_batching, does_not_wait_for_requests_that_bring_no_keys) {
    User u = a_user("u1");
    Post p = a_post("p1", "u1");
    start(p, with<&Post::author>(), with<&Post::comments>());
    auto const requests = all();
    EXPECT_EQ(requests.size(), 2U);
}

TEST_F(graph_batching, sends_a_full_batch_at_once) {
    std::vector<User> users{a_user("u1"), a_user("u2")};
    start(users, with<&User::posts>(with<&Post::editor>()));
    auto const posts = all();
    std::string body = R"({"Items":[)";
    for (int i = 0; i < 120; ++i)
        body += (i ? "," : "") + json::serialize(post("p" + std::to_string(i), "u1", 0, "e" + std::to_string(i)));
    answer(posts[0], body + "]}");
    EXPECT_TRUE(g().ready(now));
    EXPECT_EQ(keys_in(next()).size(), 100U);
    EXPECT_FALSE(has_next()) << "20 wait for u2's";
    answer(posts[1], page_of({}));
    EXPECT_EQ(keys_in(next()).size(), 20U);
}

TEST_F(graph_batching, waits_for_a_batch_whose_entities_ask_for_keys) {
    std::vector<Category> categories(2);
    categories[0].id = "a";
    categories[0].parent_id = "x";
    categories[1].id = "b";
    categories[1].parent_id = "y";
    start(categories, with<&Category::parent>(with<&Category::parent>()));
    auto const first = next();
    EXPECT_EQ(keys_in(first), (key_set{"categories x", "categories y"}));
    answer(first, batch_of({{"categories",
                             {{{"id", s("x")}, {"parent_id", s("z")}}, {{"id", s("y")}, {"parent_id", s("z")}}}}}));
    auto const second = next();
    EXPECT_EQ(keys_in(second), key_set{"categories z"});
    answer(second, batch_of({{"categories", {{{"id", s("z")}}}}}));
    finish();
    EXPECT_EQ(categories[1].parent->parent->id, "z");
}

TEST_F(graph_batching, knows_when_one_request_follows_another) {
    User u = a_user("u1");
    start(u, with<&User::posts>(with<&Post::author>()));
    EXPECT_TRUE(g().sequential());
    auto const r = next();
    EXPECT_FALSE(g().sequential());
    answer(r, page_of({post("p1", "u1")}));
    EXPECT_TRUE(g().sequential());
    answer(next(), batch_of({{"users", {user("u1")}}}));
    EXPECT_FALSE(g().sequential());
    EXPECT_TRUE(g().done());

    restart();
    start(u, with<&User::posts>(), with<&User::profile>());
    EXPECT_FALSE(g().sequential()) << "two can go at once";
}

// ---- unprocessed keys

class graph_unprocessed : public graph_conversation {
protected:
    graph_unprocessed() {
        options.retry.max_attempts = 3;
        options.retry.base_delay = std::chrono::milliseconds(10);
        posts = {a_post("p1", "u1"), a_post("p2", "u2"), a_post("p3", "u3")};
    }
    static json::object key(std::string_view id) { return {{"id", s(id)}}; }
    std::vector<Post> posts;
};

TEST_F(graph_unprocessed, keys_leave_at_once_after_progress) {
    start(posts, with<&Post::author>());
    answer(next(), batch_of({{"users", {user("u1")}}}, {{"users", {key("u2"), key("u3")}}}));
    EXPECT_FALSE(g().done());
    auto const second = next();
    EXPECT_EQ(keys_in(second), (key_set{"users u2", "users u3"}));
    answer(second, batch_of({{"users", {user("u3")}}}, {{"users", {key("u2")}}}));
    auto const third = next();
    answer(third, batch_of({{"users", {user("u2")}}}));
    finish();
    for (auto const& p : posts) EXPECT_EQ(p.author->id, p.author_id);
    EXPECT_EQ(g().report().unprocessed, 3U);
}

TEST_F(graph_unprocessed, keys_wait_after_an_answer_without_progress) {
    start(posts, with<&Post::author>());
    answer(next(), batch_of({}, {{"users", {key("u1"), key("u2"), key("u3")}}}), 0.5);
    EXPECT_FALSE(g().done());
    EXPECT_FALSE(has_next());
    ASSERT_EQ(g().wake_at(), now + std::chrono::milliseconds(5));
    now = *g().wake_at();
    EXPECT_TRUE(g().ready(now));
    auto const second = next();
    EXPECT_EQ(keys_in(second).size(), 3U);
    answer(second, batch_of({{"users", {user("u1"), user("u2"), user("u3")}}}));
    finish();
}

TEST_F(graph_unprocessed, answers_without_progress_count_from_the_start_after_progress) {
    start(posts, with<&Post::author>());
    auto const fruitless = [&](std::vector<json::object> const& keys) {
        answer(next(), batch_of({}, {{"users", keys}}), 1);
        now += std::chrono::seconds(1);
    };
    std::vector<json::object> const all_keys{key("u1"), key("u2"), key("u3")};
    std::vector<json::object> const rest{key("u2"), key("u3")};
    fruitless(all_keys);
    fruitless(all_keys);
    answer(next(), batch_of({{"users", {user("u1")}}}, {{"users", rest}}));
    fruitless(rest);
    fruitless(rest);
    answer(next(), batch_of({{"users", {user("u2"), user("u3")}}}));
    finish();
    EXPECT_EQ(posts[2].author->id, "u3");
}

TEST_F(graph_unprocessed, keys_that_never_come_are_an_error_that_names_them) {
    start(posts, with<&Post::author>());
    answer(next(), batch_of({{"users", {user("u1")}}}, {{"users", {key("u2"), key("u3")}}}));
    std::optional<error> failed;
    for (int i = 0; i < 3; ++i) {
        now += std::chrono::seconds(10);
        auto const r = next();
        if (i < 2)
            answer(r, batch_of({}, {{"users", {key("u2"), key("u3")}}}));
        else
            failed = error_of([&] { answer(r, batch_of({}, {{"users", {key("u2"), key("u3")}}})); });
    }
    EXPECT_EQ(failed->code(), errc::batch_incomplete);
    EXPECT_EQ(failed->info().missing_keys, (std::vector<std::string>{R"({"id":{"S":"u2"}})", R"({"id":{"S":"u3"}})"}));
    EXPECT_EQ(failed->info().relation_path, "Post.author");
    EXPECT_EQ(failed->info().table, "users");
    for (auto const& p : posts) EXPECT_FALSE(p.author.loaded());
}

TEST_F(graph_unprocessed, keys_join_what_else_is_to_be_asked) {
    std::vector<Category> categories(2);
    categories[0].id = "a";
    categories[0].parent_id = "x";
    categories[1].id = "b";
    categories[1].parent_id = "y";
    start(categories, with<&Category::parent>(with<&Category::parent>()));
    answer(next(), batch_of({{"categories", {{{"id", s("x")}, {"parent_id", s("z")}}}}}, {{"categories", {key("y")}}}));
    EXPECT_EQ(keys_in(next()), (key_set{"categories y", "categories z"}));
}

TEST_F(graph_unprocessed, keys_have_parts_in_any_order) {
    std::vector<Reading> readings(1);
    readings[0].id = "r";
    readings[0].device_site = "s";
    readings[0].device_number = 3;
    start(readings, with<&Reading::device>());
    json::object const reversed{{"number", n(3)}, {"site", s("s")}};
    answer(next(), batch_of({}, {{"devices", {reversed}}}));
    now += std::chrono::seconds(1);
    auto const r = next();
    EXPECT_EQ(keys_in(r), key_set{"devices s 3"});
    answer(r, batch_of({{"devices", {reversed}}}));
    finish();
    EXPECT_EQ(readings[0].device->number, 3);
}

// ---- starting with keys and queries

using graph_by_keys = graph_conversation;

TEST_F(graph_by_keys, asks_once_for_equal_keys_and_answers_in_order) {
    std::vector<std::string> keys;
    for (std::string const id : {"u2", "u1", "gone", "u2"}) keys.push_back(R"({"id":{"S":")" + id + R"("}})");
    g().start_with_keys(entity_type_of<User>(), keys, children(with<&User::profile>()));
    auto const r = next();
    EXPECT_EQ(keys_in(r), (key_set{"users gone", "users u1", "users u2"}));
    EXPECT_EQ(r.path, "User");
    answer(r, batch_of({{"users", {user("u1"), user("u2")}}}));
    for (auto const& q : all()) answer(q, page_of({}));
    finish();
    auto const found = g().found_by_key();
    ASSERT_EQ(found.size(), 4U);
    EXPECT_EQ(static_cast<User*>(found[0].first)->id, "u2");
    EXPECT_FALSE(found[0].second) << "needed again";
    EXPECT_EQ(static_cast<User*>(found[1].first)->id, "u1");
    EXPECT_TRUE(found[1].second);
    EXPECT_EQ(found[2].first, nullptr);
    EXPECT_EQ(found[3].first, found[0].first);
    EXPECT_TRUE(found[3].second);
    EXPECT_TRUE(static_cast<User*>(found[1].first)->profile.loaded());
}

TEST_F(graph_by_keys, gives_no_entity_away_that_a_relation_shares) {
    std::vector<std::string> keys(1, R"({"id":{"S":"a"}})");
    g().start_with_keys(entity_type_of<Category>(), keys, children(with<&Category::parent>()));
    answer(next(), batch_of({{"categories", {{{"id", s("a")}, {"parent_id", s("a")}}}}}));
    finish();
    auto const found = g().found_by_key();
    EXPECT_FALSE(found[0].second);
    auto const& root = *static_cast<Category*>(found[0].first);
    EXPECT_EQ(root.parent->id, "a");
    EXPECT_FALSE(root.parent->parent.loaded());
}

TEST_F(graph_by_keys, of_none_is_nothing) {
    g().start_with_keys(entity_type_of<User>(), {}, children(with<&User::posts>()));
    finish();
    EXPECT_TRUE(g().found_by_key().empty());
}

class graph_by_query : public graph_conversation {
protected:
    template <class... Arguments> void query(std::string const& cursor, Arguments... arguments) {
        selected = with<&User::posts>(std::move(arguments)...).node().select;
        selected.where = std::move(selected.where) && (field<&Post::author_id> == "u1").condition();
        g().start_with_query(entity_type_of<Post>(), dynasio::detail::plan_query(entity_type_of<Post>(), selected),
                             selected, cursor, std::move(below));
    }
    std::vector<Post>& items() {
        taken = g().take_items();
        return *static_cast<std::vector<Post>*>(taken.get());
    }
    dynasio::selection selected{};
    std::vector<load_node> below{};
    std::shared_ptr<void> taken{};
};

TEST_F(graph_by_query, reads_pages_and_relations_as_they_come) {
    below = children(with<&Post::comments>());
    query("");
    auto const r = next();
    EXPECT_EQ(text_of(r), R"(posts index by_author: author_id = {"S":"u1"})");
    EXPECT_EQ(r.path, "Post");
    answer(r, page_of({post("p1", "u1")}, json::object{{"id", s("p1")}}));
    auto const two = all();
    ASSERT_EQ(two.size(), 2U);
    for (auto const& q : two) answer(q, text_of(q).starts_with("posts") ? page_of({}) : page_of({comment("c1", "p1")}));
    finish();
    EXPECT_EQ(ids(items()), "p1");
    EXPECT_EQ(ids(items()[0].comments), "c1");
    EXPECT_EQ(g().next_cursor(), "");
}

TEST_F(graph_by_query, goes_on_where_a_cursor_says) {
    query(R"({"id":{"S":"p7"}})", limit(2));
    auto const r = next();
    EXPECT_EQ(text_of(r), R"(posts index by_author: author_id = {"S":"u1"} limit 2 after {"id":{"S":"p7"}})");
    answer(r, page_of({post("p8", "u1"), post("p9", "u1")}, json::object{{"id", s("p9")}}));
    finish();
    EXPECT_EQ(json::parse(g().next_cursor()), json::parse(R"({"id":{"S":"p9"}})"));
}

TEST_F(graph_by_query, makes_the_cursor_of_a_page_that_it_cut) {
    query("", field<&Post::status> == "live", limit(2));
    answer(next(), page_of({post("p1", "u1"), post("p2", "u1"), post("p3", "u1")}));
    finish();
    EXPECT_EQ(ids(items()), "p1 p2");
    EXPECT_EQ(json::parse(g().next_cursor()), json::parse(R"({"id":{"S":"p2"},"author_id":{"S":"u1"}})"))
        << "the keys of table and index of the last one taken";
}

TEST_F(graph_by_query, has_no_cursor_at_the_end) {
    query("", limit(2));
    answer(next(), page_of({post("p1", "u1"), post("p2", "u1")}));
    finish();
    EXPECT_EQ(g().next_cursor(), "");
}

TEST_F(graph_by_query, with_limit_zero_sends_nothing) {
    query("", limit(0));
    EXPECT_FALSE(has_next());
    finish();
    EXPECT_TRUE(items().empty());
    EXPECT_EQ(g().next_cursor(), "");
}

TEST_F(graph_by_query, scans_with_permission) {
    selected.where = (field<&Post::status> == "live").condition();
    options.consistent_read = true;
    g().start_with_query(entity_type_of<Post>(), dynasio::detail::plan_scan(entity_type_of<Post>(), selected), selected,
                         "", {});
    auto const r = next();
    EXPECT_EQ(r.op, operation::scan);
    EXPECT_EQ(text_of(r), R"(posts filter status = {"S":"live"} consistent)");
    answer(r, page_of({post("p1", "u1")}));
    finish();
    EXPECT_EQ(ids(items()), "p1");
}

// ---- two types in one table

} // namespace

namespace shared_table {

struct Owner;
struct Invoice {
    std::string id{};
    int total{};
    std::string owner_id{}, twin_id{};
    dynasio::belongs_to<Owner> owner{};
    dynasio::belongs_to<Invoice> twin{};
};
struct Owner {
    std::string id{};
    std::string total{};
};
constexpr auto dynasio_schema(dynasio::tag<Invoice>) {
    using namespace dynasio;
    return entity<Invoice>(table{"all"}, partition_key<&Invoice::id>, relate<&Invoice::owner>(by<&Invoice::owner_id>),
                           relate<&Invoice::twin>(by<&Invoice::twin_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Owner>) {
    using namespace dynasio;
    return entity<Owner>(table{"all"}, partition_key<&Owner::id>);
}

} // namespace shared_table

namespace {

TEST_F(graph_of_relations, reads_two_types_from_one_table_each_by_its_own_keys) {
    using shared_table::Invoice;
    Invoice i;
    i.id = "i1";
    i.owner_id = "o1";
    i.twin_id = "i2";
    start(i, with<&Invoice::owner>(), with<&Invoice::twin>());
    auto const r = next();
    EXPECT_EQ(keys_in(r), (key_set{"all i2", "all o1"}));
    json::object const owner{{"id", s("o1")}, {"total", s("much")}};
    json::object const twin{{"id", s("i2")}, {"total", n(5)}};
    answer(r, batch_of({{"all", {owner}}}, {{"all", {{{"id", s("i2")}}}}}));
    auto const second = next();
    EXPECT_EQ(keys_in(second), key_set{"all i2"});
    answer(second, batch_of({{"all", {twin}}}));
    finish();
    EXPECT_EQ(i.owner->total, "much");
    EXPECT_EQ(i.twin->total, 5);
}

// ---- telling

using graph_report = graph_conversation;

TEST_F(graph_report, counts_what_it_took) {
    options.report_capacity = true;
    User u = a_user("u1");
    start(u, with<&User::posts>(with<&Post::author>()));
    auto const r = next();
    EXPECT_EQ(json::parse(r.body).at("ReturnConsumedCapacity").as_string(), "TOTAL");
    auto body = json::parse(page_of({post("p1", "u1"), post("p2", "u1")})).as_object();
    body["ConsumedCapacity"] = json::object{{"TableName", "posts"}, {"CapacityUnits", 1.5}};
    answer(r, json::serialize(body));
    auto batch = json::parse(batch_of({{"users", {user("u1")}}})).as_object();
    batch["ConsumedCapacity"] = json::array{json::object{{"TableName", "users"}, {"CapacityUnits", 0.5}}};
    answer(next(), json::serialize(batch));
    finish();
    auto const report = g().report();
    EXPECT_EQ(report.queries, 1U);
    EXPECT_EQ(report.batch_gets, 1U);
    EXPECT_EQ(report.requests(), 2U);
    EXPECT_EQ(report.keys, 1U);
    EXPECT_EQ(report.items, 3U);
    EXPECT_EQ(report.read_units, 2.0);
    EXPECT_EQ(report.max_in_flight, 1U);
    EXPECT_EQ(report.unprocessed, 0U);
    EXPECT_NE(report.plan.find("[1 request, 2 items]"), std::string::npos) << report.plan;
}

TEST_F(graph_report, explains_the_plan_before_it_runs) {
    std::vector<User> none;
    start(none, with<&User::profile>(),
          with<&User::posts>(field<&Post::status> == "live", newest_first, limit(5),
                             with<&Post::author>(field<&User::name> == "Ann")),
          with<&User::roles>(limit(2)), with<&User::received>(limit(3)));
    EXPECT_EQ(
        g().explain(false),
        "User: given\n"
        "  profile: Query profiles index by_user, limit 1, one for each parent\n"
        "  posts: Query posts index by_author, filter status = \"live\", newest first, limit 5, one for each parent\n"
        "    author: BatchGetItem users, up to 100 keys a request, shared with all other keys, here name = \"Ann\"\n"
        "  roles: Query pivots, links, one for each parent\n"
        "    then: BatchGetItem roles, up to 100 keys a request, shared with all other keys, limit 2 (here)\n"
        "  received: Query posts index by_author, one for each parent\n"
        "    then: Query comments index by_post, limit 3, one for each parent, limit 3 (here)\n");
}

} // namespace
