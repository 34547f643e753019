#include <dynasio/dynamodb/detail/batch_get.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace dynasio::dynamodb {
namespace {

using detail::batch_get_sink;
using detail::batch_get_writer;
using detail::read_batch_get;

struct recorder final : batch_get_sink {
    void enter_table(std::string_view name, json_reader&) override { table = name; }
    void read_item(json_reader& in) override { note("item", table, in); }
    void read_unprocessed(json_reader& in) override { note("left", table, in); }
    void read_capacity(json_reader& in) override { note("capacity", "", in); }

    std::vector<std::string> seen{};
    std::string table{};

private:
    void note(std::string what, std::string_view of, json_reader& in) {
        what += ' ';
        what += of;
        what += ' ';
        what += in.skip_value();
        seen.push_back(std::move(what));
    }
};

std::vector<std::string> read(std::string_view body) {
    recorder out;
    read_batch_get(body, out);
    return out.seen;
}

void expect_malformed(std::string_view body) {
    try {
        static_cast<void>(read(body));
        ADD_FAILURE() << body;
    } catch (error const& e) {
        EXPECT_EQ(e.code(), errc::malformed_response) << body;
    }
}

using strings = std::vector<std::string>;

TEST(batch_get_writer_test, writes_the_keys_of_one_table) {
    std::string out;
    batch_get_writer writer(out, {});
    writer.begin_table("users");
    writer.add(R"({"id":{"S":"1"}})");
    writer.add(R"({"id":{"S":"2"}})");
    writer.finish();
    EXPECT_EQ(out, R"({"RequestItems":{"users":{"Keys":[{"id":{"S":"1"}},{"id":{"S":"2"}}]}}})");
}

TEST(batch_get_writer_test, members_of_the_table_stand_behind_the_keys_of_each) {
    std::string out = "before ";
    batch_get_writer writer(out, R"(,"ConsistentRead":true)");
    writer.begin_table("a\"b");
    writer.add("1");
    writer.begin_table("users");
    writer.add("2");
    writer.add("3");
    writer.finish();
    EXPECT_EQ(out, R"(before {"RequestItems":{"a\"b":{"Keys":[1],"ConsistentRead":true},)"
                   R"("users":{"Keys":[2,3],"ConsistentRead":true}}})");
}

TEST(batch_get_reader_test, items_and_unprocessed_keys_come_in_the_order_of_the_answer) {
    EXPECT_EQ(read(R"({"Responses":{"users":[{"a":1},{"a":2}],"posts":[]},)"
                   R"("UnprocessedKeys":{"posts":{"ConsistentRead":true,"Keys":[{"k":3}]}},)"
                   R"("ConsumedCapacity":[7],"Other":{"Responses":1}})"),
              (strings{R"(item users {"a":1})", R"(item users {"a":2})", R"(left posts {"k":3})", "capacity  [7]"}));
    EXPECT_EQ(read(R"({"UnprocessedKeys":{"posts":{"Keys":[3,4]}},"Responses":{"users":[1]}})"),
              (strings{"left posts 3", "left posts 4", "item users 1"}));
    EXPECT_TRUE(read("{}").empty());
}

TEST(batch_get_reader_test, names_of_tables_may_have_escapes) {
    EXPECT_EQ(read(R"({"Responses":{"\u0075sers":["\u0061",2]},)"
                   R"("UnprocessedKeys":{"p\u006fsts":{"K\u0065ys":["\u0062",4]}}})"),
              (strings{R"(item users "\u0061")", "item users 2", R"(left posts "\u0062")", "left posts 4"}));
}

TEST(batch_get_reader_test, null_is_not_there) {
    EXPECT_TRUE(read(R"({"Responses":null,"UnprocessedKeys":null,"ConsumedCapacity":null})").empty());
    EXPECT_EQ(read(R"({"Responses":{"users":null,"posts":[null,1]},"UnprocessedKeys":{"a":null,"b":{"Keys":null}}})"),
              strings{"item posts 1"});
}

TEST(batch_get_reader_test, repeated_members_are_refused) {
    expect_malformed(R"({"Responses":{},"Responses":{}})");
    expect_malformed(R"({"UnprocessedKeys":{},"UnprocessedKeys":{}})");
    expect_malformed(R"({"Responses":{"a":[],"a":[]}})");
    expect_malformed(R"({"Responses":{"a":[],"b":[],"a":[]}})");
    expect_malformed(R"({"UnprocessedKeys":{"a":{"Keys":[],"Keys":[]}}})");
}

TEST(batch_get_reader_test, what_is_no_answer_is_refused) {
    for (char const* const body :
         {"", "[]", "{", R"({"Responses":[]})", R"({"Responses":{"a":{}}})", R"({"UnprocessedKeys":{"a":[]}})",
          R"({"UnprocessedKeys":{"a":{"Keys":{}}}})", "{} x"})
        expect_malformed(body);
}

TEST(batch_get_reader_test, what_a_sink_throws_ends_the_reading) {
    struct refusing final : batch_get_sink {
        void enter_table(std::string_view, json_reader&) override {}
        void read_item(json_reader& in) override {
            ++calls;
            in.fail("no");
        }
        void read_unprocessed(json_reader&) override {}
        void read_capacity(json_reader&) override {}
        int calls = 0;
    } out;
    EXPECT_THROW(read_batch_get(R"({"Responses":{"a":[1,2]}})", out), error);
    EXPECT_EQ(out.calls, 1);
}

} // namespace
} // namespace dynasio::dynamodb
