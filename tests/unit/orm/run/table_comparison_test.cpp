// Tables: what is created, and how tables that exist are compared with the schemas.

#include <dynasio/orm/field.hpp>
#include <dynasio/orm/model.hpp>
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/schema.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "service_fixture.hpp"

namespace tables {

using namespace dynasio::dsl;

struct Event {
    std::string stream{}, kind{}, place{}, text{};
    int number{};
    std::optional<std::string> label{};
};
constexpr auto dynasio_schema(tag<Event>) {
    return entity<Event>(partition_key<&Event::stream>, sort_key<&Event::number>, gsi<&Event::kind>{"by_kind"},
                         gsi<&Event::place, no_sort_key>{"by_place"}.keys_only(),
                         gsi<&Event::label, &Event::number>{"by_label"}.include<&Event::text, &Event::stream>(),
                         lsi<&Event::kind>{"by_local_kind"}.keys_only());
}

} // namespace tables

namespace {

using namespace run_test;
using tables::Event;

constexpr char const* definitions = R"("AttributeDefinitions": [
    {"AttributeName": "stream", "AttributeType": "S"}, {"AttributeName": "number", "AttributeType": "N"},
    {"AttributeName": "kind", "AttributeType": "S"}, {"AttributeName": "place", "AttributeType": "S"},
    {"AttributeName": "label", "AttributeType": "S"}])";
constexpr char const* key = R"("KeySchema": [{"AttributeName": "stream", "KeyType": "HASH"},
                                             {"AttributeName": "number", "KeyType": "RANGE"}])";

std::string index(std::string const& name, std::string const& hash, std::string const& range,
                  std::string const& projection) {
    std::string const sort = range.empty() ? "" : R"(, {"AttributeName": ")" + range + R"(", "KeyType": "RANGE"})";
    return R"({"IndexName": ")" + name + R"(", "KeySchema": [{"AttributeName": ")" + hash + R"(", "KeyType": "HASH"})" +
           sort + R"(], "Projection": )" + projection + "}";
}

constexpr char const* all = R"({"ProjectionType": "ALL"})";
constexpr char const* keys_only = R"({"ProjectionType": "KEYS_ONLY"})";

std::string indexes(std::string const& place_sort = "", std::string const& place_projection = keys_only) {
    return R"("GlobalSecondaryIndexes": [)" + index("by_kind", "kind", "stream", all) + "," +
           index("by_place", "place", place_sort, place_projection) + "," +
           index("by_label", "label", "number", R"({"ProjectionType": "INCLUDE", "NonKeyAttributes": ["text"]})") +
           R"(], "LocalSecondaryIndexes": [)" + index("by_local_kind", "stream", "kind", keys_only) + "]";
}

std::string described(std::string const& more) {
    return std::string(R"({"Table": {"TableName": "test_events", "TableStatus": "ACTIVE", )") + more + "}}";
}

class tables_of_a_model : public service_conversation {
protected:
    std::vector<dynasio::table_difference> compare(std::string const& table) {
        answer_with(described(table));
        return run(dynasio::compare_tables<Event>(db));
    }
};

TEST_F(tables_of_a_model, are_created_with_indexes_of_every_kind) {
    answer_with("{}");
    answer_with(described(std::string(definitions) + ", " + key));
    run(dynasio::create_tables<Event>(db));
    EXPECT_EQ(operation(0), "CreateTable");
    auto const is = body(0);
    auto const wanted = json::parse("{" + std::string(key) + ", " + indexes() + "}");
    for (auto const& [name, value] : wanted.as_object()) EXPECT_EQ(is.at(name), value) << json::serialize(is);
}

TEST_F(tables_of_a_model, compare_as_equal_when_they_are_as_the_schema_says) {
    auto const found = compare(std::string(definitions) + ", " + key + ", " + indexes());
    EXPECT_TRUE(found.empty()) << found.front().message;
    EXPECT_EQ(operation(0), "DescribeTable");
    EXPECT_EQ(sent(), 1U);
}

TEST_F(tables_of_a_model, compare_as_different_by_the_sort_key_and_the_projection_of_an_index) {
    auto const found = compare(std::string(definitions) + ", " + key + ", " + indexes("stream", all));
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].table, "test_events");
    EXPECT_EQ(found[0].index, "by_place");
    EXPECT_EQ(found[0].message, "the index is by place (S), stream (S), and the schema's is by place (S)");
    EXPECT_EQ(found[1].index, "by_place");
    EXPECT_EQ(found[1].message, "the index projects ALL, and the schema's projects KEYS_ONLY");
}

TEST_F(tables_of_a_model, compare_as_different_by_their_key_and_missing_indexes) {
    auto const found = compare(
        R"("AttributeDefinitions": [{"AttributeName": "stream", "AttributeType": "N"}],
           "KeySchema": [{"AttributeName": "stream", "KeyType": "HASH"}])");
    ASSERT_EQ(found.size(), 5U);
    EXPECT_EQ(found[0].index, "");
    EXPECT_EQ(found[0].message, "the key is stream (N), and the schema's is stream (S), number (N)");
    EXPECT_EQ(found[1].message, "there is no such global index");
    EXPECT_EQ(found[4].index, "by_local_kind");
    EXPECT_EQ(found[4].message, "there is no such local index");
}

TEST_F(tables_of_a_model, with_an_index_that_lacks_attributes_are_told_by_the_service_and_the_error_says_what_to_do) {
    answer_with(dynasio::test::service_error_answer("ValidationException"));
    auto const f = failure_of(dynasio::repository<Event>(db).where(dynasio::field<&Event::kind> == "k").all());
    EXPECT_EQ(f.code, dynasio::service_errc::validation);
    EXPECT_EQ(body(0).at("Select"), "ALL_ATTRIBUTES");
    EXPECT_NE(f.info->message.find("keys_only()"), std::string::npos) << f.to_string();
}

TEST_F(tables_of_a_model, that_do_not_exist_are_a_difference) {
    answer_with(dynasio::test::service_error_answer("ResourceNotFoundException"));
    auto const found = run(dynasio::compare_tables<Event>(db));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].message, "there is no such table");
}

} // namespace
