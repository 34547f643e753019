#include <dynasio/dynamodb/capacity.hpp>
#include <dynasio/dynamodb/requests.hpp>

#include "dynamodb/consumed_capacity.hpp"
#include "engine_fixture.hpp"

namespace {

using namespace dynasio;
using namespace dynasio::test;
using namespace dynasio::dynamodb;
using dynasio::dynamodb::detail::add_consumed_capacity;
using dynasio::dynamodb::detail::ask_for_capacity;
using dynasio::dynamodb::detail::asks_for_capacity;
using dynasio::test::run;

capacity_report read(std::string_view answer, capacity_kind kind = capacity_kind::read) {
    capacity_report out;
    add_consumed_capacity(answer, kind, out);
    return out;
}

TEST(consumed_capacity, a_total_counts_for_the_table) {
    auto const r = read(R"({"Items":[],"ConsumedCapacity":{"TableName":"t","CapacityUnits":2.5}})");
    ASSERT_EQ(r.usage().size(), 1U);
    EXPECT_EQ(r.usage()[0].table, "t");
    EXPECT_EQ(r.usage()[0].index, "");
    EXPECT_EQ(r.usage()[0].read_units, 2.5);
    EXPECT_EQ(r.usage()[0].write_units, 0);
    EXPECT_EQ(r.answers(), 1U);
}

TEST(consumed_capacity, tables_and_indexes_count_apart) {
    auto const r = read(R"({"ConsumedCapacity":{"TableName":"t","CapacityUnits":6,"Table":{"CapacityUnits":1},)"
                        R"("LocalSecondaryIndexes":{"l":{"CapacityUnits":2}},)"
                        R"("GlobalSecondaryIndexes":{"g":{"CapacityUnits":3}}}})",
                        capacity_kind::write);
    ASSERT_EQ(r.usage().size(), 3U);
    EXPECT_EQ(r.find("t")->write_units, 1);
    EXPECT_EQ(r.find("t", "l")->write_units, 2);
    EXPECT_EQ(r.find("t", "g")->write_units, 3);
    EXPECT_EQ(r.find("t", "other"), nullptr);
    EXPECT_EQ(r.write_units(), 6);
    EXPECT_EQ(r.read_units(), 0);
}

TEST(consumed_capacity, a_query_of_an_index_alone_takes_nothing_of_the_table) {
    auto const r = read(R"({"ConsumedCapacity":{"TableName":"t","CapacityUnits":3,)"
                        R"("GlobalSecondaryIndexes":{"g":{"CapacityUnits":3}}}})");
    ASSERT_EQ(r.usage().size(), 1U);
    EXPECT_EQ(r.find("t", "g")->read_units, 3);
}

TEST(consumed_capacity, lists_and_figures_of_their_own_kind_are_read) {
    auto const r = read(R"({"ConsumedCapacity":[{"TableName":"a","CapacityUnits":4,"ReadCapacityUnits":4,)"
                        R"("WriteCapacityUnits":0},{"TableName":"b","CapacityUnits":2,"WriteCapacityUnits":2},null]})",
                        capacity_kind::write);
    EXPECT_EQ(r.find("a")->read_units, 4);
    EXPECT_EQ(r.find("a")->write_units, 0);
    EXPECT_EQ(r.find("b")->write_units, 2);
    EXPECT_EQ(r.answers(), 1U);
}

TEST(consumed_capacity, answers_that_are_none_add_nothing) {
    for (std::string const text :
         {"", "{", "[]", R"({"ConsumedCapacity":7})", R"({"ConsumedCapacity":{"CapacityUnits":"x"}})",
          R"({"ConsumedCapacity":{"TableName":"t","CapacityUnits":1)"}) {
        EXPECT_TRUE(read(text).usage().empty()) << text;
    }
}

TEST(consumed_capacity, is_asked_for_unless_the_request_asks_for_more) {
    auto const asked = [](std::string body, capacity_detail detail) {
        ask_for_capacity(body, detail);
        return body;
    };
    EXPECT_EQ(asked(R"({"a":1})", capacity_detail::none), R"({"a":1})");
    EXPECT_EQ(asked(R"({"a":1})", capacity_detail::total), R"({"a":1,"ReturnConsumedCapacity":"TOTAL"})");
    EXPECT_EQ(asked("{}", capacity_detail::indexes), R"({"ReturnConsumedCapacity":"INDEXES"})");
    EXPECT_EQ(asked(R"({"ReturnConsumedCapacity":"TOTAL","b":2})", capacity_detail::indexes),
              R"({"ReturnConsumedCapacity":"INDEXES","b":2})");
    EXPECT_EQ(asked(R"({"ReturnConsumedCapacity":"INDEXES"})", capacity_detail::total),
              R"({"ReturnConsumedCapacity":"INDEXES"})");
    EXPECT_EQ(asked(R"({"ReturnConsumedCapacity":"NONE"})", capacity_detail::total),
              R"({"ReturnConsumedCapacity":"TOTAL"})");
    // An attribute of an item may have any name; its value is an object.
    EXPECT_EQ(asked(R"({"Item":{"ReturnConsumedCapacity":{"S":"x"}}})", capacity_detail::total),
              R"({"Item":{"ReturnConsumedCapacity":{"S":"x"}},"ReturnConsumedCapacity":"TOTAL"})");
    EXPECT_FALSE(asks_for_capacity(R"({"a":1})"));
    EXPECT_FALSE(asks_for_capacity(R"({"ReturnConsumedCapacity":"NONE"})"));
    EXPECT_TRUE(asks_for_capacity(R"({"ReturnConsumedCapacity":"TOTAL"})"));
    // In a value quotes are escaped: this is an item's text, not a member.
    EXPECT_FALSE(asks_for_capacity(R"({"Item":{"t":{"S":"\"ReturnConsumedCapacity\":\"TOTAL\""}}})"));
}

TEST(consumed_capacity, reports_can_be_added_up) {
    auto a = read(R"({"ConsumedCapacity":{"TableName":"t","CapacityUnits":1}})");
    a.add(a);
    EXPECT_EQ(a.find("t")->read_units, 2);
    EXPECT_EQ(a.answers(), 2U);
    a.clear();
    EXPECT_TRUE(a.usage().empty());
}

struct capacity_test : engine_fixture {
    static item id(std::string const& value) {
        item key;
        key.emplace("id", value);
        return key;
    }
};

TEST_F(capacity_test, several_calls_add_up_in_one_report) {
    client db(ctx, options());
    capacity_report spent;
    call_options const call = call_options().account(spent);
    service.next.emplace_back(
        R"({"ConsumedCapacity":{"TableName":"users","CapacityUnits":1,"Table":{"CapacityUnits":1}}})");
    ASSERT_TRUE(outcome(db.get_item(get_item_request("users", id("1")), call)).has_value());
    EXPECT_NE(service.body(0).find(R"("ReturnConsumedCapacity":"INDEXES")"), std::string::npos);
    service.next.emplace_back(
        R"({"ConsumedCapacity":{"TableName":"users","CapacityUnits":3,"Table":{"CapacityUnits":1},)"
        R"("GlobalSecondaryIndexes":{"by_email":{"CapacityUnits":2}}}})");
    ASSERT_TRUE(outcome(db.put_item(put_item_request("users", id("1")), call)).has_value());
    service.next.emplace_back(R"({"ConsumedCapacity":{"TableName":"posts","CapacityUnits":0.5,)"
                              R"("GlobalSecondaryIndexes":{"by_user":{"CapacityUnits":0.5}}}})");
    query_request query("posts");
    query.key_condition_expression = "u = :u";
    query.return_consumed_capacity = return_consumed_capacity::total;
    ASSERT_TRUE(outcome(db.query(query, call)).has_value());
    EXPECT_EQ(spent.find("users")->read_units, 1);
    EXPECT_EQ(spent.find("users")->write_units, 1);
    EXPECT_EQ(spent.find("users", "by_email")->write_units, 2);
    EXPECT_EQ(spent.find("posts", "by_user")->read_units, 0.5);
    EXPECT_EQ(spent.find("posts"), nullptr);
    EXPECT_EQ(spent.answers(), 3U);
}

TEST_F(capacity_test, a_batch_adds_up_its_chunks) {
    client db(ctx, options());
    capacity_report spent;
    call_cost cost;
    service.otherwise =
        canned(R"({"Responses":{},"UnprocessedKeys":{},)"
               R"("ConsumedCapacity":[{"TableName":"users","CapacityUnits":50,"Table":{"CapacityUnits":50}}]})");
    batch_get_item_request request({{"users", keys_and_attributes({id("1")})}});
    ASSERT_TRUE(outcome(db.batch_get_item(request, call_options().account(spent).report(cost))).has_value());
    ASSERT_TRUE(outcome(db.batch_get_item(request, call_options().account(spent).report(cost))).has_value());
    EXPECT_EQ(spent.find("users")->read_units, 100);
    EXPECT_EQ(cost.read_units, 50);
}

TEST_F(capacity_test, every_request_asks_when_the_client_is_told_so) {
    auto o = options();
    o.capacity = capacity_detail::total;
    client db(ctx, o);
    ASSERT_TRUE(outcome(db.get_item(get_item_request("users", id("1")))).has_value());
    EXPECT_NE(service.body(0).find(R"("ReturnConsumedCapacity":"TOTAL")"), std::string::npos);
    ASSERT_TRUE(outcome(db.describe_table(describe_table_request("users"))).has_value());
    EXPECT_EQ(service.body(1), R"({"TableName":"users"})");
}

} // namespace
