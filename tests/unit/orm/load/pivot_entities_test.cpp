// belongs_to_many whose links are entities: the links of each owner, then the entities behind them.

#include <dynasio/orm/bad_item.hpp>
#include <dynasio/orm/field.hpp>
#include <dynasio/orm/trash.hpp>
#include <dynasio/orm/with.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "../pivot_entities_model.hpp"
#include "load_fixture.hpp"

namespace dynasio::pivot_entities_load_tests {
namespace {

using namespace load_test;
using club_links::Alarm;
using club_links::Club;
using club_links::Device;
using club_links::Event;
using club_links::Membership;
using club_links::Person;
using club_links::Raised;
using club_links::Room;
using club_links::Visit;

json::object membership(std::string_view person, std::string_view club, std::int64_t level) {
    return {{"person_id", s(person)}, {"club_id", s(club)}, {"level", n(level)}, {"version", n(1)}};
}
json::object club(std::string_view id) { return {{"id", s(id)}, {"name", s("club " + std::string(id))}}; }
json::object person(std::string_view id) { return {{"id", s(id)}, {"name", s("name of " + std::string(id))}}; }

class graph_of_links_that_are_entities : public load_conversation {
protected:
    static Person a_person(std::string const& id) {
        Person p;
        p.id = id;
        return p;
    }
    /// "a=1 b=2": each club with the level of the membership that leads to it.
    static std::string levels(Person const& of) {
        std::string out;
        for (auto const& [entity, pivot] : of.clubs.with_pivot()) {
            EXPECT_EQ(pivot.club_id, entity.id);
            out += (out.empty() ? "" : " ") + entity.id + '=' + std::to_string(pivot.level);
        }
        return out;
    }
    static constexpr char const* links_of_p1 =
        R"(memberships: person_id = {"S":"p1"} filter attribute_not_exists(left_at) OR attribute_type(left_at, {"S":"NULL"}))";
};

TEST_F(graph_of_links_that_are_entities, reads_links_then_the_entities_behind_them) {
    Person p = a_person("p1");
    start(p, with<&Person::clubs>());
    auto const links = next();
    EXPECT_EQ(text_of(links), links_of_p1);
    EXPECT_EQ(path_of(links), "Person.clubs");
    EXPECT_FALSE(has_next());
    answer(links, page_of({membership("p1", "c2", 2), membership("p1", "c1", 1)}));
    auto const behind = next();
    EXPECT_EQ(path_of(behind), "Person.clubs");
    EXPECT_EQ(keys_in(behind), (key_set{"clubs c1", "clubs c2"}));
    answer(behind, batch_of({{"clubs", {club("c1"), club("c2")}}}));
    finish();
    EXPECT_EQ(ids(p.clubs), "c1 c2");
    EXPECT_EQ(levels(p), "c1=1 c2=2") << "each link stays with its entity";
    ASSERT_EQ(p.clubs.pivots().size(), 2u);
    EXPECT_EQ(p.clubs.pivots()[1].level, 2);
    EXPECT_EQ(p.clubs.pivots()[1].person_id, "p1");
    EXPECT_FALSE(p.memberships.loaded());
}

TEST_F(graph_of_links_that_are_entities, is_read_from_the_other_side_by_its_index) {
    Club c;
    c.id = "c1";
    start(c, with<&Club::people>());
    auto const links = next();
    EXPECT_EQ(text_of(links), "memberships index by_club: club_id = {\"S\":\"c1\"} filter "
                              "attribute_not_exists(left_at) OR attribute_type(left_at, {\"S\":\"NULL\"})");
    answer(links, page_of({membership("p2", "c1", 2), membership("p1", "c1", 1)}));
    answer(next(), batch_of({{"people", {person("p1"), person("p2")}}}));
    finish();
    EXPECT_EQ(ids(c.people), "p1 p2");
    EXPECT_EQ(c.people.pivots()[0].level, 1);
    EXPECT_EQ(c.people.pivots()[1].level, 2);
}

TEST_F(graph_of_links_that_are_entities, shares_the_query_with_a_has_many_of_the_links) {
    Person p = a_person("p1");
    start(p, with<&Person::clubs>(), with<&Person::memberships>());
    answer(next(), page_of({membership("p1", "c1", 1), membership("p1", "c2", 2)}));
    answer(next(), batch_of({{"clubs", {club("c1"), club("c2")}}}));
    finish();
    EXPECT_EQ(levels(p), "c1=1 c2=2");
    ASSERT_EQ(p.memberships.size(), 2u);
    EXPECT_EQ(p.memberships[1].level, 2);
    EXPECT_EQ(p.memberships[1].club_id, "c2") << "the rows are copied, not moved from";
}

TEST_F(graph_of_links_that_are_entities, gives_one_entity_in_two_places_its_links_both_times) {
    std::vector<Person> two{a_person("p1"), a_person("p1")};
    start(two, with<&Person::clubs>());
    answer(next(), page_of({membership("p1", "c1", 1)}));
    answer(next(), batch_of({{"clubs", {club("c1")}}}));
    finish();
    EXPECT_EQ(levels(two[0]), "c1=1");
    EXPECT_EQ(levels(two[1]), "c1=1");
}

TEST_F(graph_of_links_that_are_entities, leaves_out_links_that_lead_nowhere) {
    Person p = a_person("p1");
    start(p, with<&Person::clubs>());
    answer(next(), page_of({membership("p1", "c1", 1), membership("p1", "gone", 2), membership("p1", "c3", 3)}));
    answer(next(), batch_of({{"clubs", {club("c1"), club("c3")}}}));
    finish();
    EXPECT_EQ(levels(p), "c1=1 c3=3");
}

TEST_F(graph_of_links_that_are_entities, leaves_out_links_without_a_key_of_the_other_side) {
    Person p = a_person("p1");
    start(p, with<&Person::rooms>());
    auto const links = next();
    EXPECT_EQ(text_of(links), "visits index by_person: person_id = {\"S\":\"p1\"} filter is_hidden <> {\"BOOL\":true}");
    json::object const without{{"id", s("v1")}, {"person_id", s("p1")}};
    json::object const null{{"id", s("v2")}, {"person_id", s("p1")}, {"room", {{"NULL", true}}}};
    json::object const one{{"id", s("v3")}, {"person_id", s("p1")}, {"room", n(7)}, {"minutes", n(5)}};
    json::object const again{{"id", s("v4")}, {"person_id", s("p1")}, {"room", {{"N", "7.0"}}}, {"minutes", n(6)}};
    answer(links, page_of({without, null, one, again}));
    auto const behind = next();
    EXPECT_EQ(keys_in(behind), (key_set{"rooms 7"})) << "other spellings are the same key";
    answer(behind, batch_of({{"rooms", {{{"number", {{"N", "7"}}}}}}}));
    finish();
    ASSERT_EQ(p.rooms.size(), 2u) << "each link leads to its entity";
    EXPECT_EQ(p.rooms[0].number, 7);
    EXPECT_EQ(p.rooms.pivots()[0].minutes + p.rooms.pivots()[1].minutes, 11);
}

TEST_F(graph_of_links_that_are_entities, reads_links_of_an_index_that_lacks_attributes_by_their_keys) {
    Room r;
    r.number = 7;
    start(r, with<&Room::people>());
    auto const links = next();
    EXPECT_EQ(text_of(links), R"(visits index by_room: room = {"N":"7"})");
    answer(links, page_of({{{"id", s("v1")}, {"room", n(7)}, {"person_id", s("p1")}},
                           {{"id", s("v2")}, {"room", n(7)}, {"person_id", s("p2")}}}));
    auto const whole = next();
    EXPECT_EQ(keys_in(whole), (key_set{"visits v1", "visits v2"}));
    answer(whole,
           batch_of({{"visits",
                      {{{"id", s("v1")}, {"room", n(7)}, {"person_id", s("p1")}, {"minutes", n(3)}},
                       {{"id", s("v2")}, {"room", n(7)}, {"person_id", s("p2")}, {"is_hidden", {{"BOOL", true}}}}}}}));
    auto const behind = next();
    EXPECT_EQ(keys_in(behind), (key_set{"people p1"})) << "the other one is outside of the default scope";
    answer(behind, batch_of({{"people", {person("p1")}}}));
    finish();
    EXPECT_EQ(ids(r.people), "p1");
    EXPECT_EQ(r.people.pivots()[0].minutes, 3);
}

TEST_F(graph_of_links_that_are_entities, takes_the_words_about_the_scope_of_the_links) {
    Person p = a_person("p1");
    start(p, with<&Person::clubs>(through_trashed));
    EXPECT_EQ(text_of(next()), R"(memberships: person_id = {"S":"p1"})");
    restart();
    start(p, with<&Person::rooms>(without_default_scope));
    EXPECT_EQ(text_of(next()), R"(visits index by_person: person_id = {"S":"p1"})");
    restart();
    start(p, with<&Person::clubs>(with_trashed));
    EXPECT_EQ(text_of(next()), links_of_p1) << "which is about the clubs";
}

TEST_F(graph_of_links_that_are_entities, has_conditions_order_offset_and_limit_of_the_entities) {
    Person p = a_person("p1");
    start(p, with<&Person::clubs>(field<&Club::name> != "club c2", descending<&Club::name>, offset(1), limit(2),
                                  client_side));
    auto const links = next();
    EXPECT_FALSE(json::parse(links.body).as_object().contains("Limit"));
    answer(links, page_of({membership("p1", "c1", 1), membership("p1", "c2", 2), membership("p1", "c3", 3),
                           membership("p1", "c4", 4), membership("p1", "c5", 5)}));
    answer(next(), batch_of({{"clubs", {club("c1"), club("c2"), club("c3"), club("c4"), club("c5")}}}));
    finish();
    EXPECT_EQ(levels(p), "c4=4 c3=3");
}

TEST_F(graph_of_links_that_are_entities, keeps_what_is_loaded_and_reads_it_again_when_asked) {
    Person p = a_person("p1");
    start(p, with<&Person::clubs>());
    answer(next(), page_of({}));
    finish();
    EXPECT_TRUE(p.clubs.loaded());
    EXPECT_TRUE(p.clubs.empty());
    restart();
    start(p, with<&Person::clubs>());
    EXPECT_FALSE(has_next());
    restart();
    start(p, with<&Person::clubs>(reload));
    answer(next(), page_of({membership("p1", "c1", 4)}));
    answer(next(), batch_of({{"clubs", {club("c1")}}}));
    finish();
    EXPECT_EQ(levels(p), "c1=4");
    restart();
    start(p, with<&Person::clubs>(limit(0), reload));
    EXPECT_FALSE(has_next());
    finish();
    EXPECT_TRUE(p.clubs.empty());
}

TEST_F(graph_of_links_that_are_entities, reads_what_is_nested_below_the_entities) {
    Person p = a_person("p1");
    start(p, with<&Person::clubs>(with<&Club::events>()));
    answer(next(), page_of({membership("p1", "c1", 1)}));
    answer(next(), batch_of({{"clubs", {club("c1")}}}));
    answer(next(), page_of({{{"id", s("e1")}, {"club_id", s("c1")}}}));
    finish();
    EXPECT_EQ(ids(p.clubs[0].events), "e1");
}

TEST_F(graph_of_links_that_are_entities, counts_links_that_lead_to_an_entity) {
    Person p = a_person("p1");
    start(p, with_count<&Person::clubs>());
    answer(next(), page_of({membership("p1", "c1", 1), membership("p1", "gone", 2), membership("p1", "c3", 3)}));
    auto const behind = next();
    EXPECT_NE(behind.body.find("ProjectionExpression"), std::string::npos) << "only what it takes to count them";
    answer(behind, batch_of({{"clubs", {{{"id", s("c1")}}, {{"id", s("c3")}}}}}));
    finish();
    EXPECT_EQ(p.clubs.count(), 2u);
    EXPECT_FALSE(p.clubs.loaded());
}

TEST_F(graph_of_links_that_are_entities, is_a_step_on_the_way_to_others) {
    Person p = a_person("p1");
    start(p, with<&Person::events>());
    auto const links = next();
    EXPECT_EQ(text_of(links), links_of_p1);
    answer(links, page_of({membership("p1", "c2", 2), membership("p1", "c1", 1), membership("p1", "gone", 1)}));
    answer(next(), batch_of({{"clubs", {club("c1"), club("c2")}}}));
    auto const events = all();
    ASSERT_EQ(events.size(), 2u);
    for (auto const& each : events) {
        auto const id = text_of(each).find("c1") != std::string::npos ? "c1" : "c2";
        answer(each, page_of({{{"id", s(std::string("e-") + id)}, {"club_id", s(id)}}}));
    }
    finish();
    std::vector<std::string> found;
    for (auto const& event : p.events) found.push_back(event.id);
    std::sort(found.begin(), found.end());
    EXPECT_EQ(found, (std::vector<std::string>{"e-c1", "e-c2"}));
    restart();
    start(p, with<&Person::events>(through_trashed, reload));
    EXPECT_EQ(text_of(next()), R"(memberships: person_id = {"S":"p1"})");
}

TEST_F(graph_of_links_that_are_entities, has_keys_of_two_parts) {
    Device d;
    d.site = "north";
    d.number = 3;
    start(d, with<&Device::alarms>());
    auto const links = next();
    EXPECT_EQ(text_of(links), R"(raised index by_device: site = {"S":"north"} AND number = {"N":"3"})");
    answer(links, page_of({{{"id", s("x")}, {"site", s("north")}, {"number", n(3)}, {"code", n(9)}}}));
    auto const alarms = next();
    EXPECT_EQ(keys_in(alarms), (key_set{"alarms 9"}));
    answer(alarms, batch_of({{"alarms", {{{"code", n(9)}}}}}));
    finish();
    ASSERT_EQ(d.alarms.size(), 1u);
    EXPECT_EQ(d.alarms.pivots()[0].id, "x");
    restart();
    Alarm a;
    a.code = 9;
    start(a, with<&Alarm::devices>());
    auto const back = next();
    EXPECT_EQ(text_of(back), R"(raised index by_alarm: code = {"N":"9"})");
    answer(back, page_of({{{"id", s("x")}, {"site", s("north")}, {"number", n(3)}, {"code", n(9)}}}));
    answer(next(), batch_of({{"devices", {{{"site", s("north")}, {"number", n(3)}}}}}));
    finish();
    EXPECT_EQ(a.devices[0].number, 3);
}

TEST_F(graph_of_links_that_are_entities, leaves_links_out_that_cannot_be_read_when_asked_to) {
    Person p = a_person("p1");
    std::vector<bad_item> bad;
    options.bad_items = {true, &bad};
    start(p, with<&Person::clubs>());
    json::object broken = membership("p1", "c2", 2);
    broken["level"] = s("two");
    answer(next(), page_of({membership("p1", "c1", 1), broken}));
    answer(next(), batch_of({{"clubs", {club("c1")}}}));
    finish();
    EXPECT_EQ(levels(p), "c1=1");
    ASSERT_EQ(bad.size(), 1u);
}

TEST_F(graph_of_links_that_are_entities, says_which_link_cannot_be_read) {
    Person p = a_person("p1");
    start(p, with<&Person::clubs>());
    json::object broken = membership("p1", "c2", 2);
    broken["level"] = s("two");
    auto const links = next();
    auto const e = error_of([&] { answer(links, page_of({broken})); });
    EXPECT_EQ(e.code(), errc::attribute_type_mismatch);
    EXPECT_EQ(e.info().relation_path, "Person.clubs");
    EXPECT_EQ(e.info().entity, "Membership");
    EXPECT_EQ(e.info().table, "memberships");
}

TEST_F(graph_of_links_that_are_entities, explains_its_two_steps) {
    Person p = a_person("p1");
    start(p, with<&Person::clubs>(limit(2), oldest_first, client_side), with_count<&Person::rooms>());
    EXPECT_EQ(
        g().explain(false),
        "Person: given\n"
        "  clubs: Query memberships, filter left_at is absent or null, one for each parent; what the filter leaves "
        "out is read and charged for\n"
        "    then: BatchGetItem clubs, up to 100 keys a request, shared with all other keys, here closed_at is "
        "absent or null, oldest first (here), limit 2 (here)\n"
        "  count of rooms: Query visits index by_person, filter is_hidden <> true, one for each parent; what the "
        "filter leaves out is read and charged for\n"
        "    then: BatchGetItem rooms, up to 100 keys a request, shared with all other keys; only what it takes to "
        "count them is asked for\n");
}

} // namespace
} // namespace dynasio::pivot_entities_load_tests
