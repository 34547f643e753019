// What create, save and remove send, and what it means when the service finds their condition false.

#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/schema.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/timestamp.hpp>

#include <gtest/gtest.h>

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

/// The PutItem of what must not exist yet; `item` is JSON.
std::string put_of(std::string const& table, std::string const& item, std::string const& key = "id") {
    return R"({"TableName": ")" + table + R"(", "Item": )" + item +
           R"json(, "ConditionExpression": "attribute_not_exists(#0)", "ExpressionAttributeNames": {"#0": ")json" +
           key + R"("}})";
}
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
    std::string const put_made = put_of("test_notes", "{" + text("id", id) + "}");
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

TEST_F(writes, of_what_has_a_version) {
    auto const put = [](std::string const& key) {
        return put_of("test_counters", "{" + text("id", key) + R"(, "value": {"N": "7"}, "version": {"N": "1"}})");
    };
    std::string const update = R"({"TableName": "test_counters", "Key": {"id": {"S": "c1"}},
        "UpdateExpression": "SET #0 = :0, #1 = :1", "ConditionExpression": "#1 = :2",
        "ExpressionAttributeNames": {"#0": "value", "#1": "version"},
        "ExpressionAttributeValues": {":0": {"N": "7"}, ":1": {"N": "42"}, ":2": {"N": "41"}}})";
    expect<Counter>({
        {"create", how::create, {"c1", 7, 0}, "PutItem", put("c1"), errc::already_exists, {"c1", 7, 1}},
        {"create makes a key", how::create, {"", 7, 0}, "PutItem", put(id), errc::already_exists, {id, 7, 1}},
        {"create begins with version 1",
         how::create,
         {"c1", 7, 41},
         "PutItem",
         put("c1"),
         errc::already_exists,
         {"c1", 7, 1}},
        {"save of version 0", how::save, {"c1", 7, 0}, "PutItem", put("c1"), errc::already_exists, {"c1", 7, 1}},
        {"save makes a key", how::save, {"", 7, 0}, "PutItem", put(id), errc::already_exists, {id, 7, 1}},
        {"an empty key is new whatever the version",
         how::save,
         {"", 7, 41},
         "PutItem",
         put(id),
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
    expect<Dated>({
        {"create", how::create, {"d1", {}, {}}, "PutItem", put("d1", now, now), errc::already_exists, {"d1", now, now}},
        {"create takes the time out of the key it makes",
         how::create,
         {},
         "PutItem",
         put(id, in_ulid, now),
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
         "PutItem",
         put("d1", now, now),
         errc::already_exists,
         {"d1", now, now}},
        {"save makes a key", how::save, {}, "PutItem", put(id, in_ulid, now), errc::already_exists, {id, in_ulid, now}},
        {"save keeps a time given of what has no key",
         how::save,
         {"", before, {}},
         "PutItem",
         put(id, before, now),
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
    expect<Numbered>({
        {"create", how::create, {-5, {}}, "PutItem", put, errc::already_exists, {-5, now}},
        {"save of a new one", how::save, {-5, {}}, "PutItem", put, errc::already_exists, {-5, now}},
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
            ":2": {"S": "2026-03-04T05:06:07.890Z"}, ":3": {"N": "3"}, ":4": {"N": "2"}}})";
    std::string const update_undated = R"({"TableName": "test_full", "Key": {"id": {"S": "f1"}},
        "UpdateExpression": "SET #0 = :0, #2 = :1, #3 = :2 REMOVE #1", "ConditionExpression": "#3 = :3",
        "ExpressionAttributeNames": {"#0": "name", "#1": "created_at", "#2": "updated_at", "#3": "version"},
        "ExpressionAttributeValues": {":0": {"S": "Ann"}, ":1": {"S": "2026-03-04T05:06:07.890Z"},
            ":2": {"N": "3"}, ":3": {"N": "2"}}})";
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
         put(id, in_ulid),
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
         "PutItem",
         put("f1", now),
         errc::already_exists,
         {"f1", "Ann", now, now, 1}},
        {"the version decides, not the time",
         how::save,
         {"f1", "Ann", before, {}, 0},
         "PutItem",
         put("f1", before),
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
         put(id),
         errc::already_exists,
         {"o1", id, 3}},
        {"save makes the second part",
         how::save,
         {"o1", "", 3},
         "PutItem",
         put(id),
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
    std::string const put = put_of("test_events",
                                   R"({"stream": {"S": "s1"}, "created_at": {"S": "2016-07-30T23:54:10.259Z"},
            "updated_at": {"S": "2026-03-04T05:06:07.890Z"}, "version": {"N": "1"}, )" +
                                       text("id", id) + "}",
                                   "stream");
    std::string const update = R"({"TableName": "test_events", "Key": {"stream": {"S": "s1"}, "id": {"S": "e1"}},
        "UpdateExpression": "SET #0 = :0, #1 = :1, #2 = :2", "ConditionExpression": "#2 = :3",
        "ExpressionAttributeNames": {"#0": "created_at", "#1": "updated_at", "#2": "version"},
        "ExpressionAttributeValues": {":0": {"S": "2025-01-01T00:00:00.000Z"},
            ":1": {"S": "2026-03-04T05:06:07.890Z"}, ":2": {"N": "9"}, ":3": {"N": "8"}}})";
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
    EXPECT_EQ(sends(repository<Counter>(db).remove(counter, careful)), 2U);
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
    expect_removal("version 0", Counter{"c1", 7, 0}, R"({"TableName": "test_counters",
        "Key": {"id": {"S": "c1"}}, "ReturnValues": "ALL_OLD",
        "ConditionExpression": "attribute_not_exists(#0) OR #1 = :0",
        "ExpressionAttributeNames": {"#0": "id", "#1": "version"}, "ExpressionAttributeValues": {":0": {"N": "0"}}})");
    expect_removal("two parts and a version", Event{"s1", "e1", before, before, 8}, R"({"TableName": "test_events",
        "Key": {"stream": {"S": "s1"}, "id": {"S": "e1"}}, "ReturnValues": "ALL_OLD",
        "ConditionExpression": "attribute_not_exists(#0) OR #1 = :0",
        "ExpressionAttributeNames": {"#0": "stream", "#1": "version"},
        "ExpressionAttributeValues": {":0": {"N": "8"}}})");
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
