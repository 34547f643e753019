// What create, save and remove send, and what it means when the service finds their condition false.

#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/schema.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/timestamp.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service_fixture.hpp"

// One entity for each combination of version, timestamps and kind of key that decides how a write is guarded.
namespace stored {

/// Neither version nor timestamps: nothing tells whether it is new.
struct Note {
    std::string id{};
    std::optional<std::string> text{};
    std::string tag{}; // key of an index, which takes no empty string
    friend bool operator==(Note const&, Note const&) = default;
};
struct Counter {
    std::string id{};
    int value{};
    std::uint64_t version{};
    friend bool operator==(Counter const&, Counter const&) = default;
};
struct Dated {
    std::string id{};
    dynasio::timestamp created_at{}, updated_at{};
    friend bool operator==(Dated const&, Dated const&) = default;
};
/// A time of creation only, and no text as key.
struct Numbered {
    std::int64_t number{};
    dynasio::timestamp created_at{};
    friend bool operator==(Numbered const&, Numbered const&) = default;
};
struct Full {
    std::string id{};
    std::string name{};
    dynasio::timestamp created_at{}, updated_at{};
    std::int64_t version{};
    friend bool operator==(Full const&, Full const&) = default;
};
/// Keys of indexes that can be empty.
struct Labelled {
    std::string id{};
    std::optional<std::string> label{};
    std::optional<dynasio::dynamodb::binary> raw{};
    friend bool operator==(Labelled const&, Labelled const&) = default;
};
/// Two parts of the key; the second is made when it is empty.
struct Line {
    std::string order_id{};
    std::string id{};
    int count{};
    friend bool operator==(Line const&, Line const&) = default;
};
struct Event {
    std::string stream{};
    std::string id{};
    dynasio::timestamp created_at{}, updated_at{};
    std::uint32_t version{};
    friend bool operator==(Event const&, Event const&) = default;
};
/// Two parts of which none can be made.
struct Sample {
    std::string sensor{};
    std::int64_t at{};
    friend bool operator==(Sample const&, Sample const&) = default;
};
struct KeyOnly {
    std::string id{};
    friend bool operator==(KeyOnly const&, KeyOnly const&) = default;
};

constexpr auto dynasio_schema(dynasio::tag<Note>) {
    using namespace dynasio;
    return entity<Note>(partition_key<&Note::id>, gsi<&Note::tag>{"by_tag"});
}
constexpr auto dynasio_schema(dynasio::tag<Counter>) {
    using namespace dynasio;
    return entity<Counter>(partition_key<&Counter::id>, version<&Counter::version>);
}
constexpr auto dynasio_schema(dynasio::tag<Dated>) {
    using namespace dynasio;
    return entity<Dated>(table{"dated"}, partition_key<&Dated::id>, timestamps<&Dated::created_at, &Dated::updated_at>);
}
constexpr auto dynasio_schema(dynasio::tag<Numbered>) {
    using namespace dynasio;
    return entity<Numbered>(table{"numbered"}, partition_key<&Numbered::number>, created_at<&Numbered::created_at>);
}
constexpr auto dynasio_schema(dynasio::tag<Full>) {
    using namespace dynasio;
    return entity<Full>(table{"full"}, partition_key<&Full::id>, timestamps<&Full::created_at, &Full::updated_at>,
                        version<&Full::version>);
}
constexpr auto dynasio_schema(dynasio::tag<Labelled>) {
    using namespace dynasio;
    return entity<Labelled>(table{"labelled"}, partition_key<&Labelled::id>,
                            gsi<&Labelled::label, &Labelled::raw>{"by_label"});
}
constexpr auto dynasio_schema(dynasio::tag<Line>) {
    using namespace dynasio;
    return entity<Line>(partition_key<&Line::order_id>, sort_key<&Line::id>);
}
constexpr auto dynasio_schema(dynasio::tag<Event>) {
    using namespace dynasio;
    return entity<Event>(partition_key<&Event::stream>, sort_key<&Event::id>,
                         timestamps<&Event::created_at, &Event::updated_at>, version<&Event::version>);
}
constexpr auto dynasio_schema(dynasio::tag<Sample>) {
    using namespace dynasio;
    return entity<Sample>(partition_key<&Sample::sensor>, sort_key<&Sample::at>);
}
constexpr auto dynasio_schema(dynasio::tag<KeyOnly>) {
    using namespace dynasio;
    return entity<KeyOnly>(table{"keys"}, partition_key<&KeyOnly::id>);
}

} // namespace stored

namespace {

using namespace run_test;
using dynasio::call_options;
using dynasio::key;
using dynasio::repository;
using dynasio::service_errc;
using dynasio::transport_errc;
using stored::Counter;
using stored::Dated;
using stored::Event;
using stored::Full;
using stored::KeyOnly;
using stored::Line;
using stored::Note;
using stored::Numbered;
using stored::Sample;

enum class how { create, save };

/// One row of the tables below.
template <class T> struct write_row {
    char const* what;
    how mode;
    T entity;
    char const* operation;
    std::string request;
    dynasio::error_code failure; ///< What a condition that does not hold means.
    T after;                     ///< What success makes of the entity.
};

class writes : public service_conversation {
protected:
    /// Each write is refused first, which must change nothing, and then accepted.
    template <class T> void expect(std::vector<write_row<T>> const& table) {
        for (auto const& row : table) {
            SCOPED_TRACE(row.what);
            expect_refused(row);
            expect_accepted(row);
        }
    }

private:
    template <class T> asio::awaitable<void> write(dynasio::client const& with, how mode, T& entity) {
        repository<T> const all(with);
        return mode == how::create ? all.create(entity) : all.save(entity);
    }
    template <class T> void expect_refused(write_row<T> const& row) {
        dynasio::client const own(ctx, options()); // which makes its first ULID again
        T entity = row.entity;
        std::size_t const before = sent();
        refuse_condition();
        auto const f = failure_of(write(own, row.mode, entity));
        ASSERT_EQ(sent(), before + 1) << "a condition that does not hold is final";
        expect_request(before, row.operation, row.request);
        EXPECT_EQ(f.code, row.failure) << f.to_string();
        EXPECT_EQ(f.info->entity, dynasio::entity_type_of<T>().name);
        EXPECT_EQ(f.info->table, "test_" + dynasio::entity_type_of<T>().table);
        EXPECT_EQ(f.info->operation, row.operation);
        EXPECT_EQ(f.info->request_id, "REQ1");
        EXPECT_TRUE(entity == row.entity) << "a failed write leaves the entity as it was";
    }
    template <class T> void expect_accepted(write_row<T> const& row) {
        dynasio::client const own(ctx, options());
        T entity = row.entity;
        std::size_t const before = sent();
        answer_with("{}");
        run(write(own, row.mode, entity));
        ASSERT_EQ(sent(), before + 1);
        expect_request(before, row.operation, row.request);
        EXPECT_TRUE(entity == row.after) << "what was stored is in the entity";
    }
};

/// Asks for the stored item when the condition does not hold, to find out whether it is the one that was sent.
std::string const asking = R"("ReturnValuesOnConditionCheckFailure": "ALL_OLD", )";
/// The PutItem of what must not exist yet; `item` is JSON.
std::string put_of(std::string const& table, std::string const& item, std::string const& key = "id") {
    return R"({"TableName": ")" + table + R"(", )" + asking + R"("Item": )" + item +
           R"json(, "ConditionExpression": "attribute_not_exists(#0)", "ExpressionAttributeNames": {"#0": ")json" +
           key + R"("}})";
}
/// The same request with a key that was made for it: nobody else has that key, so there is nothing to find out.
std::string made(std::string request) { return request.erase(request.find(asking), asking.size()); }
/// A member of an item.
std::string text(std::string_view name, std::string_view value) {
    return '"' + std::string(name) + R"(": {"S": ")" + std::string(value) + R"("})";
}

std::string const id{first_ulid};
timestamp const now = at(now_text);
timestamp const in_ulid = at(ulid_time_text);
timestamp const before = at("2025-01-01T00:00:00Z");
timestamp const later = at("2027-01-01T00:00:00Z");

TEST_F(writes, of_what_has_neither_version_nor_times) {
    Note const whole{"n1", "text", "red"};
    std::string const put = put_of("test_notes", R"({"id": {"S": "n1"}, "text": {"S": "text"}, "tag": {"S": "red"}})");
    std::string const put_made = made(put_of("test_notes", "{" + text("id", id) + "}"));
    std::string const update = R"({"TableName": "test_notes", "Key": {"id": {"S": "n1"}},
        "UpdateExpression": "SET #0 = :0, #1 = :1",
        "ExpressionAttributeNames": {"#0": "text", "#1": "tag"},
        "ExpressionAttributeValues": {":0": {"S": "text"}, ":1": {"S": "red"}}})";
    std::string const update_bare = R"({"TableName": "test_notes", "Key": {"id": {"S": "n1"}},
        "UpdateExpression": "REMOVE #0, #1", "ExpressionAttributeNames": {"#0": "text", "#1": "tag"}})";
    std::string const update_part = R"({"TableName": "test_notes", "Key": {"id": {"S": "n1"}},
        "UpdateExpression": "SET #0 = :0 REMOVE #1",
        "ExpressionAttributeNames": {"#0": "text", "#1": "tag"}, "ExpressionAttributeValues": {":0": {"S": ""}}})";
    expect<Note>({
        {"create", how::create, whole, "PutItem", put, errc::already_exists, whole},
        {"create makes a key", how::create, {}, "PutItem", put_made, errc::already_exists, {id, {}, ""}},
        {"save makes a key", how::save, {}, "PutItem", put_made, errc::already_exists, {id, {}, ""}},
        {"save is without guard", how::save, whole, "UpdateItem", update, service_errc::conditional_check_failed,
         whole},
        {"save removes what is absent",
         how::save,
         {"n1", {}, ""},
         "UpdateItem",
         update_bare,
         service_errc::conditional_check_failed,
         {"n1", {}, ""}},
        {"an empty text is no absent one",
         how::save,
         {"n1", "", ""},
         "UpdateItem",
         update_part,
         service_errc::conditional_check_failed,
         {"n1", "", ""}},
    });
}

TEST_F(writes, of_optional_index_keys_make_empty_ones_absent) {
    std::string const update = R"({"TableName": "test_labelled", "Key": {"id": {"S": "l1"}},
        "UpdateExpression": "REMOVE #0, #1", "ExpressionAttributeNames": {"#0": "label", "#1": "raw"}})";
    std::string const update_label = R"({"TableName": "test_labelled", "Key": {"id": {"S": "l1"}},
        "UpdateExpression": "SET #0 = :0 REMOVE #1", "ExpressionAttributeNames": {"#0": "label", "#1": "raw"},
        "ExpressionAttributeValues": {":0": {"S": "red"}}})";
    dynasio::dynamodb::binary const none;
    expect<stored::Labelled>({
        {"create",
         how::create,
         {"l1", "", none},
         "PutItem",
         put_of("test_labelled", R"({"id": {"S": "l1"}})"),
         errc::already_exists,
         {"l1", {}, {}}},
        {"save",
         how::save,
         {"l1", "", none},
         "UpdateItem",
         update,
         service_errc::conditional_check_failed,
         {"l1", {}, {}}},
        {"save of one of them",
         how::save,
         {"l1", "red", none},
         "UpdateItem",
         update_label,
         service_errc::conditional_check_failed,
         {"l1", "red", {}}},
    });
}

TEST_F(writes, of_what_has_a_version) {
    auto const put = [](std::string const& key) {
        return put_of("test_counters", "{" + text("id", key) + R"(, "value": {"N": "7"}, "version": {"N": "1"}})");
    };
    std::string const update = R"({"TableName": "test_counters", "Key": {"id": {"S": "c1"}},
        "UpdateExpression": "SET #0 = :0, #1 = :1", "ConditionExpression": "#1 = :2",
        "ExpressionAttributeNames": {"#0": "value", "#1": "version"},
        "ExpressionAttributeValues": {":0": {"N": "7"}, ":1": {"N": "42"}, ":2": {"N": "41"}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD"})";
    std::string const update_unmarked = R"json({"TableName": "test_counters", "Key": {"id": {"S": "c1"}},
        "UpdateExpression": "SET #0 = :0, #1 = :1",
        "ConditionExpression": "attribute_not_exists(#1) OR attribute_type(#1, :2) OR #1 = :3",
        "ExpressionAttributeNames": {"#0": "value", "#1": "version"},
        "ExpressionAttributeValues": {":0": {"N": "7"}, ":1": {"N": "1"}, ":2": {"S": "NULL"}, ":3": {"N": "0"}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD"})json";
    expect<Counter>({
        {"create", how::create, {"c1", 7, 0}, "PutItem", put("c1"), errc::already_exists, {"c1", 7, 1}},
        {"create makes a key", how::create, {"", 7, 0}, "PutItem", made(put(id)), errc::already_exists, {id, 7, 1}},
        {"create begins with version 1",
         how::create,
         {"c1", 7, 41},
         "PutItem",
         put("c1"),
         errc::already_exists,
         {"c1", 7, 1}},
        {"save of version 0",
         how::save,
         {"c1", 7, 0},
         "UpdateItem",
         update_unmarked,
         errc::already_exists,
         {"c1", 7, 1}},
        {"save makes a key", how::save, {"", 7, 0}, "PutItem", made(put(id)), errc::already_exists, {id, 7, 1}},
        {"an empty key is new whatever the version",
         how::save,
         {"", 7, 41},
         "PutItem",
         made(put(id)),
         errc::already_exists,
         {id, 7, 1}},
        {"save of version n", how::save, {"c1", 7, 41}, "UpdateItem", update, errc::stale_version, {"c1", 7, 42}},
    });
}

TEST_F(writes, of_what_has_times) {
    auto const put = [](std::string const& key, timestamp created, timestamp updated) {
        return put_of("test_dated", "{" + text("id", key) + ", " + text("created_at", created.to_string()) + ", " +
                                        text("updated_at", updated.to_string()) + "}");
    };
    auto const update = [](timestamp created, timestamp updated) {
        return R"json({"TableName": "test_dated", "Key": {"id": {"S": "d1"}},
            "UpdateExpression": "SET #0 = :0, #1 = :1", "ConditionExpression": "attribute_exists(#2)",
            "ExpressionAttributeNames": {"#0": "created_at", "#1": "updated_at", "#2": "id"},
            "ExpressionAttributeValues": {)json" +
               text(":0", created.to_string()) + ", " + text(":1", updated.to_string()) + "}}";
    };
    std::string const update_unmarked = R"json({"TableName": "test_dated", "Key": {"id": {"S": "d1"}},
        "UpdateExpression": "SET #0 = :0, #1 = :0",
        "ConditionExpression": "attribute_not_exists(#0) OR attribute_type(#0, :1)",
        "ExpressionAttributeNames": {"#0": "created_at", "#1": "updated_at"},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        "ExpressionAttributeValues": {":0": {"S": "2026-03-04T05:06:07.890Z"}, ":1": {"S": "NULL"}}})json";
    expect<Dated>({
        {"create", how::create, {"d1", {}, {}}, "PutItem", put("d1", now, now), errc::already_exists, {"d1", now, now}},
        {"create takes the time out of the key it makes",
         how::create,
         {},
         "PutItem",
         made(put(id, in_ulid, now)),
         errc::already_exists,
         {id, in_ulid, now}},
        {"create takes the time out of a ULID given",
         how::create,
         {id, {}, {}},
         "PutItem",
         put(id, in_ulid, now),
         errc::already_exists,
         {id, in_ulid, now}},
        {"create keeps a time given",
         how::create,
         {"d1", before, {}},
         "PutItem",
         put("d1", before, now),
         errc::already_exists,
         {"d1", before, now}},
        {"save without time of creation",
         how::save,
         {"d1", {}, {}},
         "UpdateItem",
         update_unmarked,
         errc::already_exists,
         {"d1", now, now}},
        {"save makes a key",
         how::save,
         {},
         "PutItem",
         made(put(id, in_ulid, now)),
         errc::already_exists,
         {id, in_ulid, now}},
        {"save keeps a time given of what has no key",
         how::save,
         {"", before, {}},
         "PutItem",
         made(put(id, before, now)),
         errc::already_exists,
         {id, before, now}},
        {"save with time of creation",
         how::save,
         {"d1", before, before},
         "UpdateItem",
         update(before, now),
         errc::not_found,
         {"d1", before, now}},
        {"the time of the last change never goes back",
         how::save,
         {"d1", before, later},
         "UpdateItem",
         update(before, later),
         errc::not_found,
         {"d1", before, later}},
    });
}

TEST_F(writes, of_what_has_a_time_of_creation_only) {
    std::string const put =
        put_of("test_numbered", R"({"number": {"N": "-5"}, )" + text("created_at", now_text) + "}", "number");
    std::string const update = R"json({"TableName": "test_numbered", "Key": {"number": {"N": "0"}},
        "UpdateExpression": "SET #0 = :0", "ConditionExpression": "attribute_exists(#1)",
        "ExpressionAttributeNames": {"#0": "created_at", "#1": "number"},
        "ExpressionAttributeValues": {":0": {"S": "2025-01-01T00:00:00.000Z"}}})json";
    std::string const update_unmarked = R"json({"TableName": "test_numbered", "Key": {"number": {"N": "-5"}},
        "UpdateExpression": "SET #0 = :0",
        "ConditionExpression": "attribute_not_exists(#0) OR attribute_type(#0, :1)",
        "ExpressionAttributeNames": {"#0": "created_at"}, "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        "ExpressionAttributeValues": {":0": {"S": "2026-03-04T05:06:07.890Z"}, ":1": {"S": "NULL"}}})json";
    expect<Numbered>({
        {"create", how::create, {-5, {}}, "PutItem", put, errc::already_exists, {-5, now}},
        {"save without time of creation",
         how::save,
         {-5, {}},
         "UpdateItem",
         update_unmarked,
         errc::already_exists,
         {-5, now}},
        {"the number 0 is a key", how::save, {0, before}, "UpdateItem", update, errc::not_found, {0, before}},
    });
}

TEST_F(writes, of_what_has_version_and_times) {
    auto const put = [](std::string const& key, timestamp created) {
        return put_of("test_full", "{" + text("id", key) + ", " + text("created_at", created.to_string()) +
                                       R"(, "name": {"S": "Ann"}, "updated_at": {"S": "2026-03-04T05:06:07.890Z"},
                                           "version": {"N": "1"}})");
    };
    std::string const update = R"({"TableName": "test_full", "Key": {"id": {"S": "f1"}},
        "UpdateExpression": "SET #0 = :0, #1 = :1, #2 = :2, #3 = :3", "ConditionExpression": "#3 = :4",
        "ExpressionAttributeNames": {"#0": "name", "#1": "created_at", "#2": "updated_at", "#3": "version"},
        "ExpressionAttributeValues": {":0": {"S": "Ann"}, ":1": {"S": "2025-01-01T00:00:00.000Z"},
            ":2": {"S": "2026-03-04T05:06:07.890Z"}, ":3": {"N": "3"}, ":4": {"N": "2"}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD"})";
    std::string const update_undated = R"({"TableName": "test_full", "Key": {"id": {"S": "f1"}},
        "UpdateExpression": "SET #0 = :0, #2 = :1, #3 = :2 REMOVE #1", "ConditionExpression": "#3 = :3",
        "ExpressionAttributeNames": {"#0": "name", "#1": "created_at", "#2": "updated_at", "#3": "version"},
        "ExpressionAttributeValues": {":0": {"S": "Ann"}, ":1": {"S": "2026-03-04T05:06:07.890Z"},
            ":2": {"N": "3"}, ":3": {"N": "2"}}, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"})";
    auto const update_unmarked = [](timestamp created, std::string const& guard) {
        bool const one_time = created == now; // which is written once, for both members
        std::string const times = text(":1", created.to_string()) + (one_time ? "" : ", " + text(":2", now_text));
        return R"json({"TableName": "test_full", "Key": {"id": {"S": "f1"}},
        "UpdateExpression": "SET #0 = :0, #1 = :1, #2 = )json" +
               std::string(one_time ? ":1" : ":2") + R"(, #3 = :3", "ConditionExpression": ")" + guard +
               R"(", "ExpressionAttributeNames":
            {"#0": "name", "#1": "created_at", "#2": "updated_at", "#3": "version"},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        "ExpressionAttributeValues": {":0": {"S": "Ann"}, ":3": {"N": "1"}, ":4": {"S": "NULL"}, ":5": {"N": "0"}, )" +
               times + "}}";
    };
    std::string const without_version = "attribute_not_exists(#3) OR attribute_type(#3, :4) OR #3 = :5";
    std::string const without_version_and_time =
        "(" + without_version + ") AND (attribute_not_exists(#1) OR attribute_type(#1, :4))";
    expect<Full>({
        {"create",
         how::create,
         {"f1", "Ann", {}, {}, 0},
         "PutItem",
         put("f1", now),
         errc::already_exists,
         {"f1", "Ann", now, now, 1}},
        {"create makes a key",
         how::create,
         {"", "Ann", {}, {}, 0},
         "PutItem",
         made(put(id, in_ulid)),
         errc::already_exists,
         {id, "Ann", in_ulid, now, 1}},
        {"create with time and version given",
         how::create,
         {"f1", "Ann", before, before, 9},
         "PutItem",
         put("f1", before),
         errc::already_exists,
         {"f1", "Ann", before, now, 1}},
        {"save of version 0",
         how::save,
         {"f1", "Ann", {}, {}, 0},
         "UpdateItem",
         update_unmarked(now, without_version_and_time),
         errc::already_exists,
         {"f1", "Ann", now, now, 1}},
        {"the version decides, not the time",
         how::save,
         {"f1", "Ann", before, {}, 0},
         "UpdateItem",
         update_unmarked(before, without_version),
         errc::already_exists,
         {"f1", "Ann", before, now, 1}},
        {"save of version n",
         how::save,
         {"f1", "Ann", before, before, 2},
         "UpdateItem",
         update,
         errc::stale_version,
         {"f1", "Ann", before, now, 3}},
        {"save of version n gets no time of creation",
         how::save,
         {"f1", "Ann", {}, {}, 2},
         "UpdateItem",
         update_undated,
         errc::stale_version,
         {"f1", "Ann", {}, now, 3}},
    });
}

TEST_F(writes, of_what_has_a_key_of_two_parts) {
    auto const put = [](std::string const& sort) {
        return put_of("test_lines", R"({"order_id": {"S": "o1"}, "count": {"N": "3"}, )" + text("id", sort) + "}",
                      "order_id");
    };
    std::string const update = R"({"TableName": "test_lines", "Key": {"order_id": {"S": "o1"}, "id": {"S": "l1"}},
        "UpdateExpression": "SET #0 = :0",
        "ExpressionAttributeNames": {"#0": "count"}, "ExpressionAttributeValues": {":0": {"N": "3"}}})";
    expect<Line>({
        {"create", how::create, {"o1", "l1", 3}, "PutItem", put("l1"), errc::already_exists, {"o1", "l1", 3}},
        {"create makes the second part",
         how::create,
         {"o1", "", 3},
         "PutItem",
         made(put(id)),
         errc::already_exists,
         {"o1", id, 3}},
        {"save makes the second part",
         how::save,
         {"o1", "", 3},
         "PutItem",
         made(put(id)),
         errc::already_exists,
         {"o1", id, 3}},
        {"save is without guard",
         how::save,
         {"o1", "l1", 3},
         "UpdateItem",
         update,
         service_errc::conditional_check_failed,
         {"o1", "l1", 3}},
    });
}

TEST_F(writes, of_what_has_a_key_of_two_parts_a_version_and_times) {
    std::string const put = made(put_of("test_events",
                                        R"({"stream": {"S": "s1"}, "created_at": {"S": "2016-07-30T23:54:10.259Z"},
            "updated_at": {"S": "2026-03-04T05:06:07.890Z"}, "version": {"N": "1"}, )" +
                                            text("id", id) + "}",
                                        "stream"));
    std::string const update = R"({"TableName": "test_events", "Key": {"stream": {"S": "s1"}, "id": {"S": "e1"}},
        "UpdateExpression": "SET #0 = :0, #1 = :1, #2 = :2", "ConditionExpression": "#2 = :3",
        "ExpressionAttributeNames": {"#0": "created_at", "#1": "updated_at", "#2": "version"},
        "ExpressionAttributeValues": {":0": {"S": "2025-01-01T00:00:00.000Z"},
            ":1": {"S": "2026-03-04T05:06:07.890Z"}, ":2": {"N": "9"}, ":3": {"N": "8"}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD"})";
    expect<Event>({
        {"create",
         how::create,
         {"s1", "", {}, {}, 0},
         "PutItem",
         put,
         errc::already_exists,
         {"s1", id, in_ulid, now, 1}},
        {"save of version 0",
         how::save,
         {"s1", "", {}, {}, 0},
         "PutItem",
         put,
         errc::already_exists,
         {"s1", id, in_ulid, now, 1}},
        {"save of version n",
         how::save,
         {"s1", "e1", before, before, 8},
         "UpdateItem",
         update,
         errc::stale_version,
         {"s1", "e1", before, now, 9}},
    });
}

TEST_F(writes, of_what_is_a_key_and_nothing_else) {
    std::string const put = put_of("test_keys", R"({"id": {"S": "k1"}})");
    std::string const update = R"({"TableName": "test_keys", "Key": {"id": {"S": "k1"}}})";
    expect<KeyOnly>({
        {"create", how::create, {"k1"}, "PutItem", put, errc::already_exists, {"k1"}},
        {"save", how::save, {"k1"}, "UpdateItem", update, service_errc::conditional_check_failed, {"k1"}},
    });
}

TEST_F(writes, that_lack_a_part_of_the_key_which_nobody_makes_send_nothing) {
    repository<Line> const lines(db);
    repository<Sample> const samples(db);
    Line line{"", "", 3};
    Sample sample{"", 5};
    for (auto const& f : {failure_of(lines.create(line)), failure_of(lines.save(line))}) {
        EXPECT_EQ(f.code, errc::empty_key) << f.to_string();
        EXPECT_EQ(f.info->entity, "Line");
        EXPECT_EQ(f.info->attribute, "order_id");
    }
    for (auto const& f : {failure_of(samples.create(sample)), failure_of(samples.save(sample))}) {
        EXPECT_EQ(f.code, errc::empty_key) << f.to_string();
        EXPECT_EQ(f.info->attribute, "sensor");
    }
    EXPECT_EQ(sent(), 0U);
    EXPECT_TRUE((line == Line{"", "", 3})) << "no key is made in vain";
}

TEST_F(writes, of_items_that_are_too_large_send_nothing) {
    repository<Note> const notes(db);
    repository<Full> const full(db);
    // The names id and text, the value n1, and a text that is as long as fits beside them.
    std::string const longest(std::size_t{400} * 1024 - 8, 'x');
    Note large{"n1", longest + "x", ""}, made_one{"", longest, ""};
    Full stored{"f1", longest, before, before, 4};
    for (auto const& f :
         {failure_of(notes.create(large)), failure_of(notes.save(large)), failure_of(notes.create(made_one))}) {
        EXPECT_EQ(f.code, errc::item_too_large) << f.to_string();
        EXPECT_EQ(f.info->entity, "Note");
        EXPECT_EQ(f.info->table, "test_notes");
        EXPECT_EQ(f.info->attribute, "text");
    }
    EXPECT_NE(failure_of(notes.create(large)).info->message.find("at least 409601 bytes"), std::string::npos);
    EXPECT_EQ(failure_of(full.save(stored)).code, errc::item_too_large);
    EXPECT_EQ(stored.version, 4);
    EXPECT_TRUE(made_one.id.empty());
    EXPECT_EQ(sent(), 0U);
    large.text = longest;
    run(notes.create(large));
    run(notes.save(large));
    EXPECT_EQ(sent(), 2U) << "an item of 400 KB is stored";
}

TEST_F(writes, tell_by_their_failure_what_to_do) {
    repository<Full> const all(db);
    repository<Dated> const dated(db);
    Full fresh{"f1", "", {}, {}, 0}, stale{"f1", "", before, before, 4};
    Dated gone{"d1", before, before};
    refuse_condition();
    EXPECT_NE(
        failure_of(all.create(fresh))
            .info->message.find(R"(an entity Full with the key {"id":{"S":"f1"}} exists already; choose another key)"),
        std::string::npos);
    refuse_condition();
    EXPECT_NE(failure_of(all.save(stale))
                  .info->message.find(
                      R"(the entity Full with the key {"id":{"S":"f1"}} was changed or removed by somebody else)"),
              std::string::npos);
    refuse_condition();
    EXPECT_NE(failure_of(dated.save(gone))
                  .info->message.find(R"(the entity Dated with the key {"id":{"S":"d1"}} does not exist any more)"),
              std::string::npos);
    Full made{};
    refuse_condition();
    EXPECT_NE(failure_of(all.create(made)).info->message.find(id), std::string::npos) << "the key that was made";
}

// ---- items that are older than their version or time of creation

TEST_F(writes, of_items_that_are_older_than_their_version_or_time_of_creation_update_them) {
    repository<Counter> const counters(db);
    repository<Dated> const dated(db);
    repository<Full> const full(db);
    for (char const* const version : {"", R"(, "version": {"N": "0"})"}) {
        answer_with(R"({"Item": {"id": {"S": "c1"}, "value": {"N": "7"})" + std::string(version) + "}}");
        Counter counter = run(counters.get("c1"));
        answer_with("{}");
        run(counters.save(counter));
        EXPECT_EQ(operation(sent() - 1), "UpdateItem") << "attributes that the entity does not have are kept";
        EXPECT_EQ(counter.version, 1U);
        answer_with(R"({"Attributes": {"id": {"S": "c1"}}})");
        EXPECT_TRUE(run(counters.remove(Counter{"c1", 7, 0})));
    }
    answer_with(R"({"Item": {"id": {"S": "d1"}}})");
    Dated undated = run(dated.get("d1"));
    answer_with("{}");
    run(dated.save(undated));
    EXPECT_EQ(operation(sent() - 1), "UpdateItem");
    EXPECT_EQ(undated.created_at, now);
    answer_with(R"({"Item": {"id": {"S": "f1"}, "name": {"S": "Ann"}, "created_at": {"S": "2025-01-01T00:00:00Z"}}})");
    Full old = run(full.get("f1"));
    answer_with("{}");
    run(full.save(old));
    EXPECT_EQ(operation(sent() - 1), "UpdateItem");
    EXPECT_EQ(old.created_at, before) << "a time that was read is kept";
    EXPECT_EQ(old.version, 1);
}

TEST_F(writes, of_version_0_that_meet_a_version_say_what_it_may_be) {
    repository<Counter> const counters(db);
    repository<Dated> const dated(db);
    Counter counter{"c1", 7, 0};
    refuse_condition();
    auto const f = failure_of(counters.save(counter));
    EXPECT_EQ(f.code, errc::already_exists) << f.to_string();
    EXPECT_NE(f.info->message.find(R"(an entity Counter with the key {"id":{"S":"c1"}} exists already, and somebody )"
                                   "else has given it its version; choose another key, or find it"),
              std::string::npos)
        << f.info->message;
    EXPECT_FALSE(f.info->outcome_unknown);
    Dated one{"d1", {}, {}};
    refuse_condition();
    EXPECT_NE(failure_of(dated.save(one)).info->message.find("has given it its time of creation"), std::string::npos);
}

// ---- answers that are lost

/// What the service answers when a condition does not hold and the item was asked for.
canned refusal_with(std::string const& item) {
    return canned(
        R"({"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"no","Item":)" +
            item + "}",
        400);
}

TEST_F(writes, that_meet_their_own_earlier_attempt_have_succeeded_when_the_key_was_made) {
    Note note{"", "text", "red"};
    answer_with(canned(canned::how::reset));
    refuse_condition();
    run(repository<Note>(db).create(note));
    EXPECT_EQ(sent(), 2U);
    EXPECT_EQ(note.id, id);
    EXPECT_EQ(body(0), body(1));
    for (bool const create : {true, false}) {
        dynasio::client const own(ctx, options()); // which makes its first ULID again
        Event event{"s1", "", {}, {}, 0};
        answer_with(canned("", 500));
        refuse_condition();
        run(create ? repository<Event>(own).create(event) : repository<Event>(own).save(event));
        EXPECT_TRUE((event == Event{"s1", id, in_ulid, now, 1}));
    }
}

TEST_F(writes, that_meet_their_own_earlier_attempt_have_succeeded_when_the_stored_item_is_what_was_sent) {
    repository<Full> const all(db);
    auto const stored = [&](timestamp created, std::string const& version, std::string const& more = {}) {
        return refusal_with("{" + text("id", "f1") + "," + text("name", "Ann") + "," +
                            text("created_at", created.to_string()) + "," + text("updated_at", now_text) +
                            R"(,"version":{"N":")" + version + "\"}" + more + "}");
    };
    auto const repeated = [&](canned second, auto write) {
        answer_with(canned(canned::how::reset));
        answer_with(std::move(second));
        std::size_t const before_it = sent();
        run(write());
        EXPECT_EQ(sent(), before_it + 2);
    };
    Full created{"f1", "Ann", {}, {}, 0}, first = created, saved{"f1", "Ann", before, before, 4}, again = saved;
    repeated(stored(now, "1"), [&] { return all.create(created); });
    EXPECT_TRUE((created == Full{"f1", "Ann", now, now, 1}));
    repeated(stored(now, "1.0", R"(,"of_another_program":{"BOOL":true})"), [&] { return all.save(first); });
    EXPECT_TRUE((first == Full{"f1", "Ann", now, now, 1}));
    repeated(stored(before, "5"), [&] { return all.save(saved); });
    EXPECT_TRUE((saved == Full{"f1", "Ann", before, now, 5}));
    repeated(stored(before, "5", R"(,"of_another_program":{"BOOL":true})"), [&] { return all.save(again); });
    EXPECT_EQ(again.version, 5);
}

TEST_F(writes, that_cannot_tell_whether_they_met_themselves_have_an_unknown_outcome) {
    repository<Full> const all(db);
    repository<KeyOnly> const keys(db);
    Full const unsaved{"f1", "Ann", {}, {}, 0}, unchanged{"f1", "Ann", before, before, 4};
    Full fresh = unsaved, old = unchanged;
    std::string const key_and_name = R"({"id":{"S":"f1"},"name":{"S":"Ann"})";
    std::string const times = "," + text("created_at", before.to_string()) + "," + text("updated_at", now_text);
    std::vector<std::string> const others = {
        key_and_name + times + R"(,"version":{"N":"6"}})",                             // changed since
        key_and_name + times + "}",                                                    // has lost its version
        key_and_name + times + R"(,"version":{"S":"5"}})",                             // of another type
        R"({"id":{"S":"f1"},"name":{"S":"Bea"})" + times + R"(,"version":{"N":"5"}})", // somebody else's
        "{}",
        R"({"id":7})",
    };
    for (auto const& item : others) {
        SCOPED_TRACE(item);
        answer_with(canned(canned::how::reset));
        answer_with(refusal_with(item));
        auto const f = failure_of(all.save(old));
        EXPECT_EQ(f.code, errc::stale_version) << f.to_string();
        EXPECT_TRUE(f.info->outcome_unknown);
        EXPECT_TRUE(old == unchanged);
        answer_with(canned(canned::how::reset));
        answer_with(refusal_with(item));
        auto const g = failure_of(all.create(fresh));
        EXPECT_EQ(g.code, errc::already_exists) << g.to_string();
        EXPECT_TRUE(g.info->outcome_unknown);
        EXPECT_TRUE(fresh == unsaved);
    }
    // A server that does not return the item.
    answer_with(canned(canned::how::reset));
    refuse_condition();
    EXPECT_TRUE(failure_of(all.create(fresh)).info->outcome_unknown);
    // Two programs that store nothing but the same key, as a lock, send the same item.
    KeyOnly lock{"lock"};
    answer_with(canned(canned::how::reset));
    answer_with(refusal_with(R"({"id":{"S":"lock"}})"));
    auto const f = failure_of(keys.create(lock));
    EXPECT_EQ(f.code, errc::already_exists);
    EXPECT_TRUE(f.info->outcome_unknown);
}

TEST_F(writes, whose_first_attempt_is_refused_have_failed_whatever_is_stored) {
    repository<Full> const all(db);
    std::string const item = "{" + text("id", "f1") + "," + text("name", "Ann") + "," + text("created_at", now_text) +
                             "," + text("updated_at", now_text) + R"(,"version":{"N":"1"}})";
    for (bool const throttled : {false, true}) {
        Full one{"f1", "Ann", {}, {}, 0}, made_one{"", "Ann", {}, {}, 0};
        if (throttled) answer_with(service_error_answer("ThrottlingException")); // refused, so not in doubt
        answer_with(refusal_with(item));
        auto const f = failure_of(all.create(one));
        EXPECT_EQ(f.code, errc::already_exists);
        EXPECT_FALSE(f.info->outcome_unknown);
        EXPECT_EQ(f.info->item, item) << "the item that is stored, for the program";
        EXPECT_EQ(f.to_string().find("Ann"), std::string::npos);
        if (throttled) answer_with(service_error_answer("ThrottlingException"));
        refuse_condition();
        EXPECT_EQ(failure_of(all.create(made_one)).code, errc::already_exists);
        EXPECT_TRUE(made_one.id.empty()) << "a key that is known not to be stored is not kept";
    }
}

TEST_F(writes, of_unknown_outcome_leave_the_key_that_was_made_in_the_entity) {
    repository<Full> const all(db);
    repository<Note> const notes(db);
    Full one{"", "Ann", {}, {}, 0};
    for (unsigned i = 0; i < attempts; ++i) answer_with(canned(canned::how::reset));
    auto const f = failure_of(all.create(one));
    EXPECT_TRUE(f.info->outcome_unknown);
    EXPECT_NE(f.info->message.find(R"(the key is {"id":{"S":")" + id + R"("}}, which is in the entity now)"),
              std::string::npos)
        << f.info->message;
    EXPECT_TRUE((one == Full{id, "Ann", {}, {}, 0})) << "the key alone: the entity still counts as new";
    // Called again, it cannot store a second item, whether or not the first is stored.
    answer_with("{}");
    run(all.save(one));
    EXPECT_EQ(json::value_to<std::string>(body(sent() - 1).at("Key").at("id").at("S")), id);
    Note given{"n1", "text", ""};
    for (unsigned i = 0; i < attempts; ++i) answer_with(canned(canned::how::reset));
    auto const g = failure_of(notes.create(given));
    EXPECT_NE(g.info->message.find(R"(the key is {"id":{"S":"n1"}})"), std::string::npos) << g.info->message;
    EXPECT_EQ(g.info->message.find("in the entity"), std::string::npos) << g.info->message;
    Note refused{"", "text", ""};
    answer_with(service_error_answer("ValidationException"));
    EXPECT_FALSE(failure_of(notes.create(refused)).info->outcome_unknown);
    EXPECT_TRUE(refused.id.empty());
}

TEST_F(writes, say_when_an_earlier_attempt_may_have_been_the_one_that_stored_it) {
    repository<Full> const all(db);
    Full one{"f1", "", before, before, 4};
    answer_with(canned(canned::how::reset));
    refuse_condition();
    auto const f = failure_of(all.save(one));
    ASSERT_EQ(sent(), 2U);
    EXPECT_EQ(body(0), body(1));
    EXPECT_EQ(f.code, errc::stale_version);
    EXPECT_TRUE(f.info->outcome_unknown);
    EXPECT_NE(f.info->message.find("an earlier attempt of this call may have stored it"), std::string::npos)
        << f.info->message;
    EXPECT_EQ(one.version, 4);
}

TEST_F(writes, that_may_be_repeated_are_those_that_set_the_same_twice) {
    auto const careful = call_options().repeat_unsafe_writes(false);
    auto const sends = [&](auto op) {
        std::size_t const before_it = sent();
        answer_with(canned(canned::how::reset));
        auto const r = run(dynasio::as_result(std::move(op)));
        EXPECT_EQ(r.has_error(), sent() == before_it + 1);
        return sent() - before_it;
    };
    Note note{"n1", "text", ""};
    Dated dated{"d1", before, before};
    Counter counter{"c1", 7, 41};
    EXPECT_EQ(sends(repository<Note>(db).create(note, careful)), 1U);
    EXPECT_EQ(sends(repository<Note>(db).save(note, careful)), 2U);
    EXPECT_EQ(sends(repository<Dated>(db).save(dated, careful)), 2U);
    EXPECT_EQ(sends(repository<Counter>(db).save(counter, careful)), 1U);
    EXPECT_EQ(sends(repository<Counter>(db).remove(counter, careful)), 1U)
        << "a repetition could meet an item that was made anew with the same version";
    EXPECT_EQ(sends(repository<Note>(db).remove(note, careful)), 2U);
    EXPECT_EQ(sends(repository<Counter>(db).remove_key("c1", careful)), 2U);
}

TEST_F(writes, pass_other_failures_on_with_the_entity_they_are_about) {
    repository<Full> const all(db);
    Full const unchanged{"f1", "", before, before, 4};
    Full one = unchanged;
    for (bool const create : {true, false}) {
        answer_with(service_error_answer("ValidationException"));
        auto const f = failure_of(create ? all.create(one) : all.save(one));
        EXPECT_EQ(f.code, service_errc::validation);
        EXPECT_EQ(f.info->entity, "Full");
        EXPECT_EQ(f.info->table, "test_full");
        EXPECT_TRUE(one == unchanged);
    }
}

TEST_F(writes, ask_what_they_cost_when_somebody_wants_to_know) {
    dynasio::call_cost cost;
    repository<Counter> const all(db);
    Counter one{"c1", 7, 41};
    answer_with(R"({"ConsumedCapacity":{"TableName":"test_counters","CapacityUnits":2.5}})");
    run(all.save(one, call_options().report(cost)));
    EXPECT_EQ(body(0).at("ReturnConsumedCapacity"), "TOTAL");
    EXPECT_EQ(cost.write_units, 2.5);
    answer_with(R"({"ConsumedCapacity":{"TableName":"test_counters","CapacityUnits":1}})");
    Counter other{"", 7, 0};
    run(all.create(other, call_options().report(cost)));
    EXPECT_EQ(body(1).at("ReturnConsumedCapacity"), "TOTAL");
    EXPECT_EQ(cost.write_units, 3.5);
}

// ---- remove

class removals : public service_conversation {
protected:
    template <class T> void expect_removal(char const* what, T const& entity, std::string const& request) {
        SCOPED_TRACE(what);
        repository<T> const all(db);
        for (bool const existed : {true, false}) {
            answer_with(existed ? R"({"Attributes":{"id":{"S":"x"}}})" : "{}");
            EXPECT_EQ(run(all.remove(entity)), existed);
            expect_request(sent() - 1, "DeleteItem", request);
        }
    }
};

TEST_F(removals, are_guarded_by_the_version_where_there_is_one) {
    expect_removal("no version", Note{"n1", "text", ""},
                   R"({"TableName": "test_notes", "Key": {"id": {"S": "n1"}}, "ReturnValues": "ALL_OLD"})");
    expect_removal("times", Dated{"d1", before, before},
                   R"({"TableName": "test_dated", "Key": {"id": {"S": "d1"}}, "ReturnValues": "ALL_OLD"})");
    expect_removal("two parts", Line{"o1", "l1", 3}, R"({"TableName": "test_lines",
        "Key": {"order_id": {"S": "o1"}, "id": {"S": "l1"}}, "ReturnValues": "ALL_OLD"})");
    expect_removal("version n", Counter{"c1", 7, 41}, R"({"TableName": "test_counters",
        "Key": {"id": {"S": "c1"}}, "ReturnValues": "ALL_OLD",
        "ConditionExpression": "attribute_not_exists(#0) OR #1 = :0",
        "ExpressionAttributeNames": {"#0": "id", "#1": "version"}, "ExpressionAttributeValues": {":0": {"N": "41"}}})");
    expect_removal("version 0, or none", Counter{"c1", 7, 0}, R"json({"TableName": "test_counters",
        "Key": {"id": {"S": "c1"}}, "ReturnValues": "ALL_OLD",
        "ConditionExpression": "attribute_not_exists(#0) OR attribute_type(#0, :0) OR #0 = :1",
        "ExpressionAttributeNames": {"#0": "version"},
        "ExpressionAttributeValues": {":0": {"S": "NULL"}, ":1": {"N": "0"}}})json");
    expect_removal("two parts and a version", Event{"s1", "e1", before, before, 8}, R"({"TableName": "test_events",
        "Key": {"stream": {"S": "s1"}, "id": {"S": "e1"}}, "ReturnValues": "ALL_OLD",
        "ConditionExpression": "attribute_not_exists(#0) OR #1 = :0",
        "ExpressionAttributeNames": {"#0": "stream", "#1": "version"},
        "ExpressionAttributeValues": {":0": {"N": "8"}}})");
}

TEST_F(removals, that_meet_their_own_earlier_attempt_have_removed_it) {
    repository<Counter> const all(db);
    Counter const one{"c1", 7, 41};
    answer_with(canned(canned::how::reset));
    answer_with("{}");
    EXPECT_TRUE(run(all.remove(one)));
    answer_with(canned("", 500));
    answer_with("{}");
    EXPECT_TRUE(run(all.remove_key("c1")));
    answer_with(service_error_answer("ThrottlingException")); // refused, so not in doubt
    answer_with("{}");
    EXPECT_FALSE(run(all.remove_key("c1")));
    // Somebody else's item under the same key, which the first attempt may have removed before.
    answer_with(canned(canned::how::reset));
    refuse_condition();
    auto const f = failure_of(all.remove(one));
    EXPECT_EQ(f.code, errc::stale_version);
    EXPECT_TRUE(f.info->outcome_unknown);
}

TEST_F(removals, by_key_have_no_guard) {
    answer_with(R"({"Attributes":{"id":{"S":"c1"}}})");
    EXPECT_TRUE(run(repository<Counter>(db).remove_key("c1")));
    expect_request(0, "DeleteItem",
                   R"({"TableName": "test_counters", "Key": {"id": {"S": "c1"}}, "ReturnValues": "ALL_OLD"})");
    answer_with(R"({"Attributes":null})");
    EXPECT_FALSE(run(repository<Event>(db).remove_key(key("s1", "e1"))));
    expect_request(1, "DeleteItem", R"({"TableName": "test_events",
        "Key": {"stream": {"S": "s1"}, "id": {"S": "e1"}}, "ReturnValues": "ALL_OLD"})");
}

TEST_F(removals, of_another_version_are_stale) {
    repository<Counter> const all(db);
    Counter const one{"c1", 7, 41};
    refuse_condition();
    auto const f = failure_of(all.remove(one));
    EXPECT_EQ(f.code, errc::stale_version) << f.to_string();
    EXPECT_EQ(f.info->entity, "Counter");
    EXPECT_EQ(f.info->table, "test_counters");
    EXPECT_EQ(f.info->operation, "DeleteItem");
    EXPECT_NE(f.info->message.find(R"(the entity Counter with the key {"id":{"S":"c1"}} was changed by somebody else)"),
              std::string::npos)
        << f.info->message;
    EXPECT_EQ(sent(), 1U);
}

TEST_F(removals, of_ten_thousand_entities_without_a_version_take_the_fewest_requests) {
    std::vector<Note> many(10'000);
    for (std::size_t i = 0; i < many.size(); ++i) many[i].id = "n" + std::to_string(i);
    auto const done = run(repository<Note>(db).remove_many(many));
    EXPECT_TRUE(done.all_stored());
    ASSERT_EQ(sent(), 400U);
    for (std::size_t i = 0; i < sent(); ++i) {
        EXPECT_EQ(operation(i), "BatchWriteItem");
        EXPECT_EQ(body(i).at("RequestItems").at("test_notes").as_array().size(), 25U);
    }
}

TEST_F(removals, without_a_key_send_nothing) {
    Counter const unsaved{};
    auto const f = failure_of([&]() -> asio::awaitable<bool> {
        repository<Counter> const all(db);
        co_return co_await all.remove(unsaved);
    }());
    EXPECT_EQ(f.code, errc::empty_key) << f.to_string();
    EXPECT_EQ(f.info->entity, "Counter");
    EXPECT_EQ(f.info->attribute, "id");
    EXPECT_EQ(sent(), 0U);
}

TEST_F(removals, pass_other_failures_on_with_the_entity_they_are_about) {
    answer_with(service_error_answer("ResourceNotFoundException"));
    auto const f = failure_of(repository<Counter>(db).remove_key("c1"));
    EXPECT_EQ(f.code, service_errc::resource_not_found);
    EXPECT_EQ(f.info->entity, "Counter");
    EXPECT_EQ(f.info->table, "test_counters");
}

} // namespace
