#include <dynasio/orm/field.hpp>
#include <dynasio/orm/json.hpp>
#include <dynasio/orm/tracked.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "support/error_of.hpp"

// Structs that are described by value<T>(…) and stored inside of entities.
namespace valued {

struct Place {
    double latitude{}, longitude{};

    friend bool operator==(Place const&, Place const&) = default;
};
constexpr auto dynasio_schema(dynasio::tag<Place>) {
    using namespace dynasio::dsl;
    return value<Place>(attribute<&Place::latitude>{"lat"}, attribute<&Place::longitude>{"lon"});
}

struct Address {
    std::string city{"Bonn"};
    std::string postalCode{};
    std::optional<int> floor{};
    std::set<std::string> tags{};
    std::optional<Place> place{};
    int hash{7};

    friend bool operator==(Address const&, Address const&) = default;
};
constexpr auto dynasio_schema(dynasio::tag<Address>) {
    using namespace dynasio::dsl;
    return value<Address>(attribute<&Address::floor>{"storey"}, transient<&Address::hash>);
}

/// A value may hold values of its own type.
struct Folder {
    std::string name{};
    std::vector<Folder> folders{};

    friend bool operator==(Folder const&, Folder const&) = default;
};
constexpr auto dynasio_schema(dynasio::tag<Folder>) { return dynasio::value<Folder>(); }

/// A value whose member cannot store everything.
struct Reading {
    float level{};
    std::int8_t small{};
    std::vector<Place> places{};
};
constexpr auto dynasio_schema(dynasio::tag<Reading>) { return dynasio::value<Reading>(); }

struct Twice {
    std::string oneName{}, one_name{};
};
constexpr auto dynasio_schema(dynasio::tag<Twice>) { return dynasio::value<Twice>(); }

struct Person {
    std::string id{};
    Address address{};
    std::optional<Address> second{};
    std::vector<Address> former{};
    std::map<std::string, Address> others{};
    std::vector<std::map<std::string, Reading>> readings{};
    Folder root{};
};
constexpr auto dynasio_schema(dynasio::tag<Person>) {
    using namespace dynasio::dsl;
    return entity<Person>(partition_key<&Person::id>, attribute<&Person::second>{"other"});
}

} // namespace valued

namespace {

using dynasio::codec;
using dynasio::entity_type_of;
using dynasio::errc;
using dynasio::field;
using dynasio::dynamodb::json_reader;
using dynasio::test::error_of;
using valued::Address;
using valued::Folder;
using valued::Person;
using valued::Place;
using valued::Reading;

template <class T> std::string encoded(T const& value) {
    std::string out;
    codec<T>::encode(out, value);
    return out;
}
template <class T> T decoded(std::string const& text, T value = {}) {
    json_reader in{std::string_view(text)};
    codec<T>::decode(in, value);
    in.finish();
    return value;
}
Person person_of(std::string const& item) {
    json_reader in{std::string_view(item)};
    Person read;
    entity_type_of<Person>().decode(in, &read);
    in.finish();
    return read;
}
/// The attribute that the error of reading a person names.
std::string attribute_refused(std::string const& members, errc code) {
    auto const refused = error_of([&] { (void)person_of(R"({"id":{"S":"p"},)" + members + '}'); });
    EXPECT_EQ(refused.code(), code) << members;
    EXPECT_EQ(refused.info().entity, "Person") << members;
    return refused.info().attribute;
}

TEST(value_of_a_struct, is_a_map_with_the_names_that_entities_use) {
    Address address;
    address.postalCode = "53111";
    EXPECT_EQ(encoded(address), R"({"M":{"city":{"S":"Bonn"},"postal_code":{"S":"53111"}}})")
        << "what is absent, and what is transient, is left out";
    address.floor = 3;
    address.tags = {"a", "b"};
    address.place = Place{50.5, 7};
    EXPECT_EQ(encoded(address), R"({"M":{"city":{"S":"Bonn"},"postal_code":{"S":"53111"},"storey":{"N":"3"},)"
                                R"("tags":{"SS":["a","b"]},"place":{"M":{"lat":{"N":"50.5"},"lon":{"N":"7"}}}}})");
    EXPECT_EQ(decoded<Address>(encoded(address)), address);
}

TEST(value_of_a_struct, lies_in_itself_to_any_depth) {
    Folder const root{"/", {{"a", {{"b", {}}, {"c", {}}}}, {"d", {}}}};
    EXPECT_EQ(decoded<Folder>(encoded(root)), root);
    EXPECT_EQ(encoded(Folder{"x", {}}), R"({"M":{"name":{"S":"x"},"folders":{"L":[]}}})");
}

TEST(value_of_a_struct, leaves_members_without_an_attribute_at_their_defaults) {
    EXPECT_EQ(decoded<Address>(R"({"M":{}})"), Address());
    EXPECT_EQ(decoded<Address>(R"({"M":{"postal_code":{"S":"1"},"unknown":{"L":[{"N":"1"}]}}})").city, "Bonn");
    Address before;
    before.city = "Köln";
    before.floor = 1;
    EXPECT_EQ(decoded<Address>(R"({"M":{}})", before), Address()) << "nothing stays of what was there before";
}

TEST(value_of_a_struct, takes_null_in_a_plain_member_for_absent) {
    auto const read = decoded<Address>(R"({"M":{"city":{"NULL":true},"storey":{"NULL":true},"place":{"NULL":true}}})");
    EXPECT_EQ(read, Address());
    EXPECT_EQ(person_of(R"({"id":{"S":"p"},"address":{"NULL":true},"other":{"NULL":true}})").address, Address());
}

TEST(value_of_a_struct, is_read_in_every_spelling) {
    Address expected;
    expected.city = "A\"B";
    expected.postalCode = "1";
    EXPECT_EQ(
        decoded<Address>(" { \"M\" : { \"postal\\u005fcode\" : { \"S\" : \"1\" } ,\n \"city\":{\"S\":\"A\\\"B\"} } } "),
        expected);
}

TEST(value_of_a_struct, lies_in_optionals_lists_and_maps) {
    Person person;
    person.id = "p";
    person.second = Address{};
    person.second->city = "Ulm";
    person.former = {Address{}, *person.second};
    person.others["home"].floor = 2;
    person.readings = {{{"a", Reading{0.5F, 1, {Place{1, 2}}}}}};
    std::string item = "{";
    entity_type_of<Person>().encode_members(item, &person, {});
    item += '}';
    auto const read = person_of(item);
    EXPECT_EQ(read.address, person.address);
    EXPECT_EQ(read.second, person.second);
    EXPECT_EQ(read.former, person.former);
    EXPECT_EQ(read.others, person.others);
    ASSERT_EQ(read.readings.size(), 1U);
    EXPECT_EQ(read.readings[0].at("a").places, person.readings[0].at("a").places);
    EXPECT_EQ(person_of(R"({"id":{"S":"p"}})").second, std::nullopt);
}

TEST(error_inside_of_a_value, names_entity_attribute_and_path) {
    constexpr auto type = errc::attribute_type_mismatch;
    EXPECT_EQ(attribute_refused(R"("address":{"S":"Bonn"})", type), "address");
    EXPECT_EQ(attribute_refused(R"("address":{"M":{"city":{"N":"1"}}})", type), "address.city");
    EXPECT_EQ(attribute_refused(R"("other":{"M":{"storey":{"S":"x"}}})", type), "other.storey") << "stored names";
    EXPECT_EQ(attribute_refused(R"("address":{"M":{"place":{"M":{"lat":{"S":"x"}}}}})", type), "address.place.lat");
    EXPECT_EQ(attribute_refused(R"("former":{"L":[{"M":{}},{"M":{"city":{"N":"1"}}}]})", type), "former[1].city");
    EXPECT_EQ(attribute_refused(R"("former":{"L":[{"M":{}},{"NULL":true}]})", type), "former[1]");
    EXPECT_EQ(attribute_refused(R"("others":{"M":{"home":{"M":{"city":{"N":"1"}}}}})", type), "others.home.city");
    EXPECT_EQ(
        attribute_refused(R"("readings":{"L":[{"M":{"a":{"M":{"small":{"N":"300"}}}}}]})", errc::number_out_of_range),
        "readings[0].a.small");
    EXPECT_EQ(attribute_refused(R"("address":{"M":{"city":{"S":"a"},"city":{"S":"b"}}})", errc::malformed_response),
              "address.city")
        << "twice";
}

TEST(error_inside_of_a_value, is_met_before_anything_is_sent) {
    Person person;
    person.id = "p";
    person.readings = {{}, {{"a", Reading{}}}};
    person.readings[1]["a"].level = std::numeric_limits<float>::infinity();
    std::string item;
    auto const refused = error_of([&] { entity_type_of<Person>().encode_members(item, &person, {}); });
    EXPECT_EQ(refused.code(), errc::invalid_argument);
    EXPECT_EQ(refused.info().entity, "Person");
    EXPECT_EQ(refused.info().attribute, "readings[1].a.level");
}

TEST(value_of_a_struct, refuses_two_members_of_one_stored_name) {
    auto const refused = error_of([] { (void)encoded(valued::Twice{}); });
    EXPECT_EQ(refused.code(), errc::invalid_argument);
    EXPECT_EQ(refused.info().entity, "Twice");
}

TEST(condition_on_a_member_of_a_value, uses_the_stored_name) {
    auto const place = (field<&Person::address>.at<&Address::place>().at<&Place::latitude>() > 50.0).condition();
    EXPECT_EQ(to_string(place.path()), "address.place.lat");
    EXPECT_EQ(place.operands(), (std::vector<std::string>{R"({"N":"50"})"}));
    auto const former = (field<&Person::former>.at(1).at<&Address::floor>() == 3).condition();
    EXPECT_EQ(to_string(former.path()), "former[1].storey");
    auto const other = field<&Person::others>.at("home").at<&Address::postalCode>().begins_with("53").condition();
    EXPECT_EQ(to_string(other.path()), "others.home.postal_code");
    auto const second = (field<&Person::second>.at<&Address::tags>().size() > 1).condition();
    EXPECT_EQ(to_string(second.path()), "other.tags");
    EXPECT_EQ((field<&Person::address> == Address()).condition().operands(),
              (std::vector<std::string>{R"({"M":{"city":{"S":"Bonn"},"postal_code":{"S":""}}})"}));
}

TEST(json_of_a_value, is_an_object_inside_of_the_entity) {
    Person person;
    person.id = "p";
    person.address.floor = 3;
    person.former = {Address{}};
    auto const json = dynasio::to_json(person);
    EXPECT_EQ(json, R"({"id":"p","address":{"city":"Bonn","postal_code":"","storey":3},)"
                    R"("former":[{"city":"Bonn","postal_code":""}],"others":{},"readings":[],)"
                    R"("root":{"name":"","folders":[]}})");
    auto const read = dynasio::from_json<Person>(json);
    EXPECT_EQ(read.address, person.address);
    EXPECT_EQ(read.former, person.former);
    EXPECT_EQ(dynasio::from_json<Person>(R"({"address":{"city":null}})").address.city, "Bonn");
    EXPECT_EQ(error_of([] { (void)dynasio::from_json<Person>(R"({"address":{"city":7}})"); }).info().attribute,
              "address.city");
}

TEST(tracked_value, changes_as_one_attribute) {
    auto person = dynasio::track(Person{});
    EXPECT_FALSE(person.has_changes());
    person->address.city = "Ulm";
    EXPECT_EQ(person.dirty_members(), std::vector<std::string>{"address"});
    EXPECT_EQ(person.changes().at(0).after, R"({"M":{"city":{"S":"Ulm"},"postal_code":{"S":""}}})");
    person->address.city = "Bonn";
    person->address.hash = 8; // transient
    EXPECT_FALSE(person.has_changes());
}

} // namespace
