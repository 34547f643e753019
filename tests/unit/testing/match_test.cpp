#include <dynasio/testing/key_selector.hpp>
#include <dynasio/testing/match.hpp>

#include <gtest/gtest.h>

namespace {

using dynasio::testing::match;
using dynasio::testing::recorded_request;

recorded_request batch_get() {
    recorded_request r;
    r.operation = "BatchGetItem";
    r.tables = {"users", "posts"};
    r.keys = {R"({"id":{"S":"u-7"}})", R"({"id":{"S":"p-1"}})"};
    r.index = "by_mail";
    r.body = R"({"RequestItems":{}})";
    return r;
}

TEST(match, without_conditions_takes_every_request) {
    EXPECT_TRUE(match()(recorded_request()));
    EXPECT_TRUE(match()(batch_get()));
}

TEST(match, compares_the_whole_operation_name) {
    EXPECT_TRUE(match("BatchGetItem")(batch_get()));
    EXPECT_FALSE(match("GetItem")(batch_get()));
    EXPECT_FALSE(match("batchgetitem")(batch_get()));
}

TEST(match, finds_any_of_the_tables_and_keys) {
    EXPECT_TRUE(match().table("posts")(batch_get()));
    EXPECT_FALSE(match().table("post")(batch_get()));
    EXPECT_TRUE(match().key_containing("p-1")(batch_get()));
    EXPECT_FALSE(match().key_containing("p-2")(batch_get()));
}

TEST(match, requires_all_conditions) {
    auto const narrow = match("BatchGetItem").table("users").index("by_mail").body_containing("RequestItems");
    EXPECT_TRUE(narrow(batch_get()));
    EXPECT_FALSE(narrow.key_containing("absent")(batch_get()));
    EXPECT_FALSE(narrow.index("other")(batch_get()));
    EXPECT_FALSE(narrow.body_containing("absent")(batch_get()));
    EXPECT_FALSE(narrow.where([](recorded_request const&) { return false; })(batch_get()));
}

TEST(match, narrowing_leaves_the_original_as_it_was) {
    match const wide("BatchGetItem");
    auto const narrow = wide.table("absent");
    EXPECT_TRUE(wide(batch_get()));
    EXPECT_FALSE(narrow(batch_get()));
}

TEST(match, describes_itself) {
    EXPECT_EQ(match().describe(), "any request");
    EXPECT_EQ(match("Query")
                  .table("users")
                  .index("by_mail")
                  .key_containing("u-7")
                  .body_containing("x")
                  .where([](recorded_request const&) { return true; }, "the moon is full")
                  .describe(),
              R"(Query on "users" through index "by_mail" with a key containing "u-7" with "x" in its body)"
              " where the moon is full");
}

TEST(recorded_request, looks_headers_up_without_regard_to_case) {
    recorded_request r;
    r.headers = {{"Amz-Sdk-Request", "attempt=1"}, {"amz-sdk-request", "attempt=2"}};
    EXPECT_EQ(r.header("amz-sdk-REQUEST"), "attempt=1");
    EXPECT_EQ(r.header("amz-sdk"), "");
}

TEST(key_selector, chooses_by_position_or_text) {
    using namespace dynasio::testing;
    EXPECT_TRUE(all_keys()("k", 9));
    EXPECT_TRUE(first_keys(2)("k", 1));
    EXPECT_FALSE(first_keys(2)("k", 2));
    EXPECT_FALSE(all_keys_but(2)("k", 1));
    EXPECT_TRUE(all_keys_but(2)("k", 2));
    EXPECT_TRUE(keys_containing("u-7")(R"({"id":{"S":"u-7"}})", 0));
    EXPECT_FALSE(keys_containing("u-7")(R"({"id":{"S":"u-8"}})", 0));
    EXPECT_TRUE(keys_where([](std::string_view key) { return key.size() == 1; })("k", 0));
    EXPECT_TRUE(all_keys().looks_at("any"));
    EXPECT_TRUE(all_keys().of_table("users").looks_at("users"));
    EXPECT_FALSE(all_keys().of_table("users").looks_at("posts"));
}

} // namespace
