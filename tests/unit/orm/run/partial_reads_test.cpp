// Reads that cannot be had in full: items that do not fit, bounds, deadlines, and what a failure says and costs.

#include <dynasio/orm/field.hpp>
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/with.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "../model.hpp"
#include "service_fixture.hpp"

namespace {

using namespace run_test;
using dynasio::bad_item;
using dynasio::call_cost;
using dynasio::call_options;
using dynasio::collect;
using dynasio::concurrency;
using dynasio::cursor;
using dynasio::field;
using dynasio::key_of;
using dynasio::limit;
using dynasio::load_report;
using dynasio::max_read_units;
using dynasio::max_requests;
using dynasio::on_bad_item;
using dynasio::report_to;
using dynasio::repository;
using dynasio::skip;
using dynasio::with;
using shop::Comment;
using shop::Post;
using shop::User;

std::string a_post(std::string const& id, std::string const& score = R"({"N":"1"})") {
    return R"({"id":{"S":")" + id + R"("},"author_id":{"S":"u1"},"score":)" + score + "}";
}
std::string const bad_score = R"({"S":"many"})";

std::string page_of(std::string const& items, std::string const& last = "", double units = 0) {
    std::string out = R"({"Items":[)" + items + "]";
    if (!last.empty()) out += R"(,"LastEvaluatedKey":{"id":{"S":")" + last + R"("},"author_id":{"S":"u1"}})";
    if (units > 0) out += R"(,"ConsumedCapacity":{"TableName":"t","CapacityUnits":)" + std::to_string(units) + "}";
    return out + "}";
}

class partial_reads : public service_conversation {
protected:
    [[nodiscard]] auto of_author() const { return posts.where(field<&Post::author_id> == "u1"); }
    [[nodiscard]] static std::string ids(std::vector<Post> const& found) {
        std::string out;
        for (auto const& p : found) out += (out.empty() ? "" : " ") + p.id;
        return out;
    }
    static std::vector<key_of<Post>> keys(std::initializer_list<char const*> ids) {
        std::vector<key_of<Post>> made;
        for (auto const* id : ids) made.emplace_back(id);
        return made;
    }

    repository<Post> posts{db};
    repository<User> users{db};
};

// ---- bad items

TEST_F(partial_reads, name_the_key_of_a_bad_item) {
    std::string const key = R"({"id":{"S":"p2"}})";
    auto const three = a_post("p1") + "," + a_post("p2", bad_score) + "," + a_post("p3");
    answer_with(page_of(three));
    auto const queried = failure_of(of_author().all());
    EXPECT_EQ(queried.code, errc::attribute_type_mismatch);
    EXPECT_EQ(queried.info->key, key);
    EXPECT_EQ(queried.info->attribute, "score");
    EXPECT_NE(queried.to_string().find("p2"), std::string::npos) << queried.to_string();

    answer_with(page_of(three));
    EXPECT_EQ(failure_of(posts.scan().all()).info->key, key);
    answer_with(R"({"Responses":{"test_posts":[)" + three + "]}}");
    EXPECT_EQ(failure_of(posts.find_many(keys({"p1", "p2", "p3"}))).info->key, key);
    answer_with(R"({"Item":)" + a_post("p2", bad_score) + "}");
    EXPECT_EQ(failure_of(posts.find("p2")).info->key, key);

    Comment c;
    c.id = "c1";
    c.post_id = "p2";
    answer_with(R"({"Responses":{"test_posts":[)" + a_post("p2", bad_score) + "]}}");
    repository<Comment> comments(db);
    auto const loaded = failure_of(comments.load<&Comment::post>(c));
    EXPECT_EQ(loaded.info->key, key);
    EXPECT_EQ(loaded.info->relation_path, "Comment.post");
}

TEST_F(partial_reads, leave_bad_items_out_on_request) {
    auto const three = a_post("p1") + "," + a_post("p2", bad_score) + "," + a_post("p3");
    load_report report;
    answer_with(page_of(three));
    EXPECT_EQ(ids(run(posts.where(field<&Post::author_id> == "u1", on_bad_item(skip), report_to(report)).all())),
              "p1 p3");
    EXPECT_EQ(report.items, 3U);
    EXPECT_EQ(report.bad_items, 1U);

    answer_with(R"({"Responses":{"test_posts":[)" + a_post("p3") + "," + a_post("p2", bad_score) + "]}}");
    auto const many = run(posts.find_many(keys({"p1", "p2", "p3"}), on_bad_item(skip)));
    ASSERT_EQ(many.size(), 3U);
    EXPECT_FALSE(many[0]);
    EXPECT_FALSE(many[1]);
    EXPECT_TRUE(many[2]);

    Comment c;
    c.id = "c1";
    c.post_id = "p2";
    answer_with(R"({"Responses":{"test_posts":[)" + a_post("p2", bad_score) + "]}}");
    repository<Comment> comments(db);
    run(comments.load<&Comment::post>(c, on_bad_item(skip)));
    EXPECT_TRUE(c.post.loaded());
    EXPECT_FALSE(c.post.has_value());
}

TEST_F(partial_reads, collect_what_they_leave_out) {
    std::vector<bad_item> bad;
    answer_with(R"({"Item":{"id":{"S":"u1"},"version":{"N":"1"}}})");
    answer_with(page_of(a_post("p1", bad_score) + "," + a_post("p2")));
    auto const user = run(users.find("u1", with<&User::posts>(), on_bad_item(collect(bad))));
    ASSERT_TRUE(user);
    EXPECT_EQ(user->posts.size(), 1U);
    ASSERT_EQ(bad.size(), 1U);
    EXPECT_EQ(bad[0].item, a_post("p1", bad_score));
    EXPECT_EQ(bad[0].why.code, errc::attribute_type_mismatch);
    EXPECT_EQ(bad[0].why.info->key, R"({"id":{"S":"p1"}})");
    EXPECT_EQ(bad[0].why.info->table, "test_posts");
    EXPECT_EQ(bad[0].why.info->relation_path, "User.posts");
}

TEST_F(partial_reads, count_no_bad_items_when_these_are_left_out) {
    load_report report;
    answer_with(page_of(a_post("p1") + "," + a_post("p2", bad_score)));
    EXPECT_EQ(run(posts.where(field<&Post::author_id> == "u1", on_bad_item(skip), report_to(report)).count()), 1U);
    EXPECT_FALSE(body(0).as_object().contains("Select") && body(0).at("Select") == "COUNT");
    EXPECT_EQ(report.bad_items, 1U);
}

TEST_F(partial_reads, name_the_key_of_a_bad_link) {
    User u;
    u.id = "u1";
    answer_with(R"({"Items":[{"pk":{"S":"users_roles#u1"},"sk":{"S":"r1"},"right_id":{"N":"7"}}],"Count":1})");
    auto const f = failure_of(users.load<&User::roles>(u));
    EXPECT_EQ(f.info->key, R"({"pk":{"S":"users_roles#u1"},"sk":{"S":"r1"}})") << f.to_string();
    EXPECT_EQ(f.info->relation_path, "User.roles");
}

TEST_F(partial_reads, fill_a_page_although_it_had_bad_items) {
    answer_with(page_of(a_post("p1", bad_score) + "," + a_post("p2"), "p2"));
    answer_with(page_of(a_post("p3"), "p3"));
    auto const page = run(posts.where(field<&Post::author_id> == "u1", on_bad_item(skip)).page(2));
    EXPECT_EQ(ids(page.items), "p2 p3");
    EXPECT_TRUE(page.next);
}

TEST_F(partial_reads, fail_for_what_is_no_json_whatever_becomes_of_bad_items) {
    answer_with(R"({"Items":[{"id":{"S":"p1"})");
    EXPECT_EQ(failure_of(posts.where(field<&Post::author_id> == "u1", on_bad_item(skip)).all()).code,
              errc::malformed_response);
}

// ---- bounds

TEST_F(partial_reads, of_a_page_end_at_a_number_of_requests_and_go_on_from_there) {
    auto const query = posts.where(field<&Post::author_id> == "u1", field<&Post::status> == "live", max_requests(2));
    answer_with(page_of("", "a"));
    answer_with(page_of(a_post("p1"), "b"));
    auto const page = run(query.page(10));
    EXPECT_EQ(sent(), 2U);
    EXPECT_EQ(ids(page.items), "p1");
    ASSERT_TRUE(page.next);
    answer_with(page_of(a_post("p2")));
    auto const rest = run(query.page(10, page.next));
    EXPECT_EQ(body(2).at("ExclusiveStartKey").at("id").at("S"), "b");
    EXPECT_EQ(ids(rest.items), "p2");
    EXPECT_FALSE(rest.next);
}

TEST_F(partial_reads, of_a_page_end_at_a_number_of_units) {
    answer_with(page_of("", "a", 60));
    answer_with(page_of("", "b", 60));
    auto const page = run(posts.scan(field<&Post::status> == "live", max_read_units(100)).page(10));
    EXPECT_EQ(sent(), 2U);
    EXPECT_EQ(body(0).at("ReturnConsumedCapacity"), "TOTAL");
    EXPECT_TRUE(page.items.empty());
    EXPECT_TRUE(page.next);
}

TEST_F(partial_reads, without_a_cursor_fail_at_their_bound_and_say_where) {
    auto const query = posts.where(field<&Post::author_id> == "u1", field<&Post::status> == "live", max_requests(1));
    answer_with(page_of(a_post("p1"), "a"));
    auto const all = failure_of(query.all());
    EXPECT_EQ(all.code, errc::budget_exhausted);
    ASSERT_FALSE(all.info->cursor.empty());
    answer_with(R"({"Count":7,"LastEvaluatedKey":{"id":{"S":"a"},"author_id":{"S":"u1"}}})");
    EXPECT_EQ(failure_of(query.count()).code, errc::budget_exhausted);
    answer_with(page_of(a_post("p2")));
    EXPECT_EQ(ids(run(query.page(10, cursor(all.info->cursor))).items), "p2");
    EXPECT_EQ(body(2).at("ExclusiveStartKey").at("id").at("S"), "a");
}

TEST_F(partial_reads, that_end_at_their_bound_in_time_are_whole) {
    answer_with(page_of(a_post("p1")));
    EXPECT_EQ(ids(run(posts.where(field<&Post::author_id> == "u1", max_requests(1)).all())), "p1");
}

TEST_F(partial_reads, refuse_bounds_that_mean_nothing) {
    EXPECT_EQ(failure_of(posts.scan(max_requests(0)).all()).code, errc::invalid_argument);
    EXPECT_EQ(failure_of(posts.scan(max_read_units(0)).all()).code, errc::invalid_argument);
    // concurrency(0) too, whatever is read and however little there is to do.
    EXPECT_EQ(failure_of(posts.find("p1", concurrency(0))).code, errc::invalid_argument);
    EXPECT_EQ(failure_of(posts.find_many(keys({"p1"}), concurrency(0))).code, errc::invalid_argument);
    EXPECT_EQ(failure_of(posts.scan(limit(0), concurrency(0)).all()).code, errc::invalid_argument);
    Comment c;
    EXPECT_EQ(failure_of(repository<Comment>(db).load<&Comment::post>(c, concurrency(0))).code, errc::invalid_argument);
    EXPECT_EQ(sent(), 0U);
}

// ---- deadlines and failures

TEST_F(partial_reads, of_a_page_that_runs_out_of_time_give_what_there_is) {
    answer_with(page_of(a_post("p1"), "a"));
    answer_with(canned(canned::how::silent));
    auto const query = of_author().options(call_options().timeout(std::chrono::milliseconds(50)));
    auto const page = run(query.page(10));
    EXPECT_EQ(ids(page.items), "p1");
    ASSERT_TRUE(page.next);
    answer_with(page_of(a_post("p2")));
    EXPECT_EQ(ids(run(of_author().page(10, page.next)).items), "p2");
    EXPECT_EQ(body(2).at("ExclusiveStartKey").at("id").at("S"), "a");
}

TEST_F(partial_reads, fail_at_the_deadline_when_nothing_has_come) {
    answer_with(canned(canned::how::silent));
    auto const query = of_author().options(call_options().timeout(std::chrono::milliseconds(50)));
    EXPECT_EQ(failure_of(query.page(10)).code, errc::deadline_exceeded);
}

TEST_F(partial_reads, of_a_page_that_fail_say_where_they_were) {
    answer_with(page_of(a_post("p1"), "a"));
    answer_with(page_of(a_post("p2", bad_score), "b"));
    auto const f = failure_of(of_author().page(10));
    EXPECT_EQ(f.code, errc::attribute_type_mismatch);
    ASSERT_FALSE(f.info->cursor.empty());
    answer_with(page_of(a_post("p2"), "b"));
    answer_with(page_of(""));
    EXPECT_EQ(ids(run(of_author().page(10, cursor(f.info->cursor))).items), "p2");
    EXPECT_EQ(body(2).at("ExclusiveStartKey").at("id").at("S"), "a");
}

TEST_F(partial_reads, account_for_what_was_spent_before_they_failed) {
    for (int i = 0; i < 5; ++i) answer_with(page_of("", std::string(1, static_cast<char>('a' + i)), 100));
    answer_with(service_error_answer("ValidationException"));
    call_cost cost;
    load_report report;
    EXPECT_EQ(failure_of(of_author().options(call_options().report(cost)).report(report).page(20)).code,
              dynasio::service_errc::validation);
    EXPECT_EQ(cost.read_units, 500);
    EXPECT_EQ(report.read_units, 500);
    EXPECT_EQ(report.queries, 6U);
    EXPECT_EQ(cost.requests, 6U);
}

TEST_F(partial_reads, account_for_an_answer_that_could_not_be_read) {
    load_report report;
    answer_with(page_of(a_post("p1", bad_score), "", 3));
    static_cast<void>(failure_of(of_author().report(report).all()));
    EXPECT_EQ(report.read_units, 3);
    answer_with(R"({"ConsumedCapacity":{"CapacityUnits":2},"Item":)" + a_post("p1", bad_score) + "}");
    static_cast<void>(failure_of(posts.find("p1", report_to(report))));
    EXPECT_EQ(report.read_units, 5);
    EXPECT_EQ(report.gets, 1U);
    answer_with(R"({"ConsumedCapacity":[{"CapacityUnits":4}],"Responses":{"test_posts":[)" + a_post("p1", bad_score) +
                "]}}");
    static_cast<void>(failure_of(posts.find_many(keys({"p1"}), report_to(report))));
    EXPECT_EQ(report.read_units, 9);
}

// ---- what sends nothing

TEST_F(partial_reads, of_what_no_item_can_satisfy_find_nothing_and_send_nothing) {
    for (auto const& none : {posts.where(field<&Post::id> == ""), posts.where(field<&Post::author_id> == ""),
                             posts.where(field<&Post::author_id> == "u1", field<&Post::score>.between(2, 1))}) {
        EXPECT_TRUE(run(none.all()).empty());
        EXPECT_FALSE(run(none.first()));
        EXPECT_EQ(run(none.count()), 0U);
        auto const page = run(none.page(10));
        EXPECT_TRUE(page.items.empty());
        EXPECT_FALSE(page.next);
        EXPECT_NE(none.explain().find("nothing"), std::string::npos) << none.explain();
    }
    EXPECT_EQ(sent(), 0U);
}

} // namespace
