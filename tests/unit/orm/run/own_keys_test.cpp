// Enumerations, ids of the program's own, bytes and times as keys, keys of indexes, foreign keys and operands.

#include <dynasio/orm/field.hpp>
#include <dynasio/orm/key.hpp>
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/verify.hpp>
#include <dynasio/orm/with.hpp>

#include <dynasio/core/epoch_time.hpp>
#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service_fixture.hpp"

namespace own {

/// An id that cannot be mistaken for another; it is stored as text.
struct ProjectId {
    std::string value{};
    friend auto operator<=>(ProjectId const&, ProjectId const&) = default;
};
/// The same with a number.
struct UserNumber {
    std::int64_t value{};
    friend auto operator<=>(UserNumber const&, UserNumber const&) = default;
};
enum class Status { draft, live };

struct Task;
struct Project {
    ProjectId id{};
    std::string name{};
    dynasio::timestamp created_at{};
    dynasio::has_many<Task> tasks{};
    dynasio::belongs_to_many<Task> watched{};
};
struct Task {
    std::array<std::uint8_t, 3> id{};
    ProjectId project_id{};
    Status status{};
    std::optional<UserNumber> owner{};
    dynasio::epoch_seconds due{};
    dynasio::timestamp at{};
    std::set<std::string> tags{};
    dynasio::belongs_to<Project> project{};
};
/// An enumeration and a number as the table's key.
struct Counter {
    Status status{};
    UserNumber number{};
    int value{};
    friend bool operator==(Counter const&, Counter const&) = default;
};
/// A time as a key.
struct Tick {
    std::vector<std::uint8_t> id{};
    dynasio::epoch_milliseconds at{};
};
/// A state of few values in the place of an id.
struct Switch {
    Status id{};
    std::string name{};
};
struct Strict {
    std::string hex{};
};
struct Hashed {
    Strict id{};
};

constexpr auto dynasio_schema(dynasio::tag<Project>) {
    using namespace dynasio;
    return entity<Project>(partition_key<&Project::id>, created_at<&Project::created_at>,
                           relate<&Project::tasks>(by<&Task::project_id>), relate<&Project::watched>());
}
constexpr auto dynasio_schema(dynasio::tag<Task>) {
    using namespace dynasio;
    return entity<Task>(partition_key<&Task::id>, gsi<&Task::project_id, &Task::status>{"by_project"},
                        gsi<&Task::owner, &Task::due>{"by_owner"}, relate<&Task::project>(by<&Task::project_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Counter>) {
    using namespace dynasio;
    return entity<Counter>(partition_key<&Counter::status>, sort_key<&Counter::number>);
}
constexpr auto dynasio_schema(dynasio::tag<Tick>) {
    using namespace dynasio;
    return entity<Tick>(partition_key<&Tick::id>, sort_key<&Tick::at>);
}
constexpr auto dynasio_schema(dynasio::tag<Switch>) {
    using namespace dynasio;
    return entity<Switch>(partition_key<&Switch::name>, sort_key<&Switch::id>);
}
constexpr auto dynasio_schema(dynasio::tag<Hashed>) {
    using namespace dynasio;
    return entity<Hashed>(partition_key<&Hashed::id>);
}

} // namespace own

// The codecs may stand behind the schemas: they are looked at when an entity is used.
template <> struct dynasio::codec<own::ProjectId> {
    static constexpr auto type = dynasio::dynamodb::attribute_type::string;
    static void encode(std::string& out, own::ProjectId const& id) { codec<std::string>::encode(out, id.value); }
    static void decode(dynasio::dynamodb::json_reader& in, own::ProjectId& id) {
        codec<std::string>::decode(in, id.value);
    }
};
template <> struct dynasio::codec<own::UserNumber> {
    static constexpr auto type = dynasio::dynamodb::attribute_type::number;
    static void encode(std::string& out, own::UserNumber const& id) { codec<std::int64_t>::encode(out, id.value); }
    static void decode(dynasio::dynamodb::json_reader& in, own::UserNumber& id) {
        codec<std::int64_t>::decode(in, id.value);
    }
};
template <> struct dynasio::codec<own::Status> {
    static constexpr auto type = dynasio::dynamodb::attribute_type::string;
    static void encode(std::string& out, own::Status value) {
        codec<std::string>::encode(out, value == own::Status::live ? "live" : "draft");
    }
    static void decode(dynasio::dynamodb::json_reader& in, own::Status& value) {
        std::string text;
        codec<std::string>::decode(in, text);
        if (text != "live" && text != "draft") throw std::invalid_argument("no status");
        value = text == "live" ? own::Status::live : own::Status::draft;
    }
};
/// Reads texts of digits only, and says so with an exception of its own.
template <> struct dynasio::codec<own::Strict> {
    static constexpr auto type = dynasio::dynamodb::attribute_type::string;
    static void encode(std::string& out, own::Strict const& value) { codec<std::string>::encode(out, value.hex); }
    static void decode(dynasio::dynamodb::json_reader& in, own::Strict& value) {
        codec<std::string>::decode(in, value.hex);
        if (value.hex.find_first_not_of("0123456789abcdef") != std::string::npos) throw std::invalid_argument("no hex");
    }
};

static_assert(dynasio::verify<own::Project, own::Task, own::Counter, own::Tick, own::Switch, own::Hashed>());

namespace {

using namespace run_test;
using dynasio::epoch_milliseconds;
using dynasio::epoch_seconds;
using dynasio::field;
using dynasio::key;
using dynasio::key_of;
using dynasio::repository;
using dynasio::with;
using own::Counter;
using own::Project;
using own::ProjectId;
using own::Status;
using own::Task;
using own::Tick;
using own::UserNumber;

class own_keys : public service_conversation {
protected:
    repository<Project> projects{db};
    repository<Task> tasks{db};
    repository<Counter> counters{db};
    repository<Tick> ticks{db};

    /// The operands of the only request's conditions, sorted by their text.
    std::set<std::string> operands() const {
        std::set<std::string> all;
        auto const request = body(sent() - 1);
        for (auto const& [name, value] : request.at("ExpressionAttributeValues").as_object())
            all.insert(json::serialize(value));
        return all;
    }
    std::string index() const { return std::string(body(sent() - 1).at("IndexName").as_string()); }
};

std::string const task_item =
    R"({"id":{"B":"AQID"},"project_id":{"S":"p1"},"status":{"S":"live"},"owner":{"N":"7"},"due":{"N":"1795246200"}})";

TEST_F(own_keys, find_one) {
    answer_with(R"({"Item":{"id":{"S":"p1"},"name":{"S":"One"}}})");
    auto const project = run(projects.find(ProjectId{"p1"}));
    ASSERT_TRUE(project.has_value());
    EXPECT_EQ(project->name, "One");
    expect_request(0, "GetItem", R"({"TableName": "test_projects", "Key": {"id": {"S": "p1"}}})");

    answer_with(R"({"Item":{"status":{"S":"live"},"number":{"N":"7"},"value":{"N":"3"}}})");
    EXPECT_EQ(run(counters.get(key(Status::live, UserNumber{7}))), (Counter{Status::live, {7}, 3}));
    expect_request(1, "GetItem",
                   R"({"TableName": "test_counters", "Key": {"status": {"S": "live"}, "number": {"N": "7"}}})");

    answer_with(R"({"Item":{"id":{"B":"AQID"},"at":{"N":"1795246200789"}}})");
    auto const time = at("2026-11-21T07:30:00.789Z");
    EXPECT_EQ(run(ticks.get(key(std::vector<std::uint8_t>{1, 2, 3}, time))).at, time);
    expect_request(2, "GetItem",
                   R"({"TableName": "test_ticks", "Key": {"id": {"B": "AQID"}, "at": {"N": "1795246200789"}}})");

    answer_with(R"({"Item":)" + task_item + "}");
    auto const task = run(tasks.get(std::array<std::uint8_t, 3>{1, 2, 3}));
    EXPECT_EQ(task.owner, UserNumber{7});
    EXPECT_EQ(task.status, Status::live);
    EXPECT_EQ(task.due.count(), 1'795'246'200);
}

TEST_F(own_keys, find_many) {
    answer_with(R"({"Responses":{"test_projects":[{"id":{"S":"p2"}},{"id":{"S":"p1"}}]},"UnprocessedKeys":{}})");
    std::vector<ProjectId> const ids{{"p1"}, {"gone"}, {"p2"}};
    auto const found = run(projects.find_many(ids));
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0]->id, ids[0]);
    EXPECT_FALSE(found[1].has_value());
    EXPECT_EQ(found[2]->id, ids[2]);
}

TEST_F(own_keys, are_stored_and_removed) {
    Task task;
    task.id = {1, 2, 3};
    task.project_id = {"p1"};
    task.status = Status::live;
    task.owner = UserNumber{7};
    task.due = at("2026-11-21T07:30:00.789Z");
    answer_with("{}");
    run(tasks.create(task));
    expect_request(0, "PutItem",
                   R"json({"TableName": "test_tasks", "Item": {"id": {"B": "AQID"}, "project_id": {"S": "p1"},
        "status": {"S": "live"}, "owner": {"N": "7"}, "due": {"N": "1795246200"}},
        "ConditionExpression": "attribute_not_exists(#0)", "ExpressionAttributeNames": {"#0": "id"},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD"})json");
    answer_with("{}");
    (void)run(counters.remove(Counter{Status::draft, {-1}, 0}));
    EXPECT_EQ(json::serialize(body(1).at("Key")), R"({"status":{"S":"draft"},"number":{"N":"-1"}})");
}

TEST_F(own_keys, are_made_where_the_type_holds_any_text) {
    Project project;
    project.name = "new";
    answer_with("{}");
    run(projects.create(project));
    EXPECT_EQ(project.id.value, first_ulid);
    EXPECT_EQ(project.created_at, at(ulid_time_text));
    EXPECT_EQ(body(0).at("Item").at("id").at("S").as_string(), std::string(first_ulid));

    // An id that does not read a ULID is empty instead, and so is no number.
    own::Hashed hashed;
    EXPECT_EQ(failure_of(repository<own::Hashed>(db).create(hashed)).code, errc::empty_key);
    EXPECT_EQ(sent(), 1U);
}

TEST_F(own_keys, are_operands) {
    auto const ask = [this](auto clause) {
        answer_with(R"({"Items":[],"Count":0})");
        (void)run(tasks.where(std::move(clause)).all());
    };
    using texts = std::set<std::string>;
    ask(field<&Task::project_id> == ProjectId{"p1"} && field<&Task::status> == Status::live);
    EXPECT_EQ(index(), "by_project");
    EXPECT_EQ(operands(), (texts{R"({"S":"p1"})", R"({"S":"live"})"}));
    EXPECT_FALSE(body(0).as_object().contains("FilterExpression")) << "both are keys of the index";

    ask(field<&Task::project_id> == ProjectId{"p1"} && field<&Task::status>.between(Status::draft, Status::live));
    EXPECT_EQ(operands(), (texts{R"({"S":"p1"})", R"({"S":"draft"})", R"({"S":"live"})"}));

    ask(field<&Task::project_id> == ProjectId{"p1"} && field<&Task::status>.begins_with("dra"));
    EXPECT_EQ(operands(), (texts{R"({"S":"p1"})", R"({"S":"dra"})"}));
    EXPECT_FALSE(body(2).as_object().contains("FilterExpression"));

    ask(field<&Task::project_id> == ProjectId{"p1"} && field<&Task::status>.in(Status::draft, Status::live));
    EXPECT_EQ(operands(), (texts{R"({"S":"p1"})"})) << "DynamoDB has no IN on keys: the client applies it";

    ask(field<&Task::owner> == UserNumber{7} && field<&Task::due> < at("2026-11-21T07:30:00Z"));
    EXPECT_EQ(index(), "by_owner");
    EXPECT_EQ(operands(), (texts{R"({"N":"7"})", R"({"N":"1795246200"})"}));

    ask(field<&Task::owner> == UserNumber{7} && field<&Task::project_id>.in(std::vector<ProjectId>{{"a"}, {"b"}}) &&
        field<&Task::id> != std::array<std::uint8_t, 3>{1, 2, 3} && field<&Task::tags>.contains("red") &&
        field<&Task::at>.begins_with("2026-11") && field<&Task::project_id>.contains("x") &&
        field<&Task::project_id>.begins_with(ProjectId{"y"}));
    EXPECT_EQ(operands(), (texts{R"({"N":"7"})", R"({"S":"a"})", R"({"S":"b"})", R"({"B":"AQID"})", R"({"S":"red"})",
                                 R"({"S":"2026-11"})", R"({"S":"x"})", R"({"S":"y"})"}));
}

TEST_F(own_keys, are_followed_by_relations) {
    answer_with(R"({"Item":{"id":{"S":"p1"},"name":{"S":"One"}}})");
    answer_with(R"({"Items":[)" + task_item + R"(],"Count":1})");
    auto const project = run(projects.get(ProjectId{"p1"}, with<&Project::tasks>()));
    ASSERT_EQ(project.tasks.size(), 1U);
    EXPECT_EQ(project.tasks[0].status, Status::live);
    EXPECT_EQ(index(), "by_project");
    EXPECT_EQ(operands(), (std::set<std::string>{R"({"S":"p1"})"}));

    answer_with(R"({"Item":)" + task_item + "}");
    answer_with(R"({"Responses":{"test_projects":[{"id":{"S":"p1"},"name":{"S":"One"}}]},"UnprocessedKeys":{}})");
    auto const task = run(tasks.get(std::array<std::uint8_t, 3>{1, 2, 3}, with<&Task::project>()));
    EXPECT_EQ(task.project->name, "One");
}

TEST_F(own_keys, are_linked) {
    Project project;
    project.id = {"p1"};
    answer_with("{}");
    Task task;
    task.id = {1, 2, 3};
    run(projects.related<&Project::watched>(project).attach(task));
    EXPECT_EQ(body(0).at("Key").at("sk").at("S").as_string(), "AQID") << json::serialize(body(0));
}

TEST_F(own_keys, of_unset_times_are_empty) {
    EXPECT_EQ(failure_of(ticks.find(key(std::vector<std::uint8_t>{1}, epoch_milliseconds()))).code, errc::empty_key);
    EXPECT_EQ(failure_of(ticks.find(key(std::vector<std::uint8_t>(), epoch_milliseconds::now()))).code,
              errc::empty_key);
    EXPECT_EQ(failure_of(projects.find(ProjectId())).code, errc::empty_key);
    EXPECT_EQ(sent(), 0U);
}

} // namespace
