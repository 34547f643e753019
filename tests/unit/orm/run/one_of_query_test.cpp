// Queries for one entity, or for whether there is one: what is asked, and what more or fewer answers mean.

#include <dynasio/orm/field.hpp>
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/with.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <string>

#include "../model.hpp"
#include "service_fixture.hpp"

namespace one {

struct Note {
    std::string id{};
    std::string topic{};
};
constexpr auto dynasio_schema(dynasio::tag<Note>) {
    using namespace dynasio;
    return entity<Note>(partition_key<&Note::id>, gsi<&Note::topic, no_sort_key>{"by_topic"});
}

} // namespace one

namespace {

using namespace run_test;
using dynasio::ascending;
using dynasio::client_side;
using dynasio::descending;
using dynasio::field;
using dynasio::limit;
using dynasio::newest_first;
using dynasio::repository;
using dynasio::with;
using shop::Post;

std::string post(std::string const& id, int score) {
    return R"({"id":{"S":")" + id + R"("},"author_id":{"S":"u1"},"title":{"S":"t"},"score":{"N":")" +
           std::to_string(score) + R"("}})";
}
std::string page_of(std::string const& items, std::string const& rest = "") {
    return R"({"Items":[)" + items + "]" + rest + "}";
}

class queries_for_one : public service_conversation {
protected:
    repository<Post> posts{db};
    dynasio::query<Post> const of_author = posts.where(field<&Post::author_id> == "u1");
    dynasio::query<Post> const by_score = of_author.where(field<&Post::score> > 0);
};

TEST_F(queries_for_one, read_the_last_from_the_end_of_the_path) {
    answer_with(page_of(post("p9", 9), R"(,"LastEvaluatedKey":{"id":{"S":"p9"}})"));
    auto const last = run(by_score.last());
    ASSERT_TRUE(last);
    EXPECT_EQ(last->id, "p9");
    expect_request(0, "Query", R"({"TableName": "test_posts", "IndexName": "by_author_score",
        "Select": "ALL_ATTRIBUTES", "KeyConditionExpression": "#0 = :0 AND #1 > :1", "ScanIndexForward": false,
        "ExpressionAttributeNames": {"#0": "author_id", "#1": "score"},
        "ExpressionAttributeValues": {":0": {"S": "u1"}, ":1": {"N": "0"}}, "Limit": 1})");
    EXPECT_EQ(sent(), 1U);
}

TEST_F(queries_for_one, read_the_last_of_a_descending_order_from_the_beginning) {
    answer_with(page_of(""));
    EXPECT_FALSE(run(by_score.order(newest_first).last()));
    EXPECT_FALSE(body(0).as_object().contains("ScanIndexForward"));
    answer_with(page_of(""));
    EXPECT_FALSE(run(by_score.order(descending<&Post::score>).last()));
    EXPECT_FALSE(body(1).as_object().contains("ScanIndexForward"));
}

TEST_F(queries_for_one, take_the_last_of_an_order_that_is_made_here) {
    auto const items = post("p2", 5) + "," + post("p1", 5) + "," + post("p3", 1);
    auto const sorted = of_author.order(ascending<&Post::title>).client_side();
    answer_with(page_of(items));
    EXPECT_EQ(run(sorted.all()).back().id, "p3") << "all titles are equal";
    answer_with(page_of(items));
    EXPECT_EQ(run(sorted.last())->id, "p3") << "entities with equal values are reversed too";
    EXPECT_FALSE(body(1).as_object().contains("Limit"));
    answer_with(page_of(items));
    EXPECT_EQ(run(posts.scan(descending<&Post::score>, client_side).last())->id, "p3");
}

TEST_F(queries_for_one, refuse_the_last_of_no_order) {
    auto const scanned = failure_of(posts.scan().last());
    EXPECT_EQ(scanned.code, errc::no_usable_index);
    EXPECT_NE(scanned.to_string().find("a scan reads entities in no order"), std::string::npos) << scanned.to_string();
    auto const unsorted = failure_of(repository<one::Note>(db).where(field<&one::Note::topic> == "t").last());
    EXPECT_EQ(unsorted.code, errc::no_usable_index);
    EXPECT_NE(unsorted.to_string().find("by_topic"), std::string::npos) << unsorted.to_string();
    EXPECT_EQ(failure_of(of_author.order(ascending<&Post::title>).last()).code, errc::no_usable_index)
        << "no permission";
    EXPECT_EQ(failure_of(by_score.limit(3).last()).code, errc::invalid_argument);
    EXPECT_EQ(sent(), 0U);
}

TEST_F(queries_for_one, give_no_cursor_of_a_reverse_reading) {
    answer_with(page_of("", R"(,"LastEvaluatedKey":{"id":{"S":"p9"},"author_id":{"S":"u1"},"score":{"N":"9"}})"));
    auto const f = failure_of(
        posts.where(field<&Post::author_id> == "u1", field<&Post::score> > 0, dynasio::max_requests(1)).last());
    EXPECT_EQ(f.code, errc::budget_exhausted);
    EXPECT_EQ(f.info->cursor, "");
}

TEST_F(queries_for_one, give_the_only_one) {
    answer_with(page_of(post("p1", 1)));
    EXPECT_EQ(run(of_author.only()).id, "p1");
    expect_request(0, "Query", R"({"TableName": "test_posts", "IndexName": "by_author", "Select": "ALL_ATTRIBUTES",
        "KeyConditionExpression": "#0 = :0", "ExpressionAttributeNames": {"#0": "author_id"},
        "ExpressionAttributeValues": {":0": {"S": "u1"}}, "Limit": 2})");
}

TEST_F(queries_for_one, say_that_there_is_none) {
    answer_with(page_of(""));
    auto const f = failure_of(by_score.only());
    EXPECT_EQ(f.code, errc::not_found);
    EXPECT_EQ(f.info->entity, "Post");
    EXPECT_EQ(f.info->table, "test_posts");
    EXPECT_EQ(f.info->index, "by_author_score");
    EXPECT_EQ(f.info->operation, "Query");
    EXPECT_NE(f.info->message.find(R"(author_id = "u1" and score > 0)"), std::string::npos) << f.info->message;
    EXPECT_EQ(failure_of(by_score.limit(0).only()).code, errc::not_found);
    EXPECT_EQ(sent(), 1U);
}

TEST_F(queries_for_one, say_that_there_are_more_and_read_no_further) {
    answer_with(page_of(post("p1", 1) + "," + post("p2", 2), R"(,"LastEvaluatedKey":{"id":{"S":"p2"}})"));
    auto const f = failure_of(by_score.with<&Post::comments>().only());
    EXPECT_EQ(f.code, errc::more_than_one);
    EXPECT_NE(f.info->message.find("narrow the condition"), std::string::npos) << f.info->message;
    EXPECT_EQ(sent(), 1U) << "no relation is loaded for an entity that nobody gets";
    answer_with(page_of(post("p1", 1), R"(,"LastEvaluatedKey":{"id":{"S":"p1"}})"));
    EXPECT_EQ(run(by_score.limit(1).only()).id, "p1") << "the one that the limit leaves";
}

TEST_F(queries_for_one, load_the_relations_of_the_only_one) {
    answer_with(page_of(post("p1", 1)));
    answer_with(R"({"Items":[{"id":{"S":"c1"},"post_id":{"S":"p1"},"text":{"S":"t"}}]})");
    dynasio::load_report report;
    auto const only = run(by_score.with<&Post::comments>().report(report).only());
    ASSERT_EQ(only.comments.size(), 1U);
    EXPECT_EQ(report.queries, 2U);
    EXPECT_EQ(report.items, 2U);
}

TEST_F(queries_for_one, sort_nothing_for_the_only_one) {
    answer_with(page_of(post("p1", 1)));
    EXPECT_EQ(run(of_author.order(ascending<&Post::title>).only()).id, "p1");
    EXPECT_EQ(body(0).at("Limit").to_number<int>(), 2);
}

TEST_F(queries_for_one, of_a_tracked_repository_give_tracked_entities) {
    repository<dynasio::tracked<Post>> const tracked(db);
    auto const of = tracked.where(field<&Post::author_id> == "u1", field<&Post::score> > 0);
    answer_with(page_of(post("p1", 1)));
    EXPECT_EQ(run(of.only())->id, "p1");
    answer_with(page_of(post("p2", 1)));
    EXPECT_EQ(run(of.last()).value()->id, "p2");
}

TEST_F(queries_for_one, ask_the_service_whether_there_is_one) {
    answer_with(R"({"Count":1,"LastEvaluatedKey":{"id":{"S":"p2"}}})");
    EXPECT_TRUE(run(of_author.with<&Post::comments>().exists()));
    expect_request(0, "Query", R"({"TableName": "test_posts", "IndexName": "by_author", "Select": "COUNT",
        "KeyConditionExpression": "#0 = :0", "ExpressionAttributeNames": {"#0": "author_id"},
        "ExpressionAttributeValues": {":0": {"S": "u1"}}, "Limit": 1})");
    answer_with(R"({"Count":0})");
    EXPECT_FALSE(run(of_author.exists()));
    EXPECT_FALSE(run(of_author.limit(0).exists()));
    EXPECT_EQ(sent(), 2U);
}

TEST_F(queries_for_one, look_through_pages_until_there_is_one) {
    answer_with(R"({"Count":0,"LastEvaluatedKey":{"id":{"S":"p3"},"author_id":{"S":"u1"}}})");
    answer_with(R"({"Count":2,"LastEvaluatedKey":{"id":{"S":"p6"},"author_id":{"S":"u1"}}})");
    EXPECT_TRUE(run(of_author.where(field<&Post::status> == "live").exists()));
    EXPECT_EQ(sent(), 2U);
    EXPECT_FALSE(body(0).as_object().contains("Limit")) << "a limit would count what the filter leaves out";
}

TEST_F(queries_for_one, look_at_items_where_a_condition_is_evaluated_here) {
    answer_with(page_of(post("p1", 5) + "," + post("p2", 7), R"(,"LastEvaluatedKey":{"id":{"S":"p2"}})"));
    EXPECT_TRUE(run(by_score.where(field<&Post::score> != 5).exists()));
    EXPECT_FALSE(body(0).as_object().contains("Select"));
    EXPECT_EQ(sent(), 1U);
}

} // namespace
