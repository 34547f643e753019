#include <dynasio/orm/tracked.hpp>

#include <dynasio/dynamodb/requests.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "integration/database_test.hpp"

// Members that need no codec of the program's own, against both servers.
namespace typed {

using namespace dynasio::dsl;

struct Place {
    double latitude{}, longitude{};

    friend bool operator==(Place const&, Place const&) = default;
};
constexpr auto dynasio_schema(dynasio::tag<Place>) { return value<Place>(attribute<&Place::latitude>{"lat"}); }

struct Address {
    std::string city{};
    std::string postalCode{};
    std::optional<int> floor{};
    std::optional<Place> place{};

    friend bool operator==(Address const&, Address const&) = default;
};
constexpr auto dynasio_schema(dynasio::tag<Address>) { return value<Address>(attribute<&Address::floor>{"storey"}); }

struct Resident {
    std::string id{};
    Address address{};
    std::optional<Address> second{};
    std::vector<Address> former{};
    std::map<std::string, Address> others{};
};
constexpr auto dynasio_schema(dynasio::tag<Resident>) { return entity<Resident>(partition_key<&Resident::id>); }

} // namespace typed

namespace dynasio {
namespace {

using namespace dynasio::dsl;
using typed::Address;
using typed::Place;
using typed::Resident;

class member_types : public test::database_test, public ::testing::WithParamInterface<char const*> {
protected:
    member_types() : database_test(GetParam()) {}
};
INSTANTIATE_TEST_SUITE_P(server, member_types, ::testing::Values("DYNAMODB_ENDPOINT", "DYNASIO_DYNALITE_ENDPOINT"),
                         [](auto const& one) { return one.index == 0 ? "first" : "second"; });

TEST_P(member_types, values_come_back_as_they_were) {
    create_tables<Resident>();
    repository<Resident> residents{db};
    Resident ann;
    ann.id = "ann";
    ann.address = {"Bonn", "53111", 3, Place{50.73, 7.1}};
    ann.former = {{"Ulm", "89073", std::nullopt, std::nullopt}, {}};
    ann.others["work"].city = "Köln";
    run(residents.create(ann));

    auto read = run(residents.get("ann"));
    EXPECT_EQ(read.address, ann.address);
    EXPECT_EQ(read.second, std::nullopt);
    EXPECT_EQ(read.former, ann.former);
    EXPECT_EQ(read.others, ann.others);

    read.second = read.address;
    read.address.floor.reset();
    run(residents.save(read));
    auto const again = run(residents.get("ann"));
    EXPECT_EQ(again.second, ann.address);
    EXPECT_EQ(again.address.floor, std::nullopt);
    auto const item = stored("residents", "ann");
    auto const& map = item.at("address").as_map();
    EXPECT_EQ(map.count("storey"), 0U) << "what is absent is no attribute of the map";
    EXPECT_EQ(map.at("place").as_map().count("lat"), 1U);
}

TEST_P(member_types, values_are_read_from_the_maps_of_other_programs) {
    create_tables<Resident>();
    run(direct.put_item(dynamodb::put_item_request(
        prefix + "residents",
        {{"id", "bob"},
         {"address", dynamodb::item{{"city", "Bonn"}, {"storey", dynamodb::null_value()}, {"colour", "red"}}},
         {"second", dynamodb::null_value()}})));
    repository<Resident> residents{db};
    auto const bob = run(residents.get("bob"));
    EXPECT_EQ(bob.address, (Address{"Bonn", "", std::nullopt, std::nullopt}));
    EXPECT_EQ(bob.second, std::nullopt);

    run(direct.put_item(dynamodb::put_item_request(
        prefix + "residents", {{"id", "eve"}, {"former", dynamodb::list{dynamodb::item{{"city", 7}}}}})));
    auto const refused = failure_of(residents.get("eve"));
    EXPECT_EQ(refused.code, errc::attribute_type_mismatch);
    EXPECT_EQ(refused.info->entity, "Resident");
    EXPECT_EQ(refused.info->attribute, "former[0].city");
}

TEST_P(member_types, values_are_looked_into_by_conditions) {
    create_tables<Resident>();
    repository<Resident> residents{db};
    for (int i = 0; i != 4; ++i) {
        Resident one;
        one.id = "r" + std::to_string(i);
        one.address.city = i < 2 ? "Bonn" : "Ulm";
        one.address.postalCode = std::to_string(i);
        one.address.floor = i;
        one.former.push_back(one.address);
        run(residents.create(one));
    }
    auto const city = field<&Resident::address>.at<&Address::city>();
    auto const floor = field<&Resident::address>.at<&Address::floor>();
    EXPECT_EQ(run(residents.scan().where(city == "Bonn").count()), 2U);
    EXPECT_EQ(ids(run(residents.scan().where(city == "Bonn" && floor > 0).all())), "r1");
    auto const code = field<&Resident::former>.at(0).at<&Address::postalCode>();
    EXPECT_EQ(ids(run(residents.scan().where(code == "3").all())), "r3");
    EXPECT_EQ(run(residents.scan().where(field<&Resident::second>.at<&Address::city>().not_exists()).count()), 4U);
    Resident one = run(residents.get("r2"));
    if (GetParam() == std::string("DYNAMODB_ENDPOINT")) { // The second server does not compare maps.
        EXPECT_EQ(ids(run(residents.scan().where(field<&Resident::address> == one.address).all())), "r2");
    }
    run(residents.save(one, only_if(floor == 2)));
    EXPECT_EQ(failure_of(residents.save(one, only_if(floor == 3))).code, errc::condition_failed);
    auto const moved = run(residents.update("r2", set_to<&Resident::address>(Address{"Jena", "", {}, {}}),
                                            push_back<&Resident::former>(one.address)));
    EXPECT_EQ(moved.address.city, "Jena");
    EXPECT_EQ(moved.former.size(), 2U);
}

TEST_P(member_types, a_value_that_has_changed_is_saved_as_a_whole) {
    create_tables<Resident>();
    repository<tracked<Resident>> residents{db};
    tracked<Resident> ann;
    ann->id = "ann";
    ann->address.city = "Bonn";
    run(residents.save(ann));
    auto read = run(residents.get("ann"));
    read->address.floor = 2;
    EXPECT_EQ(read.dirty_members(), std::vector<std::string>{"address"});
    run(residents.save(read));
    EXPECT_EQ(run(residents.get("ann"))->address, read->address);
}

} // namespace
} // namespace dynasio
