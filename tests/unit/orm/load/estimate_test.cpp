// What a load is expected to cost before it runs, and what it took beside that.

#include <dynasio/orm/field.hpp>
#include <dynasio/orm/load_assumptions.hpp>
#include <dynasio/orm/with.hpp>

#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <orm/load/estimate.hpp>
#include <string>
#include <vector>

#include "load_fixture.hpp"

namespace estimate_model {

using namespace dynasio::dsl;

struct Photo {
    std::string id{};
};
struct Clip {
    std::string id{};
};
struct Comment {
    std::string id{};
    std::string type{};
    std::string of_id{};
    dynasio::morph_to<Photo, Clip> of{};
};
constexpr auto dynasio_schema(dynasio::tag<Photo>) { return entity<Photo>(partition_key<&Photo::id>); }
constexpr auto dynasio_schema(dynasio::tag<Clip>) { return entity<Clip>(partition_key<&Clip::id>); }
constexpr auto dynasio_schema(dynasio::tag<Comment>) {
    return entity<Comment>(partition_key<&Comment::id>, relate<&Comment::of>(by<&Comment::type, &Comment::of_id>));
}

} // namespace estimate_model

namespace dynasio::estimate_tests {

using namespace load_test;
using shop::Comment;
using shop::Post;
using shop::User;

class load_estimates : public load_conversation {
protected:
    void assume(load_assumptions const& assumed) {
        auto whole = std::make_shared<detail::load_settings>();
        whole->assumed = assumed;
        options.whole = std::move(whole);
    }
    template <class T, class... Includes> std::string plan_for(std::size_t owners, Includes... includes) {
        restart();
        g().start_to_explain(entity_type_of<T>(), owners, children(std::move(includes)...));
        return g().explain(false);
    }
    template <class... Includes> std::string plan_of(bool scans, selection const& select, Includes... includes) {
        restart();
        auto const& type = entity_type_of<Post>();
        g().start_with_query(type, scans ? detail::plan_scan(type, select) : detail::plan_query(type, select), select,
                             {}, children(std::move(includes)...));
        return g().explain(false);
    }
    /// The estimate of the first line that holds `line`.
    std::string in(std::string const& plan, std::string_view line) {
        auto const begin = plan.find(line);
        EXPECT_NE(begin, std::string::npos) << plan;
        auto const end = plan.find('\n', begin);
        auto const at = plan.find("[estimated ", begin);
        if (begin == std::string::npos || at > end) return "none in: " + plan;
        return plan.substr(at + 11, plan.find(']', at) - at - 11);
    }
};

TEST_F(load_estimates, stand_in_the_plan_with_their_assumptions) {
    assume(load_assumptions());
    EXPECT_EQ(plan_for<User>(4, with<&User::posts>(limit(5), with<&Post::author>())),
              "User: given\n"
              "  posts: Query posts index by_author, limit 5, one for each parent "
              "[estimated 4 requests, 20 items, 4 read units]\n"
              "    author: BatchGetItem users, up to 100 keys a request, shared with all other keys "
              "[estimated 1 request, 20 items, 10 read units]\n"
              "together [estimated 5 requests, 40 items, 14 read units], assuming 4 User, 10 entities for each parent, "
              "1024 bytes an item\n");
}

TEST_F(load_estimates, are_left_out_without_assumptions) {
    EXPECT_EQ(plan_for<User>(4, with<&User::posts>()),
              "User: given\n  posts: Query posts index by_author, one for each parent\n");
}

// Developer Guide: a Query is charged for the sum of its items, a BatchGetItem for each item by itself.
TEST_F(load_estimates, round_the_sum_of_a_query_and_each_item_of_a_batch) {
    assume(load_assumptions().children(8).item_size(512));
    auto plan = plan_for<User>(1, with<&User::posts>());
    EXPECT_EQ(in(plan, "posts"), "1 request, 8 items, 0.5 read units") << "4 KB in all";
    std::string const batch = plan_for<Post>(8, with<&Post::author>());
    EXPECT_EQ(in(batch, "author"), "1 request, 8 items, 4 read units") << "8 times 4 KB";

    assume(load_assumptions().children(8).item_size(4097));
    EXPECT_EQ(in(plan_for<User>(1, with<&User::posts>()), "posts"), "1 request, 8 items, 4.5 read units");
    EXPECT_EQ(in(plan_for<Post>(8, with<&Post::author>()), "author"), "1 request, 8 items, 8 read units");
}

TEST_F(load_estimates, charge_a_query_that_finds_nothing) {
    assume(load_assumptions().children(0));
    EXPECT_EQ(in(plan_for<User>(3, with<&User::posts>()), "posts"), "3 requests, 0 items, 1.5 read units");
}

TEST_F(load_estimates, count_a_page_for_each_megabyte) {
    assume(load_assumptions().children(3000).item_size(1024));
    EXPECT_EQ(in(plan_for<User>(1, with<&User::posts>()), "posts"), "3 requests, 3000 items, 375 read units");
}

TEST_F(load_estimates, double_what_is_read_consistently_but_not_by_a_global_index) {
    options.consistent_read = true;
    assume(load_assumptions());
    auto const plan = plan_for<User>(1, with<&User::posts>(with<&Post::author>()));
    EXPECT_EQ(in(plan, "posts"), "1 request, 10 items, 1.5 read units");
    EXPECT_EQ(in(plan, "author: "), "1 request, 10 items, 10 read units");
    EXPECT_EQ(in(plan_for<User>(1, with<&User::roles>()), "roles"), "1 request, 10 items, 1 read unit")
        << "the links of this side are read from the table";
}

TEST_F(load_estimates, read_past_a_filter_until_enough_match) {
    assume(load_assumptions().children(100).matching(0.5).item_size(100));
    EXPECT_EQ(in(plan_for<User>(1, with<&User::posts>(field<&Post::status> == "live", limit(10))), "posts"),
              "1 request, 20 items, 0.5 read units");
    auto const plan = plan_for<User>(1, with<&User::posts>(field<&Post::status> == "live", with<&Post::comments>()));
    EXPECT_EQ(in(plan, "posts"), "1 request, 100 items, 1.5 read units");
    EXPECT_EQ(in(plan, "comments"), "50 requests, 5000 items, 75 read units");
}

TEST_F(load_estimates, take_roots_for_what_a_query_finds_whether_it_scans_or_not) {
    assume(load_assumptions().roots(10).matching(0.25).item_size(100));
    selection filtered;
    filtered.where = (field<&Post::author_id> == "u1" && field<&Post::status> == "live").condition();
    auto plan = plan_of(false, filtered, with<&Post::comments>());
    EXPECT_EQ(in(plan, "Post: Query"), "1 request, 40 items, 0.5 read units") << plan;
    EXPECT_TRUE(in(plan, "comments").starts_with("10 requests, ")) << plan;

    filtered.where = (field<&Post::status> == "live").condition();
    plan = plan_of(true, filtered, with<&Post::comments>());
    EXPECT_EQ(in(plan, "Post: Scan"), "1 request, 40 items, 0.5 read units") << plan;
    EXPECT_TRUE(in(plan, "comments").starts_with("10 requests, ")) << plan;

    selection whole;
    whole.where = (field<&Post::author_id> == "u1").condition();
    plan = plan_of(false, whole, with<&Post::comments>());
    EXPECT_EQ(in(plan, "Post: Query"), "1 request, 10 items, 0.5 read units") << plan;

    assume(load_assumptions().matching(0));
    EXPECT_EQ(in(plan_of(true, filtered, with<&Post::comments>()), "comments"), "0 requests, 0 items, 0 read units");
}

TEST_F(load_estimates, let_nothing_lead_further_from_what_an_offset_skips) {
    assume(load_assumptions());
    auto const plan = plan_for<User>(2, with<&User::posts>(offset(3), limit(5), with<&Post::comments>()));
    EXPECT_TRUE(in(plan, "posts").starts_with("2 requests, 16 items, ")) << plan;
    EXPECT_TRUE(in(plan, "comments").starts_with("10 requests, ")) << plan;
    auto const beyond = plan_for<User>(2, with<&User::posts>(offset(20), limit(5), with<&Post::comments>()));
    EXPECT_TRUE(in(beyond, "comments").starts_with("0 requests, ")) << beyond;
}

TEST_F(load_estimates, share_queries_among_relations_of_the_same_owners_alone) {
    assume(load_assumptions());
    auto const plan_of_both = [&] {
        return plan_for<Comment>(30, with<&Comment::author>(with<&User::posts>()),
                                 with<&Comment::post>(with<&Post::author>(with<&User::posts>())));
    };
    auto plan = plan_of_both();
    EXPECT_TRUE(in(plan, "together").starts_with("62 requests, ")) << "the posts of 60 users\n" << plan;
    assume(load_assumptions().total("User", 40));
    plan = plan_of_both();
    EXPECT_TRUE(in(plan, "together").starts_with("42 requests, ")) << "there are no more than 40\n" << plan;

    // The posts are the same ones, and so are their comments.
    assume(load_assumptions().children(2));
    plan = plan_for<User>(5, with<&User::posts>(with<&Post::comments>()), with<&User::received>());
    EXPECT_TRUE(in(plan, "together").starts_with("15 requests, ")) << plan;
}

TEST_F(load_estimates, stay_numbers_however_large) {
    assume(load_assumptions().children(1e15).item_size(1e15).matching(1e-300).roots(1e15));
    auto const plan =
        plan_for<User>(1000, with<&User::posts>(with<&Post::comments>(with<&Comment::author>(with<&User::posts>(
                                 with<&Post::comments>(field<&Comment::text> == "a", with<&Comment::author>()))))));
    EXPECT_EQ(plan.find("inf"), std::string::npos) << plan;
    EXPECT_EQ(plan.find("nan"), std::string::npos) << plan;
    EXPECT_EQ(detail::short_figure(2.5e12), "2.5e+12");
    EXPECT_EQ(detail::short_figure(999'999'999.4), "999999999.4");
    EXPECT_EQ(detail::short_figure(0.25), "0.3");
    EXPECT_EQ(detail::short_figure(12), "12");
}

TEST_F(load_estimates, refuse_names_of_relations_that_there_are_not) {
    auto const refused = [&](load_assumptions const& assumed) {
        assume(assumed);
        auto const e = error_of([&] { plan_for<User>(1, with<&User::posts>()); });
        EXPECT_EQ(e.code(), errc::invalid_argument);
        return e.info().message;
    };
    EXPECT_EQ(refused(load_assumptions().children("User.post", 3)),
              "load_assumptions: \"User.post\" names nothing: User has the relations profile, posts, roles, received");
    EXPECT_EQ(refused(load_assumptions().matching("User.posts.author.friends", 0.5)),
              "load_assumptions: \"User.posts.author.friends\" names nothing: User has the relations profile, posts, "
              "roles, received");
    EXPECT_EQ(refused(load_assumptions().children("posts", 3)),
              "load_assumptions: children() of \"posts\" needs the name of a relation, as \"User.posts\"");
    EXPECT_EQ(refused(load_assumptions().total("User.posts", 3)),
              "load_assumptions: item_size() and total() of \"User.posts\" need the name of an entity, as \"Post\"");
    // One set of assumptions may serve several loads.
    assume(load_assumptions().children("Comment.author.posts", 2).matching("Invoice.lines", 1).total("Invoice", 5));
    EXPECT_NO_THROW(plan_for<User>(1, with<&User::posts>()));
    assume(load_assumptions().matching("User", 0.5));
    EXPECT_NO_THROW(plan_for<User>(1, with<&User::posts>()));
}

TEST_F(load_estimates, follow_names_through_every_type_of_a_morph_to) {
    assume(load_assumptions().matching("Comment.of", 0.5));
    EXPECT_NO_THROW(plan_for<estimate_model::Comment>(1, with<&estimate_model::Comment::of>()));
    assume(load_assumptions().children("Comment.of.tags", 2));
    auto const e = error_of([&] { plan_for<estimate_model::Comment>(1, with<&estimate_model::Comment::of>()); });
    EXPECT_EQ(e.info().message, "load_assumptions: \"Comment.of.tags\" names nothing: Photo has no relations");
}

TEST_F(load_estimates, take_names_of_places_before_names_of_relations_before_the_general_number) {
    assume(load_assumptions().children(2).children("Post.comments", 3).children("User.posts.comments", 4));
    auto const of_user = plan_for<User>(1, with<&User::posts>(with<&Post::comments>()));
    EXPECT_EQ(in(of_user, "posts"), "1 request, 2 items, 0.5 read units");
    EXPECT_EQ(in(of_user, "comments"), "2 requests, 8 items, 1 read unit");
    EXPECT_EQ(in(plan_for<Post>(1, with<&Post::comments>()), "comments"), "1 request, 3 items, 0.5 read units");
    auto const through = plan_for<User>(1, with<&User::received>());
    EXPECT_EQ(in(through, "received"), "1 request, 2 items, 0.5 read units");
    EXPECT_EQ(in(through, "then"), "2 requests, 6 items, 1 read unit");
}

TEST_F(load_estimates, know_that_there_are_no_more_different_entities_than_there_are) {
    assume(load_assumptions().total("User", 40).item_size("User", 5000));
    auto const plan = plan_for<Post>(300, with<&Post::author>(with<&User::profile>()), with<&Post::editor>());
    EXPECT_EQ(in(plan, "author"), "1 request, 40 items, 40 read units");
    EXPECT_EQ(in(plan, "profile"), "40 requests, 40 items, 20 read units");
    EXPECT_EQ(in(plan, "editor"), "0 requests, 0 items, 0 read units") << "these are the same users";
}

TEST_F(load_estimates, let_relations_share_batches) {
    assume(load_assumptions());
    auto const plan = plan_for<Comment>(30, with<&Comment::post>(), with<&Comment::author>());
    EXPECT_EQ(in(plan, "post"), "1 request, 30 items, 15 read units");
    EXPECT_EQ(in(plan, "author"), "1 request, 30 items, 15 read units");
    EXPECT_EQ(in(plan, "together"), "1 request, 60 items, 30 read units");
}

TEST_F(load_estimates, of_a_count_charge_for_the_items_and_receive_none) {
    assume(load_assumptions().children(8));
    EXPECT_EQ(in(plan_for<User>(2, with_count<&User::posts>()), "count of posts"), "2 requests, 0 items, 2 read units");
}

TEST_F(load_estimates, of_links_read_the_links_and_what_is_behind_them) {
    assume(load_assumptions().children(30));
    auto const plan = plan_for<User>(10, with<&User::roles>());
    EXPECT_EQ(in(plan, "roles"), "10 requests, 300 items, 10 read units") << "a link counts 200 bytes";
    EXPECT_EQ(in(plan, "then"), "3 requests, 300 items, 150 read units");
}

TEST_F(load_estimates, take_the_types_of_a_morph_to_for_equally_frequent) {
    assume(load_assumptions().item_size("Clip", 9000));
    auto const plan = plan_for<estimate_model::Comment>(40, with<&estimate_model::Comment::of>());
    EXPECT_EQ(in(plan, "Photo: "), "1 request, 20 items, 10 read units") << plan;
    EXPECT_EQ(in(plan, "Clip: "), "1 request, 20 items, 30 read units") << plan;
    EXPECT_EQ(in(plan, "together"), "1 request, 40 items, 40 read units") << plan;
}

TEST_F(load_estimates, of_a_morph_to_stand_beside_what_each_type_took) {
    load_timeline timeline;
    auto whole = std::make_shared<detail::load_settings>();
    whole->assumed = load_assumptions();
    whole->timeline = &timeline;
    whole->max_recorded = 10;
    options.whole = std::move(whole);
    std::vector<estimate_model::Comment> comments(2);
    comments[0].id = "c1";
    comments[0].type = "photos";
    comments[1].id = "c2";
    comments[1].type = "clips";
    comments[0].of_id = comments[1].of_id = "x1";
    start(comments, with<&estimate_model::Comment::of>());
    answer(next(), batch_of({{"photos", {{{"id", s("x1")}}}}, {"clips", {{{"id", s("x1")}}}}}));
    finish();
    auto const report = g().report();
    ASSERT_EQ(report.reads.size(), 2U);
    EXPECT_EQ(report.reads[0].relation, "Comment.of");
    EXPECT_EQ(report.reads[0].entity, "Photo");
    EXPECT_EQ(report.reads[1].entity, "Clip");
    EXPECT_EQ(report.reads[1].items, 1U);
    EXPECT_EQ(report.reads[1].estimated->items, 1);
    ASSERT_EQ(timeline.requests.size(), 1U);
    ASSERT_EQ(timeline.requests[0].shares.size(), 1U);
    EXPECT_EQ(timeline.requests[0].shares[0].relation, "Comment.of");
    EXPECT_EQ(timeline.requests[0].shares[0].keys, 2U);
    EXPECT_EQ(timeline.requests[0].target, "photos, clips");
}

TEST_F(load_estimates, of_what_is_asked_for_with_limit_0_are_nothing) {
    assume(load_assumptions());
    EXPECT_EQ(in(plan_for<User>(10, with<&User::posts>(limit(0))), "posts"), "0 requests, 0 items, 0 read units");
}

TEST_F(load_estimates, stand_beside_what_the_load_took) {
    assume(load_assumptions().children(2));
    User u = a_user("u1");
    start(u, with<&User::posts>(with<&Post::author>()), with<&User::profile>());
    auto const with_units = [](std::string const& answer, json::value capacity) {
        auto body = json::parse(answer).as_object();
        body["ConsumedCapacity"] = std::move(capacity);
        return json::serialize(body);
    };
    for (auto const& r : all()) {
        if (text_of(r).starts_with("posts"))
            answer(r, with_units(page_of({post("p1", "u1"), post("p2", "u1"), post("p3", "u2")}),
                                 {{"TableName", "posts"}, {"CapacityUnits", 1.5}}));
        else
            answer(r, with_units(page_of({profile("f1", "u1")}), {{"TableName", "profiles"}, {"CapacityUnits", 0.5}}));
    }
    answer(next(), with_units(batch_of({{"users", {user("u1"), user("u2")}}}),
                              json::array{json::object{{"TableName", "users"}, {"CapacityUnits", 1.0}}}));
    finish();
    auto const report = g().report();
    EXPECT_NE(report.plan.find("one for each parent [estimated 1 request, 2 items, 0.5 read units; took 1 request, "
                               "3 items, 1.5 read units]"),
              std::string::npos)
        << report.plan;
    EXPECT_NE(report.plan.find("together [estimated 3 requests, 5 items, 2 read units; took 3 requests, 6 items, 3 "
                               "read units], assuming 1 User"),
              std::string::npos)
        << report.plan;

    ASSERT_EQ(report.reads.size(), 3U);
    auto const& posts = report.reads[0];
    EXPECT_EQ(posts.relation, "User.posts");
    EXPECT_EQ(posts.entity, "Post");
    EXPECT_EQ(posts.operation, "Query");
    EXPECT_EQ(posts.table, "posts");
    EXPECT_EQ(posts.index, "by_author");
    ASSERT_TRUE(posts.estimated.has_value());
    EXPECT_EQ(posts.estimated->items, 2);
    EXPECT_EQ(posts.items, 3U);
    EXPECT_EQ(posts.read_units, 1.5);
    EXPECT_EQ(report.reads[1].relation, "User.posts.author");
    EXPECT_EQ(report.reads[1].operation, "BatchGetItem");
    EXPECT_EQ(report.reads[1].read_units, 1.0);

    EXPECT_EQ(report.read_units, 3.0);
    EXPECT_EQ(report.capacity.read_units(), 3.0);
    ASSERT_NE(report.capacity.find("posts", "by_author"), nullptr);
    EXPECT_EQ(report.capacity.find("posts", "by_author")->read_units, 1.5);
    EXPECT_EQ(report.capacity.find("profiles", "by_user")->read_units, 0.5);
    EXPECT_EQ(report.capacity.find("users")->read_units, 1.0);

    EXPECT_EQ(to_table(report.reads),
              "relation           read by                       requests         items            read units\n"
              "                                                 estimated  took  estimated  took   estimated  took\n"
              "User.posts         Query posts index by_author           1     1          2     3         0.5   1.5\n"
              "User.posts.author  BatchGetItem users                    1     1          2     2           1     1\n"
              "User.profile       Query profiles index by_user          1     1          1     1         0.5   0.5\n");
}

TEST_F(load_estimates, of_relations_that_share_requests_say_so) {
    Comment c;
    c.id = "c1";
    c.post_id = "p1";
    c.author_id = "u1";
    start(c, with<&Comment::author>(), with<&Comment::post>(with<&Post::author>()));
    answer(next(), batch_of({{"users", {user("u1")}}, {"posts", {post("p1", "u1")}}}));
    finish();
    auto const report = g().report();
    ASSERT_EQ(report.reads.size(), 3U);
    EXPECT_FALSE(report.reads[0].shares_requests);
    EXPECT_EQ(report.reads[0].items, 1U);
    EXPECT_EQ(report.reads[2].relation, "Comment.post.author");
    EXPECT_TRUE(report.reads[2].shares_requests);
    EXPECT_EQ(report.reads[2].items, 0U);
    EXPECT_FALSE(report.reads[0].estimated.has_value());
    EXPECT_NE(to_table(report.reads).find("above"), std::string::npos);
}

TEST_F(load_estimates, divide_what_a_batch_took_by_tables) {
    Comment c;
    c.id = "c1";
    c.post_id = "p1";
    c.author_id = "u1";
    start(c, with<&Comment::author>(), with<&Comment::post>());
    auto body = json::parse(batch_of({{"users", {user("u1")}}, {"posts", {post("p1", "u1")}}})).as_object();
    body["ConsumedCapacity"] = json::array{json::object{{"TableName", "users"}, {"CapacityUnits", 0.5}},
                                           json::object{{"TableName", "posts"}, {"CapacityUnits", 2.5}}};
    answer(next(), json::serialize(body));
    finish();
    auto const report = g().report();
    EXPECT_EQ(report.capacity.find("users")->read_units, 0.5);
    EXPECT_EQ(report.capacity.find("posts")->read_units, 2.5);
    EXPECT_EQ(report.reads[0].read_units, 0.5);
    EXPECT_EQ(report.reads[1].read_units, 2.5);
    EXPECT_EQ(report.requests(), 1U);
}

TEST(load_assumption_values, that_no_data_can_have_are_refused) {
    auto const code_of = [](load_assumptions const& assumed) {
        return error_of([&] { detail::check_assumptions(assumed); }).code();
    };
    EXPECT_EQ(code_of(load_assumptions().children(-1)), errc::invalid_argument);
    EXPECT_EQ(code_of(load_assumptions().children("User.posts", -1)), errc::invalid_argument);
    EXPECT_EQ(code_of(load_assumptions().roots(-1)), errc::invalid_argument);
    EXPECT_EQ(code_of(load_assumptions().item_size(-1)), errc::invalid_argument);
    EXPECT_EQ(code_of(load_assumptions().matching(1.5)), errc::invalid_argument);
    EXPECT_EQ(code_of(load_assumptions().total("User", std::numeric_limits<double>::quiet_NaN())),
              errc::invalid_argument);
    EXPECT_NO_THROW(detail::check_assumptions(load_assumptions().children("User.posts", 0).matching(0)));
    constexpr double infinite = std::numeric_limits<double>::infinity();
    for (double const n : {infinite, std::numeric_limits<double>::quiet_NaN(), 1e200, -1.0}) {
        EXPECT_EQ(error_of([&] { detail::check_assumptions(load_assumptions().children(n)); }).info().message,
                  "load_assumptions: numbers of entities must be finite and not negative, and at most 1e15");
        EXPECT_EQ(error_of([&] { detail::check_assumptions(load_assumptions().item_size("User", n)); }).info().message,
                  "load_assumptions: sizes must be finite and not negative, and at most 1e15");
    }
}

TEST(load_assumption_values, of_a_later_call_replace_the_earlier_ones) {
    auto const assumed = load_assumptions().children("User.posts", 1).children("User.posts", 7);
    ASSERT_EQ(assumed.children_of().size(), 1U);
    EXPECT_EQ(assumed.children_of().front().second, 7);
}

} // namespace dynasio::estimate_tests
