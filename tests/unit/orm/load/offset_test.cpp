// offset: the first entities of each parent are left out.

#include <dynasio/orm/field.hpp>
#include <dynasio/orm/with.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "load_fixture.hpp"

namespace {

using namespace load_test;
using dynasio::client_side;
using dynasio::descending;
using dynasio::field;
using dynasio::limit;
using dynasio::newest_first;
using dynasio::offset;
using dynasio::with;
using shop::Comment;
using shop::Post;
using shop::Role;
using shop::User;

using graph_offset = load_conversation;

TEST_F(graph_offset, with_a_limit_asks_for_no_more_than_both) {
    User u = a_user("u1");
    start(u, with<&User::posts>(newest_first, offset(2), limit(2), with<&Post::comments>()));
    auto const first = next();
    EXPECT_EQ(text_of(first), R"(posts index by_author: author_id = {"S":"u1"} backward limit 4)");
    answer(first, page_of({post("p9", "u1")}, json::object{{"id", s("p9")}}));
    auto const second = next();
    EXPECT_EQ(text_of(second),
              R"(posts index by_author: author_id = {"S":"u1"} backward limit 3 after {"id":{"S":"p9"}})");
    answer(second, page_of({post("p8", "u1"), post("p7", "u1"), post("p6", "u1")}, json::object{{"id", s("p6")}}));
    auto const comments = all();
    EXPECT_EQ(texts(comments), (std::vector<std::string>{R"(comments index by_post: post_id = {"S":"p7"})",
                                                         R"(comments index by_post: post_id = {"S":"p6"})"}))
        << "nothing is asked for below what is left out";
    for (auto const& r : comments) answer(r, page_of({}));
    finish();
    EXPECT_EQ(ids(u.posts), "p7 p6");
}

TEST_F(graph_offset, without_a_limit_reads_all) {
    std::vector<User> users{a_user("u1"), a_user("u2")};
    start(users, with<&User::posts>(offset(1)));
    auto const requests = all();
    ASSERT_EQ(requests.size(), 2U);
    EXPECT_EQ(text_of(requests[0]), R"(posts index by_author: author_id = {"S":"u1"})");
    answer(requests[0], page_of({post("p1", "u1"), post("p2", "u1")}, json::object{{"id", s("p2")}}));
    answer(requests[1], page_of({post("p4", "u2")}));
    answer(next(), page_of({post("p3", "u1")}));
    finish();
    EXPECT_EQ(ids(users[0].posts), "p2 p3");
    EXPECT_TRUE(users[1].posts.empty()) << "an offset of each parent";
}

TEST_F(graph_offset, counts_entities_that_satisfy_the_conditions) {
    User u = a_user("u1");
    start(u, with<&User::posts>(field<&Post::score> > 1, field<&Post::score> != 5, offset(1), limit(1)));
    auto const r = next();
    EXPECT_EQ(text_of(r), R"(posts index by_author_score: author_id = {"S":"u1"} AND score > {"N":"1"})");
    answer(r, page_of({post("p1", "u1", 2), post("p2", "u1", 5), post("p3", "u1", 6), post("p4", "u1", 7)}));
    finish();
    EXPECT_EQ(ids(u.posts), "p3");
}

TEST_F(graph_offset, cuts_an_order_that_is_made_here) {
    User u = a_user("u1");
    start(u, with<&User::posts>(descending<&Post::title>, offset(1), limit(2), client_side));
    answer(next(), page_of({post("p1", "u1"), post("p4", "u1"), post("p2", "u1"), post("p3", "u1")}));
    finish();
    EXPECT_EQ(ids(u.posts), "p3 p2");
}

TEST_F(graph_offset, of_entities_behind_links_is_cut_here) {
    User u = a_user("u1");
    auto const link = [](std::string_view right) {
        return json::object{{"pk", s("users_roles#u1")},
                            {"sk", s(right)},
                            {"pivot_key", s("users_roles")},
                            {"id_left", s("u1")},
                            {"id_right", s(right)}};
    };
    start(u, with<&User::roles>(offset(1), limit(1)));
    answer(next(), page_of({link("r1"), link("r2"), link("r3"), link("r4")}));
    answer(next(), batch_of({{"roles", {role("r2"), role("r3"), role("r4")}}}));
    finish();
    EXPECT_EQ(ids(u.roles), "r3") << "a link that leads nowhere is not skipped";
}

TEST_F(graph_offset, through_entities_in_between_is_cut_from_the_whole) {
    User u = a_user("u1");
    start(u, with<&User::received>(offset(2), limit(2)));
    answer(next(), page_of({post("p1", "u1"), post("p2", "u1")}));
    auto const parts = all();
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(text_of(parts[0]), R"(comments index by_post: post_id = {"S":"p1"} limit 4)");
    answer(parts[0], page_of({comment("c1", "p1"), comment("c2", "p1"), comment("c3", "p1")}));
    answer(parts[1], page_of({comment("c4", "p2"), comment("c5", "p2")}));
    finish();
    EXPECT_EQ(ids(u.received), "c3 c4");
}

TEST_F(graph_offset, through_entities_in_between_is_cut_in_order) {
    User u = a_user("u1");
    start(u, with<&User::received>(newest_first, offset(1), limit(2), client_side));
    answer(next(), page_of({post("p1", "u1"), post("p2", "u1")}));
    auto const parts = all();
    answer(parts[0], page_of({comment("c5", "p1"), comment("c1", "p1")}));
    answer(parts[1], page_of({comment("c6", "p2"), comment("c2", "p2")}));
    finish();
    EXPECT_EQ(ids(u.received), "c5 c2");
}

TEST_F(graph_offset, beside_another_offset_of_the_same_entities_is_read_apart) {
    std::vector<User> users{a_user("u1")};
    Post p = a_post("p1", "u1");
    start(p, with<&Post::author>(with<&User::posts>(offset(1), limit(1))),
          with<&Post::editor>(with<&User::posts>(offset(2), limit(1))));
    answer(next(), batch_of({{"users", {user("u1")}}}));
    answer(next(), page_of({post("p1", "u1"), post("p2", "u1")}));
    finish();
    EXPECT_EQ(ids(p.author->posts), "p2");
}

TEST_F(graph_offset, that_no_number_of_items_reaches_gives_nothing) {
    User u = a_user("u1");
    start(u, with<&User::posts>(offset(std::numeric_limits<std::size_t>::max()), limit(3)));
    auto const r = next();
    EXPECT_EQ(text_of(r), R"(posts index by_author: author_id = {"S":"u1"} limit 2147483647)");
    answer(r, page_of({post("p1", "u1")}));
    finish();
    EXPECT_TRUE(u.posts.empty());
}

TEST_F(graph_offset, is_explained) {
    std::vector<User> none;
    start(none, with<&User::posts>(newest_first, offset(10), limit(5)), with<&User::roles>(offset(1), limit(2)),
          with<&User::received>(offset(3)));
    EXPECT_EQ(
        g().explain(false),
        "User: given\n"
        "  posts: Query posts index by_author, newest first, offset 10 (here), 15 items asked for, limit 5, one for "
        "each parent\n"
        "  roles: Query pivots, links, one for each parent, as many as it takes for the limit\n"
        "    then: BatchGetItem roles, up to 100 keys a request, shared with all other keys, offset 1 (here), limit 2 "
        "(here)\n"
        "  received: Query posts index by_author, one for each parent\n"
        "    then: Query comments index by_post, one for each parent, offset 3 (here)\n");
}

} // namespace
