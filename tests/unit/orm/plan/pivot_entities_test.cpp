// What a program can ask about relations whose links are entities, and the tables that they need.

#include <dynasio/orm/er_diagram.hpp>
#include <dynasio/orm/relation_summary.hpp>
#include <dynasio/orm/schema_export.hpp>

#include <dynasio/core/error.hpp>

#include <boost/json.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <orm/run/model_check.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "../pivot_entities_model.hpp"
#include "support/error_of.hpp"

namespace crossed_links {

using namespace dynasio::dsl;

/// An entity whose table has the name of that of the guards, and another key.
struct Pivot {
    std::string id{};
};
constexpr auto dynasio_schema(tag<Pivot>) { return entity<Pivot>(partition_key<&Pivot::id>); }

} // namespace crossed_links

namespace dynasio::pivot_entities_plan_tests {
namespace {

namespace json = boost::json;
using club_links::Alarm;
using club_links::Club;
using club_links::Device;
using club_links::Event;
using club_links::Membership;
using club_links::Person;
using club_links::Raised;
using club_links::Room;
using club_links::Visit;

std::string summary(std::vector<relation_summary> const& all, std::string_view member) {
    for (auto const& each : all)
        if (each.member == member) return to_string(each);
    return {};
}

TEST(relations_with_links_that_are_entities, are_told_with_both_keys_and_what_they_read) {
    auto const of_person = describe_relations<Person>();
    EXPECT_EQ(summary(of_person, "clubs"), "Person.clubs: belongs_to_many Club by person_id, club_id of Membership, "
                                           "reads memberships, clubs, inverse Club.people");
    EXPECT_EQ(summary(describe_relations<Club>(), "people"),
              "Club.people: belongs_to_many Person by club_id, person_id of Membership, "
              "reads memberships index by_club, people, inverse Person.clubs");
    EXPECT_EQ(summary(of_person, "events"),
              "Person.events: has_many_through Event through Person.clubs, Club.events, reads memberships, clubs, "
              "events index by_club");
    EXPECT_EQ(of_person.front().pivot_entity, "Membership");
    EXPECT_EQ(of_person.front().pivot_table, "memberships");
}

TEST(relations_with_links_that_are_entities, are_lines_to_the_entity_of_the_links) {
    auto const text = to_mermaid<Person, Club, Membership>();
    EXPECT_NE(text.find("    \"Person\" |o--o{ \"Membership\" : \"clubs / memberships\"\n"), std::string::npos) << text;
    EXPECT_NE(text.find("    \"Club\" |o--o{ \"Membership\" : \"people\"\n"), std::string::npos) << text;
    EXPECT_NE(text.find("        string person_id PK, FK\n"), std::string::npos) << text;
    EXPECT_NE(text.find("        string club_id PK, FK \"sort key, index by_club\"\n"), std::string::npos) << text;
    EXPECT_NE((to_mermaid<Device, Raised>()).find("    \"Alarm\" |o--o{ \"Raised\" : \"alarms\"\n"), std::string::npos)
        << "a side that is not declared there has the name of the other one";
}

TEST(relations_with_links_that_are_entities, are_exported_with_the_name_of_the_entity) {
    auto const whole = json::parse(schema_as_json<Person, Club, Membership>());
    auto const& clubs = whole.at("entities").as_array()[0].at("relations").as_array()[0].as_object();
    EXPECT_EQ(clubs.at("kind").as_string(), "belongs_to_many");
    EXPECT_EQ(clubs.at("pivot_entity").as_string(), "Membership");
    EXPECT_EQ(clubs.at("pivot_table").as_string(), "memberships");
    EXPECT_FALSE(clubs.contains("pivot_key"));
    EXPECT_FALSE(clubs.contains("link_key"));
    std::vector<std::string> tables;
    for (auto const& table : whole.at("tables").as_array())
        tables.emplace_back(table.at("create").at("TableName").as_string());
    std::sort(tables.begin(), tables.end());
    EXPECT_EQ(tables, (std::vector<std::string>{"clubs", "memberships", "people", "pivots"}));
}

TEST(relations_with_links_that_are_entities, need_no_table_of_guards_when_they_are_only_read) {
    auto const whole = json::parse(schema_as_json<Device, Alarm, Raised>());
    EXPECT_EQ(whole.at("tables").as_array().size(), 3u);
}

TEST(relations_with_links_that_are_entities, keep_their_guards_apart_from_entities) {
    auto const e = test::error_of(
        [] { detail::check_model({&entity_type_of<Person>(), &entity_type_of<crossed_links::Pivot>()}); });
    EXPECT_EQ(e.code(), errc::invalid_argument);
    EXPECT_NE(e.info().message.find("the guards of the links of Person.clubs"), std::string::npos) << e.info().message;
    EXPECT_NO_THROW(detail::check_model({&entity_type_of<Device>(), &entity_type_of<crossed_links::Pivot>()}));
}

} // namespace
} // namespace dynasio::pivot_entities_plan_tests
