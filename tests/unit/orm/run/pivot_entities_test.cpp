// What attach, detach, sync and toggle send where links are entities, seen from both sides of a relation.

#include <dynasio/orm/on_remove.hpp>
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/transaction.hpp>
#include <dynasio/orm/where_always.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "../pivot_entities_model.hpp"
#include "service_fixture.hpp"

namespace seat_links {

using namespace dynasio::dsl;

/// What the hooks of Seat have been called with.
inline std::vector<std::string>& calls() {
    static std::vector<std::string> all;
    return all;
}

struct Guest;
/// Links with hooks, and without anything but what they link.
struct Seat {
    std::string table_id{};
    std::string guest_id{};
    std::string note{};
};
struct Table {
    std::string id{};
    belongs_to_many<Guest, Seat> guests{};
};
struct Guest {
    std::string id{};
    belongs_to_many<Table, Seat> tables{};
};

inline void note(char const* event, Seat const& seat) {
    calls().push_back(event + (' ' + seat.table_id) + ' ' + seat.guest_id);
}
constexpr auto dynasio_schema(tag<Seat>) {
    return entity<Seat>(partition_key<&Seat::table_id>, sort_key<&Seat::guest_id>, gsi<&Seat::guest_id>{"by_guest"},
                        before_create([](Seat& seat) {
                            note("before_create", seat);
                            seat.note += "!";
                            seat.guest_id = "somebody else";
                        }),
                        before_save([](Seat& seat) { note("before_save", seat); }),
                        after_create([](Seat& s) { note("after_create", s); }),
                        after_save([](Seat& seat) { note("after_save", seat); }),
                        before_remove([](Seat const& seat) { note("before_remove", seat); }),
                        after_remove([](Seat const& seat) { note("after_remove", seat); }));
}
constexpr auto dynasio_schema(tag<Table>) {
    return entity<Table>(partition_key<&Table::id>, relate<&Table::guests>(via<&Seat::table_id, &Seat::guest_id>),
                         on_remove<&Table::guests>(clear));
}
constexpr auto dynasio_schema(tag<Guest>) {
    return entity<Guest>(partition_key<&Guest::id>, relate<&Guest::tables>(via<&Seat::guest_id, &Seat::table_id>));
}

static_assert(dynasio::verify<Table, Guest, Seat>());

/// Links that are nothing but their key.
struct Mark;
struct Marked {
    std::string page_id{};
    std::int64_t mark{};
};
struct Page {
    std::string id{};
    belongs_to_many<Mark, Marked> marks{};
};
struct Mark {
    std::int64_t number{};
};
constexpr auto dynasio_schema(tag<Marked>) {
    return entity<Marked>(partition_key<&Marked::page_id>, sort_key<&Marked::mark>);
}
constexpr auto dynasio_schema(tag<Page>) {
    return entity<Page>(partition_key<&Page::id>, relate<&Page::marks>(via<&Marked::page_id, &Marked::mark>));
}
constexpr auto dynasio_schema(tag<Mark>) { return entity<Mark>(partition_key<&Mark::number>); }

/// Links with a default scope.
struct Note;
struct Pin {
    std::string board_id{};
    std::string note_id{};
    bool is_hidden{};
};
struct Board {
    std::string id{};
    belongs_to_many<Note, Pin> notes{};
};
struct Note {
    std::string id{};
};
constexpr auto dynasio_schema(tag<Pin>) {
    return entity<Pin>(partition_key<&Pin::board_id>, sort_key<&Pin::note_id>,
                       where_always([] { return field<&Pin::is_hidden> != true; }));
}
constexpr auto dynasio_schema(tag<Board>) {
    return entity<Board>(partition_key<&Board::id>, relate<&Board::notes>(via<&Pin::board_id, &Pin::note_id>));
}
constexpr auto dynasio_schema(tag<Note>) { return entity<Note>(partition_key<&Note::id>); }

} // namespace seat_links

namespace dynasio::pivot_entities_run_tests {
namespace {

using namespace run_test;
using club_links::Club;
using club_links::Membership;
using club_links::Person;
using seat_links::Guest;
using seat_links::Mark;
using seat_links::Marked;
using seat_links::Page;
using seat_links::Seat;
using seat_links::Table;

class links_that_are_entities : public service_conversation {
protected:
    links_that_are_entities() {
        person.id = "p1";
        club.id = "c1";
        seat_links::calls().clear();
    }
    repository<Person> people{db};
    repository<Club> clubs{db};
    Person person{};
    Club club{};
};

TEST_F(links_that_are_entities, are_created_where_there_is_none_or_one_in_the_trash) {
    std::string const request = R"json({"TableName": "test_memberships",
        "Key": {"person_id": {"S": "p1"}, "club_id": {"S": "c1"}},
        "UpdateExpression": "SET #0 = :0, #1 = :1, #3 = :3, #4 = :3 REMOVE #2, #5 ADD #6 :6",
        "ConditionExpression":
            "attribute_not_exists(#7) OR NOT (attribute_not_exists(#5) OR attribute_type(#5, :8))",
        "ExpressionAttributeNames": {"#0": "title", "#1": "level", "#2": "note", "#3": "since", "#4": "changed_at",
            "#5": "left_at", "#6": "version", "#7": "person_id"},
        "ExpressionAttributeValues": {":0": {"S": ""}, ":1": {"N": "0"}, ":3": {"S": "2026-03-04T05:06:07.890Z"},
            ":6": {"N": "1"}, ":8": {"S": "NULL"}}})json";
    run(people.related<&Person::clubs>(person).attach(club));
    expect_request(0, "UpdateItem", request);
    run(clubs.related<&Club::people>(club).attach(person));
    expect_request(1, "UpdateItem", request);
    EXPECT_FALSE(person.clubs.loaded()) << "what is loaded is not changed";
}

TEST_F(links_that_are_entities, stay_as_they_are_when_they_are_attached_again) {
    refuse_condition();
    EXPECT_NO_THROW(run(people.related<&Person::clubs>(person).attach("c1")));
    EXPECT_EQ(sent(), 1u);
}

TEST_F(links_that_are_entities, are_replaced_by_what_is_given_and_keep_their_creation) {
    Membership given;
    given.person_id = "another";
    given.title = "chair ";
    given.level = 3;
    given.note = "since ever";
    run(people.related<&Person::clubs>(person).attach(club, given));
    expect_request(0, "UpdateItem", R"json({"TableName": "test_memberships",
        "Key": {"person_id": {"S": "p1"}, "club_id": {"S": "c1"}},
        "UpdateExpression":
            "SET #0 = :0, #1 = :1, #2 = :2, #3 = if_not_exists(#3, :3), #4 = :3 REMOVE #5 ADD #6 :6",
        "ExpressionAttributeNames": {"#0": "title", "#1": "level", "#2": "note", "#3": "since", "#4": "changed_at",
            "#5": "left_at", "#6": "version"},
        "ExpressionAttributeValues": {":0": {"S": "chair"}, ":1": {"N": "3"}, ":2": {"S": "since ever"},
            ":3": {"S": "2026-03-04T05:06:07.890Z"}, ":6": {"N": "1"}}})json");
    EXPECT_EQ(given.person_id, "another") << "what the program has is not changed";
    run(clubs.related<&Club::people>(club).attach("p1", given));
    EXPECT_EQ(renumbered(body(1)), renumbered(body(0))) << "the other side writes the same";
}

TEST_F(links_that_are_entities, must_satisfy_their_rules) {
    Membership given;
    given.level = -1;
    auto const e = failure_of(people.related<&Person::clubs>(person).attach(club, given));
    EXPECT_EQ(e.code, errc::invalid_entity);
    EXPECT_EQ(e.info->entity, "Membership");
    EXPECT_EQ(e.info->relation_path, "Person.clubs");
    EXPECT_EQ(e.info->key, R"({"person_id":{"S":"p1"},"club_id":{"S":"c1"}})");
    EXPECT_EQ(sent(), 0u);
}

TEST_F(links_that_are_entities, need_two_entities_that_are_saved) {
    Club fresh;
    auto const far = failure_of(people.related<&Person::clubs>(person).attach(fresh));
    EXPECT_EQ(far.code, errc::entity_not_saved);
    EXPECT_NE(far.info->message.find("both sides of Person.clubs must be saved"), std::string::npos)
        << far.info->message;
    Person unsaved;
    auto const near = failure_of(people.related<&Person::clubs>(unsaved).detach(club));
    EXPECT_EQ(near.code, errc::entity_not_saved);
    auto const counted = failure_of(people.related<&Person::clubs>(unsaved).count_links());
    EXPECT_EQ(counted.code, errc::entity_not_saved);
    EXPECT_EQ(sent(), 0u);
}

TEST_F(links_that_are_entities, are_detached_unless_they_are_in_the_trash) {
    std::string const request = R"json({"TableName": "test_memberships", "ReturnValues": "ALL_OLD",
        "Key": {"person_id": {"S": "p1"}, "club_id": {"S": "c1"}},
        "ConditionExpression": "attribute_not_exists(#0) OR attribute_type(#0, :0)",
        "ExpressionAttributeNames": {"#0": "left_at"}, "ExpressionAttributeValues": {":0": {"S": "NULL"}}})json";
    answer_with(R"({"Attributes":{"person_id":{"S":"p1"}}})");
    EXPECT_TRUE(run(people.related<&Person::clubs>(person).detach(club)));
    expect_request(0, "DeleteItem", request);
    answer_with("{}");
    EXPECT_FALSE(run(clubs.related<&Club::people>(club).detach("p1")));
    expect_request(1, "DeleteItem", request);
    refuse_condition();
    EXPECT_FALSE(run(people.related<&Person::clubs>(person).detach(club))) << "one in the trash counts as none";
}

TEST_F(links_that_are_entities, are_counted_by_the_service) {
    answer_with(R"({"Count":2})");
    EXPECT_EQ(run(clubs.related<&Club::people>(club).count_links()), 2u);
    expect_request(0, "Query", R"json({"TableName": "test_memberships", "IndexName": "by_club", "Select": "COUNT",
        "KeyConditionExpression": "#0 = :0", "FilterExpression": "attribute_not_exists(#1) OR attribute_type(#1, :1)",
        "ExpressionAttributeNames": {"#0": "club_id", "#1": "left_at"},
        "ExpressionAttributeValues": {":0": {"S": "c1"}, ":1": {"S": "NULL"}}})json");
}

TEST_F(links_that_are_entities, are_made_those_of_a_list_under_the_guard_of_their_owner) {
    answer_with(R"({"Item":{"pk":{"S":"x"},"sk":{"S":"left"},"count":{"N":"4"}}})");
    answer_with(R"({"Count":2,"Items":[
        {"person_id":{"S":"p1"},"club_id":{"S":"c1"},"level":{"N":"1"},"version":{"N":"1"}},
        {"person_id":{"S":"p1"},"club_id":{"S":"c2"},"level":{"N":"2"},"version":{"N":"5"}}]})");
    answer_with("{}");
    Membership other;
    other.level = 7;
    std::vector<link_to<Club, Membership>> wanted;
    wanted.emplace_back("c1");
    wanted.emplace_back("c3", other);
    auto const changed = run(people.related<&Person::clubs>(person).sync(wanted));
    ASSERT_EQ(changed.attached.size(), 1u);
    ASSERT_EQ(changed.detached.size(), 1u);
    ASSERT_EQ(changed.kept.size(), 1u);
    EXPECT_EQ(operation(0), "GetItem");
    EXPECT_EQ(body(0).at("TableName").as_string(), "test_pivots");
    EXPECT_EQ(body(0).at("Key").at("pk").at("S").as_string(), "#people_clubs#p1");
    EXPECT_EQ(operation(1), "Query");
    EXPECT_TRUE(body(1).at("ConsistentRead").as_bool());
    ASSERT_EQ(operation(2), "TransactWriteItems");
    auto const actions = body(2).at("TransactItems").as_array();
    ASSERT_EQ(actions.size(), 3u) << "two links and the guard";
    EXPECT_EQ(actions[0].at("Update").at("Key").at("club_id").at("S").as_string(), "c3");
    EXPECT_TRUE(actions[0].at("Update").as_object().contains("ConditionExpression"));
    EXPECT_EQ(actions[1].at("Delete").at("Key").at("club_id").at("S").as_string(), "c2");
    EXPECT_TRUE(actions[1].at("Delete").as_object().contains("ConditionExpression"));
    EXPECT_EQ(actions[2].at("Update").at("TableName").as_string(), "test_pivots");
}

TEST_F(links_that_are_entities, of_a_list_tell_once_what_each_request_has_cost) {
    answer_with(R"({"ConsumedCapacity":{"TableName":"test_pivots","CapacityUnits":1}})");
    answer_with(R"({"Count":0,"Items":[],"ConsumedCapacity":{"TableName":"test_memberships","CapacityUnits":0.5}})");
    answer_with(R"({"ConsumedCapacity":[{"TableName":"test_memberships","CapacityUnits":4}]})");
    call_cost cost;
    std::vector<link_to<Club, Membership>> wanted;
    wanted.emplace_back("c1");
    static_cast<void>(run(people.related<&Person::clubs>(person).sync(wanted, call_options().report(cost))));
    EXPECT_EQ(sent(), 3u);
    EXPECT_EQ(cost.read_units, 1.5);
    EXPECT_EQ(cost.write_units, 4);
}

TEST_F(links_that_are_entities, of_a_list_are_rewritten_only_when_they_would_change) {
    Membership same;
    same.level = 1;
    std::vector<link_to<Club, Membership>> wanted;
    wanted.emplace_back("c1", same);
    answer_with("{}");
    answer_with(R"({"Count":1,"Items":[
        {"person_id":{"S":"p1"},"club_id":{"S":"c1"},"level":{"N":"1"},"since":{"S":"2020-01-01T00:00:00.000Z"},
         "version":{"N":"9"}}]})");
    answer_with("{}");
    auto const kept = run(people.related<&Person::clubs>(person).sync(wanted));
    EXPECT_EQ(kept.kept.size(), 1u);
    EXPECT_EQ(sent(), 3u);
    EXPECT_EQ(operation(2), "GetItem") << "nothing was written";
    same.level = 2;
    wanted.clear();
    wanted.emplace_back("c1", same);
    answer_with("{}");
    answer_with(R"({"Count":1,"Items":[{"person_id":{"S":"p1"},"club_id":{"S":"c1"},"level":{"N":"1"}}]})");
    answer_with("{}");
    auto const changed = run(people.related<&Person::clubs>(person).sync(wanted));
    EXPECT_EQ(changed.kept.size(), 1u);
    ASSERT_EQ(operation(5), "TransactWriteItems");
    EXPECT_NE(service.body(5).find("if_not_exists"), std::string::npos) << "the time of creation stays";
}

TEST_F(links_that_are_entities, outside_of_the_default_scope_are_no_business_of_a_list) {
    seat_links::Board board;
    board.id = "b";
    answer_with("{}");
    answer_with(R"({"Count":3,"Items":[
        {"board_id":{"S":"b"},"note_id":{"S":"n1"},"is_hidden":{"BOOL":true}},
        {"board_id":{"S":"b"},"note_id":{"S":"n2"},"is_hidden":{"BOOL":true}},
        {"board_id":{"S":"b"},"note_id":{"S":"n3"}}]})");
    answer_with("{}");
    std::vector<std::string> const wanted{"n1"};
    auto const changed = run(repository<seat_links::Board>(db).related<&seat_links::Board::notes>(board).sync(wanted));
    EXPECT_EQ(changed.kept.size(), 1u) << "one that is wanted is there";
    EXPECT_EQ(changed.detached.size(), 1u);
    auto const actions = body(2).at("TransactItems").as_array();
    ASSERT_EQ(actions.size(), 2u);
    EXPECT_EQ(actions[0].at("Delete").at("Key").at("note_id").at("S").as_string(), "n3");
}

TEST_F(links_that_are_entities, are_toggled_in_one_transaction_that_learns_from_its_refusal) {
    answer_with(canned(R"({"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","message":"no",
                           "CancellationReasons":[{"Code":"ConditionalCheckFailed"}]})",
                       400));
    answer_with("{}");
    EXPECT_FALSE(run(people.related<&Person::clubs>(person).toggle("c1"))) << "it was there";
    ASSERT_EQ(sent(), 2u);
    EXPECT_TRUE(body(0).at("TransactItems").as_array()[0].as_object().contains("Update"));
    EXPECT_TRUE(body(1).at("TransactItems").as_array()[0].as_object().contains("Delete"));
}

TEST_F(links_that_are_entities, of_a_transaction_keep_what_they_have_and_get_what_they_lack) {
    Membership given;
    given.level = 2;
    transaction tx{db};
    Club other;
    other.id = "c2";
    Club third;
    third.id = "c3";
    tx.attach<&Person::clubs>(person, club)
        .attach<&Club::people>(other, person, given)
        .detach<&Person::clubs>(person, third);
    run(tx.commit());
    auto const actions = body(0).at("TransactItems").as_array();
    ASSERT_EQ(actions.size(), 3u);
    auto const request = [&](std::size_t i, char const* kind) { return renumbered(actions[i].at(kind)); };
    EXPECT_EQ(request(0, "Update"), renumbered(json::parse(R"json({"TableName": "test_memberships",
        "Key": {"person_id": {"S": "p1"}, "club_id": {"S": "c1"}},
        "UpdateExpression": "SET #0 = if_not_exists(#0, :0), #1 = if_not_exists(#1, :1), #3 = if_not_exists(#3, :3), #4 = if_not_exists(#4, :3), #6 = if_not_exists(#6, :6) REMOVE #5",
        "ExpressionAttributeNames": {"#0": "title", "#1": "level", "#3": "since", "#4": "changed_at",
            "#5": "left_at", "#6": "version"},
        "ExpressionAttributeValues": {":0": {"S": ""}, ":1": {"N": "0"}, ":3": {"S": "2026-03-04T05:06:07.890Z"},
            ":6": {"N": "1"}}})json")));
    EXPECT_EQ(actions[1].at("Update").at("Key").at("club_id").at("S").as_string(), "c2");
    EXPECT_EQ(actions[2].at("Delete").at("Key").at("club_id").at("S").as_string(), "c3");
    EXPECT_FALSE(actions[2].at("Delete").as_object().contains("ConditionExpression"));
}

TEST_F(links_that_are_entities, of_a_transaction_get_the_key_that_it_makes) {
    Club fresh;
    transaction tx{db};
    tx.create(fresh).attach<&Person::clubs>(person, fresh);
    run(tx.commit());
    auto const actions = body(0).at("TransactItems").as_array();
    EXPECT_EQ(actions[1].at("Update").at("Key").at("club_id").at("S").as_string(), first_ulid);
    EXPECT_EQ(fresh.id, first_ulid);
}

TEST_F(links_that_are_entities, call_the_hooks_around_a_link_that_is_created) {
    Table table;
    table.id = "t";
    Guest guest;
    guest.id = "g";
    run(repository<Table>(db).related<&Table::guests>(table).attach(guest));
    EXPECT_EQ(body(0).at("Key").at("guest_id").at("S").as_string(), "g") << "whatever a hook has put there";
    EXPECT_NE(service.body(0).find("\"!\""), std::string::npos) << "what a hook has changed is stored";
    EXPECT_EQ(seat_links::calls(), (std::vector<std::string>{"before_create t g", "before_save t somebody else",
                                                             "after_create t g", "after_save t g"}));
    seat_links::calls().clear();
    refuse_condition();
    run(repository<Guest>(db).related<&Guest::tables>(guest).attach(table));
    EXPECT_EQ(seat_links::calls(), (std::vector<std::string>{"before_create t g", "before_save t somebody else"}))
        << "nothing was written";
}

TEST_F(links_that_are_entities, call_the_hooks_of_a_save_when_they_are_replaced_and_of_a_removal_when_detached) {
    Table table;
    table.id = "t";
    Seat seat;
    run(repository<Table>(db).related<&Table::guests>(table).attach("g", seat));
    EXPECT_EQ(seat_links::calls(), (std::vector<std::string>{"before_save t g", "after_save t g"}));
    seat_links::calls().clear();
    answer_with(R"({"Attributes":{"table_id":{"S":"t"}}})");
    EXPECT_TRUE(run(repository<Table>(db).related<&Table::guests>(table).detach("g")));
    EXPECT_EQ(seat_links::calls(), (std::vector<std::string>{"before_remove t g", "after_remove t g"}));
}

TEST_F(links_that_are_entities, are_removed_with_their_owner_with_their_hooks) {
    Table table;
    table.id = "t";
    answer_with(R"({"Count":1,"Items":[{"table_id":{"S":"t"},"guest_id":{"S":"g"},"note":{"S":"n"}}]})");
    answer_with("{}");
    answer_with("{}");
    run(repository<Table>(db).remove(table));
    ASSERT_EQ(sent(), 3u);
    EXPECT_EQ(operation(0), "Query");
    EXPECT_EQ(operation(1), "DeleteItem");
    EXPECT_EQ(body(1).at("TableName").as_string(), "test_seats");
    EXPECT_EQ(operation(2), "DeleteItem");
    EXPECT_EQ(body(2).at("TableName").as_string(), "test_tables");
    EXPECT_EQ(seat_links::calls(), (std::vector<std::string>{"before_remove t g", "after_remove t g"}));
}

TEST_F(links_that_are_entities, can_have_nothing_but_their_key) {
    Page page;
    page.id = "a";
    auto const marks = repository<Page>(db).related<&Page::marks>(page);
    std::string const request = R"json({"TableName": "test_markeds",
        "Item": {"page_id": {"S": "a"}, "mark": {"N": "7"}},
        "ConditionExpression": "attribute_not_exists(page_id)"})json";
    run(marks.attach(7));
    ASSERT_EQ(operation(0), "PutItem");
    EXPECT_EQ(body(0).at("Item"), json::parse(request).at("Item"));
    EXPECT_TRUE(body(0).as_object().contains("ConditionExpression"));
    Marked given;
    refuse_condition();
    EXPECT_NO_THROW(run(marks.attach(7, given)));
    EXPECT_EQ(operation(1), "PutItem");
    answer_with("{}");
    EXPECT_TRUE(run(marks.toggle(7)));
    EXPECT_TRUE(body(2).at("TransactItems").as_array()[0].as_object().contains("Put"));
    Mark mark;
    mark.number = 7;
    transaction tx{db};
    tx.attach<&Page::marks>(page, mark);
    auto const e = failure_of(tx.commit());
    EXPECT_EQ(e.code, errc::invalid_argument);
    EXPECT_EQ(e.info->entity, "Marked");
    EXPECT_EQ(sent(), 3u);
}

TEST_F(links_that_are_entities, that_were_stored_by_an_attempt_in_doubt_call_the_hooks_after_it) {
    Table table;
    table.id = "t";
    answer_with(service_error_answer("InternalServerError", 500));
    refuse_condition();
    run(repository<Table>(db).related<&Table::guests>(table).attach("g"));
    EXPECT_EQ(sent(), 2u);
    EXPECT_EQ(seat_links::calls().size(), 4u) << "the first attempt is taken to have stored it";
}

} // namespace
} // namespace dynasio::pivot_entities_run_tests
