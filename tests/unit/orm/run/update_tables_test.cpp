// Tables are brought to their schemas: what is sent, what is waited for, and what other processes may do meanwhile.

#include <dynasio/orm/model.hpp>
#include <dynasio/orm/repository.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "service_fixture.hpp"

namespace update_model {

using namespace dynasio::dsl;

struct Thing {
    std::string id{};
    std::string city{};
    std::string name{};
};
constexpr auto dynasio_schema(tag<Thing>) {
    return entity<Thing>(partition_key<&Thing::id>, gsi<&Thing::city, no_sort_key>{"by_city"},
                         gsi<&Thing::name, no_sort_key>{"by_name"}.keys_only());
}
struct Note {
    std::string id{};
    std::string text{};
    dynasio::epoch_seconds gone_at{};
};
constexpr auto dynasio_schema(tag<Note>) {
    return entity<Note>(partition_key<&Note::id>, gsi<&Note::text, no_sort_key>{"by_text"}, ttl<&Note::gone_at>);
}
struct OtherThing {
    std::string key{};
};
constexpr auto dynasio_schema(tag<OtherThing>) {
    return entity<OtherThing>(table{"things"}, partition_key<&OtherThing::key>);
}

struct Log {
    std::string id{};
};
constexpr auto dynasio_schema(tag<Log>) { return entity<Log>(partition_key<&Log::id>, streamed<>); }

} // namespace update_model

namespace {

using namespace run_test;
using update_model::Log;
using update_model::Note;
using update_model::Thing;
using step = dynasio::table_step;

std::string index(std::string const& name, std::string const& key, std::string const& status = "ACTIVE",
                  std::string const& projection = "ALL") {
    return R"({"IndexName":")" + name + R"(","IndexStatus":")" + status + R"(","KeySchema":[{"AttributeName":")" + key +
           R"(","KeyType":"HASH"}],"Projection":{"ProjectionType":")" + projection + R"("}})";
}
std::string by_city(std::string const& status = "ACTIVE") { return index("by_city", "city", status); }
std::string by_name(std::string const& status = "ACTIVE") { return index("by_name", "name", status, "KEYS_ONLY"); }

std::string table(std::string const& indexes = "", std::string const& status = "ACTIVE",
                  std::string const& name = "test_things", std::string const& key = "id") {
    return R"({"Table":{"TableName":")" + name + R"(","TableStatus":")" + status +
           R"(","AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"},)"
           R"({"AttributeName":"city","AttributeType":"S"},{"AttributeName":"name","AttributeType":"S"},)"
           R"({"AttributeName":"text","AttributeType":"S"},{"AttributeName":"other","AttributeType":"S"}],)"
           R"("KeySchema":[{"AttributeName":")" +
           key + R"(","KeyType":"HASH"}],"GlobalSecondaryIndexes":[)" + indexes + "]}}";
}
constexpr char const* accepted = "{}";

class update_of_tables : public service_conversation {
protected:
    dynasio::table_progress_handler noting() {
        return [this](dynasio::table_progress const& p) {
            steps.push_back(p.step);
            if (!p.index.empty()) indexes.push_back(p.index);
        };
    }
    /// How many requests of this name were sent.
    [[nodiscard]] std::size_t count(std::string const& name) const {
        std::size_t found = 0;
        for (std::size_t i = 0; i < sent(); ++i) found += operation(i) == name ? 1U : 0U;
        return found;
    }
    std::vector<step> steps{};
    std::vector<std::string> indexes{};
};

TEST_F(update_of_tables, that_are_as_the_schemas_say_looks_at_each_once) {
    answer_with(table(by_city() + "," + by_name()));
    run(dynasio::update_tables<Thing>(db, {}, noting()));
    EXPECT_EQ(sent(), 1U);
    EXPECT_EQ(steps, (std::vector{step::exists, step::ready}));
}

TEST_F(update_of_tables, adds_one_index_after_the_other) {
    answer_with(table());
    answer_with(accepted);
    answer_with(table(by_city("CREATING"), "UPDATING"));
    answer_with(table(by_city()));
    answer_with(accepted);
    answer_with(table(by_city() + "," + by_name("CREATING"), "UPDATING"));
    answer_with(table(by_city() + "," + by_name()));
    run(dynasio::update_tables<Thing>(db, {}, noting()));
    expect_request(1, "UpdateTable", R"({"TableName":"test_things",
        "AttributeDefinitions":[{"AttributeName":"city","AttributeType":"S"}],
        "GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"by_city",
            "KeySchema":[{"AttributeName":"city","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}}]})");
    EXPECT_EQ(operation(4), "UpdateTable");
    EXPECT_EQ(sent(), 7U);
    EXPECT_EQ(steps, (std::vector{step::exists, step::index_requested, step::index_ready, step::index_requested,
                                  step::index_ready, step::ready}));
    EXPECT_EQ(indexes, (std::vector<std::string>{"by_city", "by_city", "by_name", "by_name"}));
}

TEST_F(update_of_tables, waits_while_another_process_changes_one) {
    for (char const* const busy : {"ResourceInUseException", "LimitExceededException"}) {
        SCOPED_TRACE(busy);
        std::size_t const before = sent();
        steps.clear();
        answer_with(table(by_city()));
        // The client repeats the second of them, which is a throttling error, by itself.
        std::size_t const refusals = std::string(busy) == "LimitExceededException" ? attempts : 1;
        for (std::size_t i = 0; i < refusals; ++i) answer_with(service_error_answer(busy));
        answer_with(table(by_city() + "," + index("theirs", "other", "CREATING"), "UPDATING"));
        answer_with(table(by_city() + "," + index("theirs", "other")));
        answer_with(accepted);
        answer_with(table(by_city() + "," + by_name() + "," + index("theirs", "other")));
        run(dynasio::update_tables<Thing>(db, {}, noting()));
        EXPECT_EQ(sent() - before, 5U + refusals);
        EXPECT_EQ(steps, (std::vector{step::exists, step::being_changed, step::index_requested, step::index_ready,
                                      step::ready}));
    }
}

TEST_F(update_of_tables, leaves_an_index_that_another_process_has_added_in_between) {
    answer_with(table(by_city()));
    answer_with(service_error_answer("ValidationException"));
    answer_with(table(by_city() + "," + by_name()));
    run(dynasio::update_tables<Thing>(db));
    EXPECT_EQ(sent(), 3U);
}

TEST_F(update_of_tables, throws_what_the_service_refuses) {
    answer_with(table(by_city()));
    answer_with(service_error_answer("ValidationException"));
    answer_with(table(by_city()));
    auto const f = failure_of(dynasio::update_tables<Thing>(db));
    EXPECT_EQ(f.code, dynasio::service_errc::validation);
    EXPECT_EQ(f.info->operation, "UpdateTable");
}

TEST_F(update_of_tables, adds_indexes_of_different_tables_at_the_same_time) {
    std::string const note_index = index("by_text", "text");
    service.answer = [&, asked = 0](std::string const& request) mutable {
        bool const notes = request.find("test_notes") != std::string::npos;
        if (request.find("GlobalSecondaryIndexUpdates") != std::string::npos) return canned("{}");
        if (request.find("IndexName") != std::string::npos) return canned("{}");
        ++asked;
        if (asked <= 3) // plans: notes, its time to live, things
            return canned(notes ? (asked == 2 ? R"({"TimeToLiveDescription":{"TimeToLiveStatus":"ENABLED",
                                                 "AttributeName":"gone_at"}})"
                                              : table("", "ACTIVE", "test_notes"))
                                : table(by_name()));
        return canned(notes ? table(note_index, "ACTIVE", "test_notes") : table(by_city() + "," + by_name()));
    };
    run(dynasio::update_tables<Thing, Note>(db));
    std::vector<std::size_t> updates;
    for (std::size_t i = 0; i < sent(); ++i)
        if (operation(i) == "UpdateTable") updates.push_back(i);
    ASSERT_EQ(updates.size(), 2U);
    EXPECT_EQ(updates[1], updates[0] + 1) << "no look between them";
}

TEST_F(update_of_tables, keeps_indexes_that_no_schema_names_unless_asked) {
    std::string const all = by_city() + "," + by_name() + "," + index("old", "other");
    answer_with(table(all));
    run(dynasio::update_tables<Thing>(db));
    EXPECT_EQ(sent(), 1U);
    answer_with(table(all));
    answer_with(accepted);
    answer_with(table(by_city() + "," + by_name() + "," + index("old", "other", "DELETING"), "UPDATING"));
    answer_with(table(by_city() + "," + by_name()));
    run(dynasio::update_tables<Thing>(db, dynasio::drop_unknown_indexes));
    expect_request(2, "UpdateTable",
                   R"({"TableName":"test_things","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"old"}}]})");
    EXPECT_EQ(sent(), 5U);
}

TEST_F(update_of_tables, refuses_what_cannot_be_changed_before_anything_is_changed) {
    answer_with(table("", "ACTIVE", "test_notes"));
    answer_with(R"({"TimeToLiveDescription":{"TimeToLiveStatus":"ENABLED","AttributeName":"ends"}})");
    answer_with(table(index("by_city", "other"), "ACTIVE", "test_things", "key"));
    auto const f = failure_of(dynasio::update_tables<Thing, Note>(db));
    EXPECT_EQ(f.code, errc::schema_conflict);
    for (char const* const part : {"test_notes: the time to live is ends", "test_things: the key is key",
                                   "test_things, index by_city: the index"})
        EXPECT_NE(f.info->message.find(part), std::string::npos) << f.info->message;
    EXPECT_EQ(count("UpdateTable") + count("UpdateTimeToLive") + count("CreateTable"), 0U);
}

TEST_F(update_of_tables, creates_those_that_are_missing_with_their_time_to_live) {
    answer_with(service_error_answer("ResourceNotFoundException"));
    answer_with(accepted);
    answer_with(table(index("by_text", "text"), "ACTIVE", "test_notes"));
    answer_with(R"({"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}})");
    answer_with(service_error_answer("ResourceInUseException")); // the service still works on the table
    answer_with(R"({"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}})");
    answer_with(accepted);
    run(dynasio::update_tables<Note>(db, {}, noting()));
    EXPECT_EQ(operation(1), "CreateTable");
    EXPECT_EQ(operation(6), "UpdateTimeToLive");
    EXPECT_EQ(sent(), 7U);
    EXPECT_EQ(steps, (std::vector{step::requested, step::being_changed, step::ttl_enabled, step::ready}));
}

TEST_F(update_of_tables, adds_indexes_to_one_that_another_process_has_created_without_them) {
    answer_with(service_error_answer("ResourceNotFoundException"));
    answer_with(service_error_answer("ResourceInUseException")); // CreateTable
    answer_with(table(by_city()));
    answer_with(table(by_city()));
    answer_with(accepted);
    answer_with(table(by_city() + "," + by_name()));
    run(dynasio::update_tables<Thing>(db));
    EXPECT_EQ(operation(4), "UpdateTable");
    EXPECT_EQ(sent(), 6U);
}

std::string log_table(bool streamed, std::string const& status = "ACTIVE") {
    std::string const stream = R"(,"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_AND_OLD_IMAGES"})";
    return R"({"Table":{"TableName":"test_logs","TableStatus":")" + status +
           R"(","AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],)"
           R"("KeySchema":[{"AttributeName":"id","KeyType":"HASH"}])" +
           (streamed ? stream : std::string()) + "}}";
}

TEST_F(update_of_tables, enables_a_stream_when_other_changes_have_ended) {
    answer_with(log_table(false));
    answer_with(log_table(false));
    answer_with(service_error_answer("ResourceInUseException"));
    answer_with(log_table(false, "UPDATING"));
    answer_with(accepted);
    answer_with(log_table(true, "UPDATING"));
    answer_with(log_table(true));
    run(dynasio::update_tables<Log>(db, {}, noting()));
    EXPECT_EQ(sent(), 7U);
    EXPECT_EQ(steps, (std::vector{step::exists, step::being_changed, step::stream_enabled, step::ready}));
}

TEST_F(update_of_tables, waits_for_a_stream_that_another_process_has_enabled_in_between) {
    answer_with(log_table(false));
    answer_with(log_table(false));
    answer_with(service_error_answer("ValidationException"));
    answer_with(log_table(true, "UPDATING"));
    answer_with(log_table(true, "UPDATING"));
    answer_with(log_table(true));
    run(dynasio::update_tables<Log>(db, {}, noting()));
    EXPECT_EQ(sent(), 6U);
    EXPECT_EQ(steps, (std::vector{step::exists, step::ready}));
}

TEST_F(update_of_tables, throws_what_the_service_says_of_a_stream_that_nobody_has_enabled) {
    answer_with(log_table(false));
    answer_with(log_table(false));
    answer_with(service_error_answer("ValidationException"));
    answer_with(log_table(false));
    EXPECT_EQ(failure_of(dynasio::update_tables<Log>(db)).code, dynasio::service_errc::validation);
}

TEST_F(update_of_tables, that_takes_too_long_says_what_it_waited_for) {
    answer_with(table(by_city()));
    answer_with(accepted);
    for (int i = 0; i < 100; ++i) answer_with(table(by_city() + "," + by_name("CREATING"), "UPDATING"));
    auto const options = dynasio::call_options().timeout(std::chrono::milliseconds(400));
    auto const f = failure_of(dynasio::update_tables<Thing>(db, options));
    EXPECT_EQ(f.code, errc::table_not_ready);
    EXPECT_EQ(f.info->table, "test_things");
    EXPECT_EQ(f.info->message, "waited for the index by_name to be ACTIVE, last state: CREATING");
}

TEST_F(update_of_tables, of_entities_that_contradict_one_another_is_refused) {
    EXPECT_EQ(failure_of(dynasio::update_tables<Thing, update_model::OtherThing>(db)).code, errc::invalid_argument);
    EXPECT_EQ(failure_of(dynasio::plan_tables<Thing, update_model::OtherThing>(db)).code, errc::invalid_argument);
    EXPECT_EQ(sent(), 0U);
}

TEST_F(update_of_tables, is_planned_without_changing_anything) {
    answer_with(table(index("old", "other") + "," + by_name()));
    auto const changes = run(dynasio::plan_tables<Thing>(db, dynasio::drop_unknown_indexes));
    ASSERT_EQ(changes.size(), 2U);
    EXPECT_EQ(changes[0].table, "test_things");
    EXPECT_EQ(changes[0].kind, dynasio::table_change_kind::create_index);
    EXPECT_EQ(changes[0].index, "by_city");
    EXPECT_EQ(changes[0].message, "add the index by city (S), projecting ALL");
    EXPECT_EQ(changes[1].kind, dynasio::table_change_kind::drop_index);
    EXPECT_EQ(changes[1].message, "drop the index by other (S), which no schema names");
    answer_with(table(index("old", "other") + "," + by_name()));
    EXPECT_EQ(run(dynasio::plan_tables<Thing>(db, {})).size(), 1U);
    EXPECT_EQ(sent(), 2U);
}

} // namespace
