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

enum class Status { draft, live, other };
constexpr auto dynasio_names(dynasio::tag<Status>) {
    return enum_names<Status>({{Status::draft, "draft"}, {Status::live, "live"}}).otherwise(Status::other);
}
enum class Region { north, south };
constexpr auto dynasio_names(dynasio::tag<Region>) {
    return enum_names<Region>({{Region::north, "n"}, {Region::south, "s"}});
}

struct Shop {
    Region id{};
    std::string name{};
    dynasio::has_many<struct Order> orders{};
};
struct Order {
    Region region{};
    std::string id{};
    std::optional<Status> status{};
    Region ship_to{};
    std::string note{};
    dynasio::belongs_to<Shop> shop{};
};
constexpr auto dynasio_schema(dynasio::tag<Shop>) {
    return entity<Shop>(partition_key<&Shop::id>, relate<&Shop::orders>(by<&Order::region>));
}
constexpr auto dynasio_schema(dynasio::tag<Order>) {
    return entity<Order>(partition_key<&Order::region>, sort_key<&Order::id>, gsi<&Order::status>{"by_status"},
                         relate<&Order::shop>(by<&Order::ship_to>));
}

} // namespace typed

namespace dynasio {
namespace {

using namespace dynasio::dsl;
using typed::Address;
using typed::Order;
using typed::Place;
using typed::Region;
using typed::Resident;
using typed::Shop;
using typed::Status;

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

TEST_P(member_types, enumerations_are_keys_of_tables_indexes_and_relations) {
    create_tables<Shop, Order>();
    repository<Shop> shops{db};
    repository<Order> orders{db};
    Shop north, south;
    south.id = Region::south;
    south.name = "S";
    run(shops.create(north));
    run(shops.create(south));
    for (int i = 0; i != 3; ++i) {
        Order one;
        one.id = std::to_string(i);
        one.status = i == 0 ? std::nullopt : std::optional(i == 1 ? Status::live : Status::draft);
        one.ship_to = Region::south;
        run(orders.create(one));
    }
    auto const read = run(orders.get(key(Region::north, "1"), with<&Order::shop>()));
    EXPECT_EQ(read.status, Status::live);
    EXPECT_EQ(read.shop->name, "S");
    EXPECT_EQ(ids(run(orders.where(field<&Order::status> == Status::draft).all())), "2");
    EXPECT_EQ(ids(run(orders.where(field<&Order::region> == Region::north).all())), "0 1 2");
    EXPECT_EQ(run(orders.scan().where(field<&Order::status>.in(Status::draft, Status::live)).count()), 2U);
    auto const all = run(shops.find_many({Region::south, Region::north}, with<&Shop::orders>()));
    EXPECT_EQ(all[0]->name, "S");
    EXPECT_EQ(all[1]->orders.size(), 3U);
    auto const changed = run(orders.update(key(Region::north, "0"), set_to<&Order::status>(Status::live)));
    EXPECT_EQ(changed.status, Status::live);
}

TEST_P(member_types, a_text_that_an_enumeration_does_not_know_stays_until_it_is_replaced) {
    create_tables<Order>();
    run(direct.put_item(dynamodb::put_item_request(
        prefix + "orders", {{"region", "n"}, {"id", "1"}, {"status", "archived"}, {"ship_to", "s"}})));
    auto const status = [&] {
        auto const answer =
            run(direct.get_item(dynamodb::get_item_request(prefix + "orders", {{"region", "n"}, {"id", "1"}})));
        return answer.item->at("status").as_string();
    };
    repository<Order> orders{db};
    auto order = run(orders.get(key(Region::north, "1")));
    EXPECT_EQ(order.status, Status::other);
    auto const refused = failure_of(orders.save(order));
    EXPECT_EQ(refused.code, errc::invalid_argument);
    EXPECT_EQ(refused.info->attribute, "status");

    repository<tracked<Order>> changes{db};
    auto followed = run(changes.get(key(Region::north, "1")));
    followed->note = "seen";
    run(changes.save(followed));
    EXPECT_EQ(status(), "archived");
    followed->status = Status::live;
    run(changes.save(followed));
    EXPECT_EQ(status(), "live");

    run(direct.put_item(
        dynamodb::put_item_request(prefix + "orders", {{"region", "n"}, {"id", "2"}, {"ship_to", "east"}})));
    auto const unread = failure_of(orders.get(key(Region::north, "2")));
    EXPECT_EQ(unread.code, errc::attribute_type_mismatch);
    EXPECT_EQ(unread.info->attribute, "ship_to");
    EXPECT_NE(unread.info->message.find(R"("east" is no Region, which knows "n", "s")"), std::string::npos);
}

} // namespace
} // namespace dynasio
