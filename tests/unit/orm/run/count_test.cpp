// Counting: what is asked, page after page, and where it stops.

#include <dynasio/orm/field.hpp>
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/with.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <string>

#include "../model.hpp"
#include "service_fixture.hpp"

namespace {

using namespace run_test;
using dynasio::consistent;
using dynasio::field;
using dynasio::limit;
using dynasio::newest_first;
using dynasio::repository;
using dynasio::service_errc;
using dynasio::with;
using shop::Comment;
using shop::Post;

class counts : public service_conversation {
protected:
    repository<Post> posts{db};
};

TEST_F(counts, ask_for_no_items) {
    answer_with(R"({"Count":3,"ScannedCount":5})");
    EXPECT_EQ(run(posts.where(field<&Post::author_id> == "u1", field<&Post::status> == "live").count()), 3U);
    ASSERT_EQ(sent(), 1U);
    expect_request(0, "Query", R"({"TableName": "test_posts", "IndexName": "by_author", "Select": "COUNT",
        "KeyConditionExpression": "#0 = :0", "FilterExpression": "#1 = :1",
        "ExpressionAttributeNames": {"#0": "author_id", "#1": "status"},
        "ExpressionAttributeValues": {":0": {"S": "u1"}, ":1": {"S": "live"}}})");
}

TEST_F(counts, take_the_index_that_a_second_condition_fits) {
    answer_with(R"({"Count":1})");
    EXPECT_EQ(run(posts.where(field<&Post::author_id> == "u1", field<&Post::score> > 3).count()), 1U);
    expect_request(0, "Query", R"({"TableName": "test_posts", "IndexName": "by_author_score", "Select": "COUNT",
        "KeyConditionExpression": "#0 = :0 AND #1 > :1",
        "ExpressionAttributeNames": {"#0": "author_id", "#1": "score"},
        "ExpressionAttributeValues": {":0": {"S": "u1"}, ":1": {"N": "3"}}})");
}

TEST_F(counts, by_the_tables_own_key_name_no_index) {
    answer_with(R"({"Count":1})");
    EXPECT_EQ(run(posts.where(field<&Post::id> == "p1").count()), 1U);
    expect_request(0, "Query", R"({"TableName": "test_posts", "Select": "COUNT", "KeyConditionExpression": "#0 = :0",
        "ExpressionAttributeNames": {"#0": "id"}, "ExpressionAttributeValues": {":0": {"S": "p1"}}})");
}

TEST_F(counts, of_a_scan_need_permission_and_no_condition) {
    answer_with(R"({"Count":8})");
    EXPECT_EQ(run(posts.scan().count()), 8U);
    expect_request(0, "Scan", R"({"TableName": "test_posts", "Select": "COUNT"})");
    answer_with(R"({"Count":2})");
    EXPECT_EQ(run(posts.scan(field<&Post::status> == "live").count()), 2U);
    expect_request(1, "Scan", R"({"TableName": "test_posts", "Select": "COUNT", "FilterExpression": "#0 = :0",
        "ExpressionAttributeNames": {"#0": "status"}, "ExpressionAttributeValues": {":0": {"S": "live"}}})");
    auto const f = failure_of([&]() -> asio::awaitable<std::uint64_t> {
        auto counting = posts.where(field<&Post::status> == "live").count();
        co_return co_await std::move(counting);
    }());
    EXPECT_EQ(f.code, errc::no_usable_index) << f.to_string();
    EXPECT_EQ(sent(), 2U);
}

TEST_F(counts, add_up_all_pages) {
    answer_with(R"({"Count":3,"LastEvaluatedKey":{"id":{"S":"p3"},"author_id":{"S":"u1"}}})");
    answer_with(R"({"Count":0,"LastEvaluatedKey":{"id":{"S":"p5"},"author_id":{"S":"u1"}}})");
    answer_with(R"({"LastEvaluatedKey":null,"Count":4})");
    EXPECT_EQ(run(posts.where(field<&Post::author_id> == "u1").count()), 7U);
    ASSERT_EQ(sent(), 3U);
    auto const page = [](std::string const& after) {
        return R"({"TableName": "test_posts", "IndexName": "by_author", "Select": "COUNT",
            "KeyConditionExpression": "#0 = :0", "ExpressionAttributeNames": {"#0": "author_id"},
            "ExpressionAttributeValues": {":0": {"S": "u1"}})" +
               after + "}";
    };
    expect_request(0, "Query", page(""));
    expect_request(1, "Query", page(R"(, "ExclusiveStartKey": {"id": {"S": "p3"}, "author_id": {"S": "u1"}})"));
    expect_request(2, "Query", page(R"(, "ExclusiveStartKey": {"id": {"S": "p5"}, "author_id": {"S": "u1"}})"));
}

TEST_F(counts, stop_at_the_page_that_reaches_a_limit) {
    answer_with(R"({"Count":3,"LastEvaluatedKey":{"id":{"S":"p3"}}})");
    answer_with(R"({"Count":3,"LastEvaluatedKey":{"id":{"S":"p6"}}})");
    EXPECT_EQ(run(posts.where(field<&Post::author_id> == "u1", limit(5)).count()), 5U);
    EXPECT_EQ(sent(), 2U);
    answer_with(R"({"Count":5,"LastEvaluatedKey":{"id":{"S":"p5"}}})");
    EXPECT_EQ(run(posts.where(field<&Post::author_id> == "u1", limit(5)).count()), 5U) << "exactly the limit";
    EXPECT_EQ(sent(), 3U);
    answer_with(R"({"Count":3,"LastEvaluatedKey":{"id":{"S":"p3"}}})");
    answer_with(R"({"Count":1})");
    EXPECT_EQ(run(posts.where(field<&Post::author_id> == "u1", limit(5)).count()), 4U) << "fewer than the limit";
    EXPECT_EQ(sent(), 5U);
}

TEST_F(counts, have_no_use_for_order_and_relations) {
    answer_with(R"({"Count":3})");
    EXPECT_EQ(
        run(posts.where(field<&Post::author_id> == "u1", newest_first, with<&Post::comments>(with<&Comment::author>()))
                .count()),
        3U);
    ASSERT_EQ(sent(), 1U);
    expect_request(0, "Query", R"({"TableName": "test_posts", "IndexName": "by_author", "Select": "COUNT",
        "KeyConditionExpression": "#0 = :0", "ExpressionAttributeNames": {"#0": "author_id"},
        "ExpressionAttributeValues": {":0": {"S": "u1"}}})");
}

TEST_F(counts, of_what_nothing_satisfies_send_nothing) {
    EXPECT_EQ(run(posts.where(field<&Post::author_id> == "u1", field<&Post::status>.in()).count()), 0U);
    EXPECT_EQ(run(posts.scan(field<&Post::status>.in()).count()), 0U);
    EXPECT_EQ(sent(), 0U);
}

TEST_F(counts, read_the_items_where_a_condition_can_only_be_evaluated_here) {
    auto const post = [](std::string const& id, std::string const& score) {
        return R"({"id":{"S":")" + id + R"("},"author_id":{"S":"u1"},"score":{"N":")" + score + R"("}})";
    };
    answer_with(R"({"Items":[)" + post("p1", "2") + "," + post("p2", "5") +
                R"(],"Count":2,"LastEvaluatedKey":{"id":{"S":"p2"}}})");
    answer_with(R"({"Items":[)" + post("p3", "7") + R"(],"Count":1})");
    EXPECT_EQ(
        run(posts.where(field<&Post::author_id> == "u1", field<&Post::score> > 1, field<&Post::score> != 5).count()),
        2U);
    ASSERT_EQ(sent(), 2U);
    expect_request(0, "Query", R"({"TableName": "test_posts", "IndexName": "by_author_score",
        "KeyConditionExpression": "#0 = :0 AND #1 > :1",
        "ExpressionAttributeNames": {"#0": "author_id", "#1": "score"},
        "ExpressionAttributeValues": {":0": {"S": "u1"}, ":1": {"N": "1"}}})");
}

TEST_F(counts, refuse_answers_that_count_nothing) {
    for (std::string const answer : {R"({"Count":-1})", R"({"Count":1.5})", R"({"Count":1,"Count":1})", "[]", ""}) {
        answer_with(answer);
        auto const f = failure_of(posts.where(field<&Post::author_id> == "u1").count());
        EXPECT_EQ(f.code, errc::malformed_response) << answer << ' ' << f.to_string();
        EXPECT_EQ(f.info->entity, "Post");
        EXPECT_EQ(f.info->table, "test_posts");
        EXPECT_EQ(f.info->operation, "Query");
    }
    answer_with(R"({"Count":1,"LastEvaluatedKey":{"id":{"S":"p1"}}})");
    answer_with(R"({"Count":1,"LastEvaluatedKey":{"id":{"S":"p1"}}})");
    EXPECT_EQ(failure_of(posts.where(field<&Post::author_id> == "u1").count()).code, errc::malformed_response)
        << "a page that names itself as the next one";
}

TEST_F(counts, that_fail_on_the_way_are_no_counts) {
    answer_with(R"({"Count":3,"LastEvaluatedKey":{"id":{"S":"p3"}}})");
    answer_with(service_error_answer("ValidationException"));
    auto const f = failure_of(posts.where(field<&Post::author_id> == "u1").count());
    EXPECT_EQ(f.code, service_errc::validation);
    EXPECT_EQ(f.info->entity, "Post");
    EXPECT_EQ(f.info->table, "test_posts");
}

TEST_F(counts, of_none_send_nothing) {
    EXPECT_EQ(run(posts.where(field<&Post::author_id> == "u1", limit(0)).count()), 0U);
    EXPECT_EQ(sent(), 0U);
}

TEST_F(counts, read_consistently_and_report_as_reads_do) {
    dynasio::load_report report;
    answer_with(R"({"Count":1,"LastEvaluatedKey":{"id":{"S":"p1"}},"ConsumedCapacity":{"CapacityUnits":0.5}})");
    answer_with(R"({"Count":1,"ConsumedCapacity":{"CapacityUnits":1}})");
    EXPECT_EQ(run(posts.scan(consistent, dynasio::report_to(report)).count()), 2U);
    expect_request(0, "Scan", R"({"TableName": "test_posts", "ConsistentRead": true, "Select": "COUNT",
        "ReturnConsumedCapacity": "TOTAL"})");
    EXPECT_EQ(report.queries, 2U);
    EXPECT_EQ(report.items, 0U) << "none was sent";
    EXPECT_EQ(report.read_units, 1.5);
}

} // namespace
