#include <dynasio/testing/detail/batch.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

namespace {

using namespace dynasio::testing;
using detail::add_unprocessed;
using detail::divide_batch;

constexpr char const* get_body =
    R"({"RequestItems":{"users":{"Keys":[{"id":{"S":"u-1"}},{"id":{"S":"u-2"}}],"ProjectionExpression":"#a",)"
    R"("ExpressionAttributeNames":{"#a":"name"}},"posts":{"Keys":[{"id":{"S":"p-1"}}]}},)"
    R"("ReturnConsumedCapacity":"TOTAL"})";
constexpr char const* write_body = R"({"RequestItems":{"users":[{"PutRequest":{"Item":{"id":{"S":"u-1"}}}},)"
                                   R"({"DeleteRequest":{"Key":{"id":{"S":"u-2"}}}}]}})";

TEST(batch, holds_chosen_keys_back_and_forwards_the_rest_with_all_options) {
    auto divided = divide_batch("BatchGetItem", get_body, keys_containing("u-2"));
    EXPECT_EQ(divided.held_back, 1U);
    EXPECT_EQ(divided.forward,
              R"({"ReturnConsumedCapacity":"TOTAL","RequestItems":{"users":{"Keys":[{"id":{"S":"u-1"}}],)"
              R"("ProjectionExpression":"#a","ExpressionAttributeNames":{"#a":"name"}},)"
              R"("posts":{"Keys":[{"id":{"S":"p-1"}}]}}})");
    EXPECT_EQ(add_unprocessed("BatchGetItem", R"({"Responses":{"users":[]},"UnprocessedKeys":{}})",
                              std::move(divided.unprocessed)),
              R"({"Responses":{"users":[]},"UnprocessedKeys":{"users":{"Keys":[{"id":{"S":"u-2"}}],)"
              R"("ProjectionExpression":"#a","ExpressionAttributeNames":{"#a":"name"}}}})");
}

TEST(batch, leaves_tables_out_whose_keys_are_all_held_back) {
    auto const divided = divide_batch("BatchGetItem", get_body, all_keys().of_table("users"));
    EXPECT_EQ(divided.held_back, 2U);
    EXPECT_EQ(divided.forward,
              R"({"ReturnConsumedCapacity":"TOTAL","RequestItems":{"posts":{"Keys":[{"id":{"S":"p-1"}}]}}})");
}

TEST(batch, forwards_nothing_when_everything_is_held_back) {
    auto divided = divide_batch("BatchGetItem", get_body, all_keys());
    EXPECT_EQ(divided.held_back, 3U);
    EXPECT_EQ(divided.forward, "");
    auto const answer = add_unprocessed("BatchGetItem", "", std::move(divided.unprocessed));
    EXPECT_EQ(answer, R"({"Responses":{},"UnprocessedKeys":{"users":{"Keys":[{"id":{"S":"u-1"}},{"id":{"S":"u-2"}}],)"
                      R"("ProjectionExpression":"#a","ExpressionAttributeNames":{"#a":"name"}},)"
                      R"("posts":{"Keys":[{"id":{"S":"p-1"}}]}}})");
}

TEST(batch, leaves_a_request_alone_of_which_nothing_is_chosen) {
    auto const divided = divide_batch("BatchGetItem", get_body, keys_containing("absent"));
    EXPECT_EQ(divided.held_back, 0U);
    EXPECT_EQ(divided.forward, get_body);
    EXPECT_TRUE(divided.unprocessed.empty());
}

TEST(batch, positions_count_over_the_tables_that_the_selector_looks_at) {
    EXPECT_EQ(divide_batch("BatchGetItem", get_body, all_keys_but(2)).held_back, 1U);
    auto const divided = divide_batch("BatchGetItem", get_body, first_keys(1).of_table("posts"));
    ASSERT_EQ(divided.unprocessed.size(), 1U);
    EXPECT_EQ(divided.unprocessed[0].table, "posts");
}

TEST(batch, divides_puts_and_deletes) {
    auto divided = divide_batch("BatchWriteItem", write_body, keys_containing("u-2"));
    EXPECT_EQ(divided.forward, R"({"RequestItems":{"users":[{"PutRequest":{"Item":{"id":{"S":"u-1"}}}}]}})");
    EXPECT_EQ(add_unprocessed("BatchWriteItem", "{}", divided.unprocessed),
              R"({"UnprocessedItems":{"users":[{"DeleteRequest":{"Key":{"id":{"S":"u-2"}}}}]}})");
    EXPECT_EQ(add_unprocessed("BatchWriteItem", "", divided.unprocessed),
              R"({"UnprocessedItems":{"users":[{"DeleteRequest":{"Key":{"id":{"S":"u-2"}}}}]}})");
}

TEST(batch, adds_to_what_the_server_left_unprocessed_itself) {
    auto divided = divide_batch("BatchWriteItem", write_body, keys_containing("u-2"));
    EXPECT_EQ(add_unprocessed("BatchWriteItem",
                              R"({"UnprocessedItems":{"users":[{"PutRequest":{"Item":{"id":{"S":"u-1"}}}}]}})",
                              divided.unprocessed),
              R"({"UnprocessedItems":{"users":[{"PutRequest":{"Item":{"id":{"S":"u-1"}}}},)"
              R"({"DeleteRequest":{"Key":{"id":{"S":"u-2"}}}}]}})");
    EXPECT_EQ(add_unprocessed("BatchWriteItem", R"({"UnprocessedItems":null})", divided.unprocessed),
              R"({"UnprocessedItems":{"users":[{"DeleteRequest":{"Key":{"id":{"S":"u-2"}}}}]}})");
}

TEST(batch, refuses_what_is_no_batch) {
    EXPECT_THROW((void)divide_batch("BatchGetItem", "no JSON", all_keys()), dynasio::error);
    EXPECT_THROW((void)divide_batch("BatchGetItem", write_body, all_keys()), dynasio::error);
    EXPECT_THROW((void)add_unprocessed("BatchGetItem", "<html>", {}), dynasio::error);
    EXPECT_TRUE(detail::is_batch("BatchGetItem"));
    EXPECT_TRUE(detail::is_batch("BatchWriteItem"));
    EXPECT_FALSE(detail::is_batch("GetItem"));
}

} // namespace
