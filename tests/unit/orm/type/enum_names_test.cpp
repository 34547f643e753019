#include <dynasio/orm/field.hpp>
#include <dynasio/orm/json.hpp>
#include <dynasio/orm/key.hpp>
#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/tracked.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "support/error_of.hpp"
#include "through_codec.hpp"

// Enumerations with dynasio_names().
namespace named {

enum class Status : unsigned char { draft, live, gone = 200 };
constexpr auto dynasio_names(dynasio::tag<Status>) {
    return dynasio::enum_names<Status>({{Status::draft, "draft"}, {Status::live, "live"}});
}
enum class Colour { red, blue, other };
constexpr auto dynasio_names(dynasio::tag<Colour>) {
    using namespace dynasio::dsl;
    return enum_names<Colour>({{Colour::red, "red"}, {Colour::blue, "blue"}}).otherwise(Colour::other);
}

struct Car {
    Status status{};
    std::string id{};
    Colour colour{};
    std::optional<Colour> inside{};
    std::set<Colour> extras{};
};
constexpr auto dynasio_schema(dynasio::tag<Car>) {
    using namespace dynasio::dsl;
    return entity<Car>(partition_key<&Car::status>, sort_key<&Car::id>, gsi<&Car::inside>{"by_inside"});
}
struct Paint {
    Colour colour{};
};
constexpr auto dynasio_schema(dynasio::tag<Paint>) {
    return dynasio::entity<Paint>(dynasio::partition_key<&Paint::colour>);
}

// Where an enumerator can be inside of a member.
struct Panel {
    Colour colour{};
    std::string finish{};
    std::vector<Panel> parts{};
};
constexpr auto dynasio_schema(dynasio::tag<Panel>) { return dynasio::value<Panel>(); }
struct Bolt {
    Colour colour{};
};
constexpr auto dynasio_schema(dynasio::tag<Bolt>) { return dynasio::value<Bolt>(); }
using Part = std::variant<std::monostate, Panel, Bolt>;
constexpr auto dynasio_names(dynasio::tag<Part>) {
    using namespace dynasio::dsl;
    return variant_names<Part>("kind", alternative<Panel>{"panel"}, alternative<Bolt>{"bolt"});
}
struct Truck {
    std::string id{};
    Panel door{};
    std::optional<Panel> roof{};
    std::vector<Colour> stripes{};
    std::vector<Panel> sides{};
    std::map<std::string, Colour> lamps{};
    std::set<Colour> extras{};
    std::variant<int, Colour> code{};
    Part part{};
    std::string note{};

    Colour trim() const { return door.colour; }
};
constexpr auto dynasio_schema(dynasio::tag<Truck>) {
    using namespace dynasio::dsl;
    return entity<Truck>(partition_key<&Truck::id>, computed<&Truck::trim>, normalize<&Truck::stripes>([](auto&) {}));
}

} // namespace named

namespace {

using dynasio::codec;
using dynasio::entity_type_of;
using dynasio::errc;
using dynasio::field;
using dynasio::dynamodb::json_reader;
using dynasio::test::error_of;
using named::Car;
using named::Colour;
using named::Paint;
using named::Status;
using named::Truck;

using dynasio::test::decoded;
using dynasio::test::encoded;
template <class T> T entity_of(std::string const& item) {
    json_reader in{std::string_view(item)};
    T read;
    entity_type_of<T>().decode(in, &read);
    in.finish();
    return read;
}

TEST(enum_names, are_what_is_stored) {
    EXPECT_EQ(encoded(Status::live), R"({"S":"live"})");
    EXPECT_EQ(decoded<Status>(R"({"S":"live"})"), Status::live);
    EXPECT_EQ(decoded<Status>(R"( {"S" : "l\u0069ve"})"), Status::live);
    std::set<Colour> const both{Colour::red, Colour::blue};
    EXPECT_EQ(encoded(both), R"({"SS":["red","blue"]})");
    EXPECT_EQ(decoded<std::set<Colour>>(encoded(both)), both);
    EXPECT_EQ(encoded(std::optional(Colour::red)), R"({"S":"red"})");
}

TEST(enum_names, refuse_a_text_that_none_of_them_is) {
    auto const refused = error_of([] { (void)decoded<Status>(R"({"S":"archived"})"); });
    EXPECT_EQ(refused.code(), errc::attribute_type_mismatch);
    EXPECT_EQ(refused.info().message,
              "the stored text \"archived\" is no Status, which knows \"draft\", \"live\"; add it "
              "to dynasio_names(), or name an enumerator for such texts with otherwise()");
    EXPECT_EQ(error_of([] { (void)decoded<Status>(R"({"N":"1"})"); }).code(), errc::attribute_type_mismatch);
    auto const about = error_of([] { (void)entity_of<Car>(R"({"status":{"S":"x"},"id":{"S":"1"}})"); });
    EXPECT_EQ(about.info().attribute, "status");
}

TEST(enum_names, refuse_an_enumerator_that_has_none) {
    auto const refused = error_of([] { (void)encoded(Status::gone); });
    EXPECT_EQ(refused.code(), errc::invalid_argument);
    EXPECT_EQ(refused.info().message,
              "the enumerator 200 of Status has no name to be stored as; add it to dynasio_names()");
}

TEST(enum_names, are_keys_and_operands) {
    EXPECT_EQ(dynasio::key_of<Car>(dynasio::key(Status::live, "1")).json(),
              R"({"status":{"S":"live"},"id":{"S":"1"}})");
    auto const is = (field<&Car::inside> == Colour::blue).condition();
    EXPECT_EQ(is.operands(), std::vector<std::string>{R"({"S":"blue"})"});
    EXPECT_EQ(field<&Car::colour>.in(Colour::red, Colour::blue).condition().operands().size(), 2U);
    EXPECT_EQ(field<&Car::colour>.begins_with("bl").condition().operands(), std::vector<std::string>{R"({"S":"bl"})"});
    EXPECT_EQ(error_of([] { (void)(field<&Car::colour> == Colour::other); }).info().attribute, "colour");
}

TEST(enum_names, are_texts_in_json) {
    Car car;
    car.id = "1";
    EXPECT_EQ(dynasio::to_json(car), R"({"status":"draft","id":"1","colour":"red"})");
    EXPECT_EQ(dynasio::from_json<Car>(R"({"colour":"blue"})").colour, Colour::blue);
}

TEST(enumerator_for_unknown_texts, is_read_and_never_written) {
    EXPECT_EQ(decoded<Colour>(R"({"S":"mauve"})"), Colour::other);
    auto const refused = error_of([] { (void)encoded(Colour::other); });
    EXPECT_EQ(refused.code(), errc::invalid_argument);
    EXPECT_NE(refused.info().message.find("stands for unknown texts"), std::string::npos);
}

TEST(enumerator_for_unknown_texts, is_no_key) {
    EXPECT_EQ(entity_of<Paint>(R"({"colour":{"S":"red"}})").colour, Colour::red);
    auto const refused = error_of([] { (void)entity_of<Paint>(R"({"colour":{"S":"mauve"}})"); });
    EXPECT_EQ(refused.code(), errc::key_not_kept);
    EXPECT_EQ(refused.info().attribute, "colour");
}

TEST(enumerator_for_unknown_texts, is_no_change_while_it_stays) {
    auto car = dynasio::track(
        entity_of<Car>(R"({"status":{"S":"live"},"id":{"S":"1"},"colour":{"S":"mauve"},"inside":{"S":"pink"}})"));
    EXPECT_FALSE(car.has_changes());
    car->colour = Colour::red;
    EXPECT_EQ(car.dirty_members(), std::vector<std::string>{"colour"});
    EXPECT_EQ(car.changes().at(0).before, "unknown");
    car->inside.reset();
    EXPECT_EQ(car.dirty_members(), (std::vector<std::string>{"colour", "inside"}));
    car.revert();
    EXPECT_FALSE(car.has_changes());
}

constexpr auto mauve_truck = R"({"id":{"S":"1"},
    "door":{"M":{"colour":{"S":"mauve"},"finish":{"S":"matt"}}},
    "roof":{"M":{"parts":{"L":[{"M":{"colour":{"S":"mauve"}}}]}}},
    "stripes":{"L":[{"S":"red"},{"S":"mauve"}]},
    "sides":{"L":[{"M":{"colour":{"S":"mauve"}}}]},
    "lamps":{"M":{"left":{"S":"mauve"}}},
    "extras":{"SS":["mauve","red"]},
    "code":{"S":"mauve"},
    "part":{"M":{"kind":{"S":"bolt"},"colour":{"S":"mauve"}}}})";
using members = std::vector<std::string>;

TEST(enumerator_for_unknown_texts, is_no_change_at_any_depth) {
    auto truck = dynasio::track(entity_of<Truck>(mauve_truck));
    EXPECT_FALSE(truck.has_changes());
    EXPECT_FALSE(truck.is_dirty<&Truck::trim>());
    truck->note = "x";
    EXPECT_EQ(truck.dirty_members(), members{"note"});
    truck->door.finish = "shiny";
    truck->lamps["right"] = Colour::blue;
    truck->extras.insert(Colour::blue);
    truck->code = Colour::red;
    EXPECT_EQ(truck.dirty_members(), (members{"door", "lamps", "extras", "code", "note"}));
    EXPECT_EQ(truck.changes().at(0).before, R"({"M":{"colour":unknown,"finish":{"S":"matt"},"parts":{"L":[]}}})");
    EXPECT_EQ(truck.changes().at(2).after, R"({"SS":["red","blue",unknown]})");
    truck.revert();
    EXPECT_FALSE(truck.has_changes());
}

TEST(enumerator_for_unknown_texts, is_told_from_one_without_a_name) {
    auto car = dynasio::track(entity_of<Car>(R"({"status":{"S":"live"},"id":{"S":"1"},"colour":{"S":"mauve"}})"));
    car->colour = static_cast<Colour>(7);
    EXPECT_EQ(error_of([&] { (void)car.has_changes(); }).info().attribute, "colour");
}

} // namespace
