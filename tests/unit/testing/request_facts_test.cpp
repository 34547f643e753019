#include <dynasio/testing/detail/request_facts.hpp>

#include <gtest/gtest.h>

namespace {

using dynasio::testing::detail::canonical_key;
using dynasio::testing::detail::operation_of_target;
using dynasio::testing::detail::read_request_facts;
using strings = std::vector<std::string>;

TEST(request_facts, operation_is_what_follows_the_last_dot_of_the_target) {
    EXPECT_EQ(operation_of_target("DynamoDB_20120810.GetItem"), "GetItem");
    EXPECT_EQ(operation_of_target("GetItem"), "GetItem");
    EXPECT_EQ(operation_of_target(""), "");
}

TEST(request_facts, single_item_operations_name_a_table_and_a_key) {
    auto const facts = read_request_facts(
        "GetItem", R"({"TableName":"users","Key":{"id":{"S":"u-1"}},"ConsistentRead":true,"Item":{"x":{"S":"no"}}})");
    EXPECT_EQ(facts.tables, strings{"users"});
    EXPECT_EQ(facts.keys, strings{R"({"id":{"S":"u-1"}})"});
    EXPECT_EQ(facts.index, "");
}

TEST(request_facts, puts_show_their_item) {
    auto const facts = read_request_facts("PutItem", R"({"TableName":"t","Item":{"n":{"N":"1.50"},"a":{"S":"x"}}})");
    EXPECT_EQ(facts.keys, strings{R"({"a":{"S":"x"},"n":{"N":"1.5"}})"});
}

TEST(request_facts, queries_name_their_index) {
    auto const facts = read_request_facts("Query", R"({"TableName":"posts","IndexName":"by_user","Limit":3})");
    EXPECT_EQ(facts.tables, strings{"posts"});
    EXPECT_EQ(facts.index, "by_user");
    EXPECT_TRUE(facts.keys.empty());
}

TEST(request_facts, batch_reads_list_the_keys_of_all_tables) {
    auto const facts = read_request_facts(
        "BatchGetItem",
        R"({"RequestItems":{"b":{"ProjectionExpression":"#a","Keys":[{"id":{"S":"1"}},{"id":{"S":"2"}}]},)"
        R"("a":{"Keys":[{"id":{"S":"3"}}]}},"ReturnConsumedCapacity":"NONE"})");
    EXPECT_EQ(facts.tables, (strings{"b", "a"}));
    EXPECT_EQ(facts.keys, (strings{R"({"id":{"S":"1"}})", R"({"id":{"S":"2"}})", R"({"id":{"S":"3"}})"}));
}

TEST(request_facts, batch_writes_list_items_and_keys) {
    auto const facts =
        read_request_facts("BatchWriteItem", R"({"RequestItems":{"t":[{"PutRequest":{"Item":{"id":{"S":"1"}}}},)"
                                             R"({"DeleteRequest":{"Key":{"id":{"S":"2"}}}}]}})");
    EXPECT_EQ(facts.tables, strings{"t"});
    EXPECT_EQ(facts.keys, (strings{R"({"id":{"S":"1"}})", R"({"id":{"S":"2"}})"}));
}

TEST(request_facts, transactions_name_each_table_once) {
    auto const facts = read_request_facts(
        "TransactWriteItems", R"({"TransactItems":[{"Put":{"TableName":"t","Item":{"id":{"S":"1"}}}},)"
                              R"({"Update":{"TableName":"u","Key":{"id":{"S":"2"}},"UpdateExpression":"SET a = b"}},)"
                              R"({"Delete":{"TableName":"t","Key":{"id":{"S":"3"}}}}]})");
    EXPECT_EQ(facts.tables, (strings{"t", "u"}));
    EXPECT_EQ(facts.keys.size(), 3U);
}

TEST(request_facts, of_a_malformed_body_what_came_before_the_fault_is_kept) {
    auto const facts = read_request_facts("GetItem", R"({"TableName":"users","Key":{"id":)");
    EXPECT_EQ(facts.tables, strings{"users"});
    EXPECT_TRUE(facts.keys.empty());
    EXPECT_TRUE(read_request_facts("GetItem", "").tables.empty());
    EXPECT_TRUE(read_request_facts("BatchGetItem", "[]").tables.empty());
}

TEST(request_facts, equal_keys_have_one_canonical_text) {
    EXPECT_EQ(canonical_key(R"( { "n" : { "N" : "10.0" } , "a":{"S":"\u0041"} } )"),
              R"({"a":{"S":"A"},"n":{"N":"10"}})");
    EXPECT_EQ(canonical_key(R"({"a":{"S":"A"},"n":{"N":"1e1"}})"), R"({"a":{"S":"A"},"n":{"N":"10"}})");
}

TEST(request_facts, what_is_no_key_stays_as_it_is) {
    EXPECT_EQ(canonical_key(R"({"id":7})"), R"({"id":7})");
    EXPECT_EQ(canonical_key("[1]"), "[1]");
    EXPECT_EQ(canonical_key(R"({"n":{"N":"many"}})"), R"({"n":{"N":"many"}})");
}

TEST(request_facts, counts_the_parts_of_a_transaction) {
    using namespace dynasio::testing::detail;
    EXPECT_EQ(transaction_size("TransactWriteItems", R"({"TransactItems":[{"Put":{}},{"Delete":{}},{}],"x":[1]})"), 3U);
    EXPECT_EQ(transaction_size("TransactGetItems", R"({"TransactItems":[]})"), 0U);
    EXPECT_EQ(transaction_size("ExecuteTransaction", R"({"TransactStatements":[{"Statement":"a"},{}]})"), 2U);
    EXPECT_EQ(transaction_size("GetItem", R"({"TransactItems":[{}]})"), 0U);
    EXPECT_EQ(transaction_size("TransactGetItems", R"({"TransactItems":[{},{"Get")"), 1U);
}

} // namespace
