// has_many and has_one: one Query for each parent.

#include <dynasio/orm/field.hpp>
#include <dynasio/orm/with.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "load_fixture.hpp"

namespace {

using namespace load_test;
using dynasio::client_side;
using dynasio::descending;
using dynasio::field;
using dynasio::limit;
using dynasio::newest_first;
using dynasio::with;
using shop::Device;
using shop::Post;
using shop::Profile;
using shop::Reading;
using shop::User;

using graph_has_many = load_conversation;

TEST_F(graph_has_many, is_one_query_for_each_parent) {
    std::vector<User> users{a_user("u1"), a_user("u2")};
    start(users, with<&User::posts>());
    auto const requests = all();
    EXPECT_EQ(texts(requests), (std::vector<std::string>{R"(posts index by_author: author_id = {"S":"u1"})",
                                                         R"(posts index by_author: author_id = {"S":"u2"})"}));
    EXPECT_EQ(requests[0].op, operation::query);
    EXPECT_EQ(path_of(requests[0]), "User.posts");
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

TEST_F(graph_has_many, takes_foreign_keys_of_two_parts) {
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

using graph_has_one = load_conversation;

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

} // namespace
