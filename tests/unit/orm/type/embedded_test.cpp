// Structs that are embedded in entities, and classes whose members the schema lists.

#include <dynasio/orm/json.hpp>
#include <dynasio/orm/key.hpp>
#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/tracked.hpp>
#include <dynasio/orm/trash.hpp>
#include <dynasio/orm/update.hpp>
#include <dynasio/orm/verify.hpp>
#include <dynasio/orm/with.hpp>

#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/ulid.hpp>

#include <boost/json.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <orm/plan/access_plan.hpp>
#include <orm/wire/item_write.hpp>
#include <span>
#include <string>
#include <utility>

#include "support/error_of.hpp"

namespace embedding {

using namespace dynasio::dsl;

struct Meta {
    std::string id{};
    timestamp created_at{}, updated_at{}, deleted_at{};
    std::uint32_t version{};
    std::string tenant{};
    int scratch{};
};
constexpr auto dynasio_schema(tag<Meta>) {
    return embeddable<Meta>(
        partition_key<&Meta::id>, timestamps<&Meta::created_at, &Meta::updated_at>, soft_delete<&Meta::deleted_at>,
        dynasio::version<&Meta::version>, attribute<&Meta::tenant>{"owned_by"}, transient<&Meta::scratch>,
        gsi<&Meta::tenant, &Meta::created_at>{"by_tenant"}, gsi<&Meta::version, no_sort_key>("by_version").keys_only(),
        required<&Meta::tenant>, check<&Meta::tenant>([](std::string const& t) { return t != "none"; }, "must be one"),
        normalize<&Meta::tenant>([](std::string& t) { t = t.substr(0, t.find(' ')); }));
}
struct Place {
    std::string city{}, street{};
};
constexpr auto dynasio_schema(tag<Place>) { return embeddable<Place>(); }

struct Card;
struct Person {
    int before{};
    Meta meta{};
    std::string email{};
    Place home{};
    int scratch{};
    dynasio::has_many<Card> cards{};

    [[nodiscard]] std::string city_key() const { return "CITY#" + home.city; }
};
struct Card {
    std::string id{}, person_id{};
    dynasio::belongs_to<Person> person{};
};
constexpr auto dynasio_schema(tag<Person>) {
    return entity<Person>(table{"people"}, embed<&Person::meta>, embed<&Person::home>,
                          gsi<embedded<&Person::home, &Place::city>, &Person::email>{"by_city"},
                          attribute<embedded<&Person::home, &Place::street>>{"home_street"},
                          computed<&Person::city_key, embedded<&Person::home, &Place::city>>,
                          relate<&Person::cards>(by<&Card::person_id>));
}
constexpr auto dynasio_schema(tag<Card>) {
    return entity<Card>(partition_key<&Card::id>, gsi<&Card::person_id>{"by_person"},
                        relate<&Card::person>(by<&Card::person_id>));
}
struct PersonCard {
    std::string id{}, city{};
    timestamp created_at{};
};
constexpr auto dynasio_schema(tag<PersonCard>) { return entity<PersonCard>(projection_of<Person>); }
static_assert(dynasio::verify<Person, Card, PersonCard>());

// ---- classes

class Stamped {
public:
    std::string origin{"here"};
};
class Account : public Stamped {
public:
    Account() = default;
    explicit Account(std::string owner) : m_owner(std::move(owner)) {}

    [[nodiscard]] std::string const& id() const { return id_; }
    [[nodiscard]] std::string const& owner() const { return m_owner; }
    [[nodiscard]] int balance() const { return balance_; }
    void pay(int amount) { balance_ += amount; }
    [[nodiscard]] int cached() const { return cached_; }
    void cache(int value) { cached_ = value; }
    [[nodiscard]] dynasio::has_many<Card> const& cards() const { return cards_; }

private:
    std::string id_{};
    std::string m_owner{};
    int balance_{};
    int cached_{};
    timestamp opened_{};
    dynasio::has_many<Card> cards_{};

    friend constexpr auto dynasio_schema(tag<Account>) {
        return entity<Account>(members<&Account::id_, &Account::m_owner, &Account::balance_, &Account::opened_,
                                       &Account::cards_, inherited<Account, &Account::origin>>,
                               partition_key<&Account::id_>, created_at<&Account::opened_>,
                               attribute<&Account::balance_>{"money"}, gsi<&Account::m_owner>{"by_owner"},
                               gsi<inherited<Account, &Account::origin>>{"by_origin"}, required<&Account::m_owner>,
                               relate<&Account::cards_>(by<&Card::person_id>), computed<&Account::owner>,
                               attribute<&Account::owner>{"owner_key"});
    }

public:
    static constexpr auto by_balance = field<&Account::balance_>;
};
static_assert(dynasio::verify<Account>());

/// A class that is embedded twice.
class Spot : public Stamped {
public:
    Spot() = default;
    Spot(std::string street, int number) : street_(std::move(street)), number_(number) {}
    [[nodiscard]] std::string const& street() const { return street_; }
    [[nodiscard]] int number() const { return number_; }

private:
    std::string street_{};
    int number_{};
    [[maybe_unused]] int cached_{5}; // a member that is not stored

    friend constexpr auto dynasio_schema(tag<Spot>) {
        return embeddable<Spot>(members<&Spot::street_, &Spot::number_, inherited<Spot, &Spot::origin>>,
                                required<&Spot::street_>,
                                check<&Spot::number_>([](int n) { return n > 0; }, "must be positive"),
                                normalize<&Spot::street_>([](std::string& s) { s = s.substr(0, s.find(' ')); }),
                                gsi<&Spot::street_>{"by_street"});
    }
};
class Home {
public:
    Spot spot{};

private:
    std::string id_{};
    friend constexpr auto dynasio_schema(tag<Home>) {
        return entity<Home>(members<&Home::id_, &Home::spot>, partition_key<&Home::id_>, embed<&Home::spot>);
    }
};
struct Stop {
    std::string id{};
    Spot spot{};
    int order{};
};
constexpr auto dynasio_schema(tag<Stop>) { return entity<Stop>(partition_key<&Stop::id>, embed<&Stop::spot>); }
static_assert(dynasio::verify<Home>() && dynasio::verify<Stop>());

struct Address {
    std::string street{}, city{};
};
constexpr auto dynasio_schema(tag<Address>) {
    return embeddable<Address>(
        required<&Address::street>,
        check<&Address::city>([](std::string const& city) { return city != "?"; }, "must be known"));
}
struct Mover {
    std::string id{};
    Address from{}, to{};
};
constexpr auto dynasio_schema(tag<Mover>) {
    return entity<Mover>(partition_key<&Mover::id>, embed<&Mover::from>, embed<&Mover::to>,
                         attribute<embedded<&Mover::to, &Address::street>>{"to_street"},
                         attribute<embedded<&Mover::to, &Address::city>>{"to_city"});
}

class Money {
public:
    Money() = default;
    explicit Money(int cents) : cents_(cents) {}
    [[nodiscard]] int cents() const { return cents_; }

private:
    int cents_{};
    friend constexpr auto dynasio_schema(tag<Money>) { return value<Money>(members<&Money::cents_>); }
};
struct Bill {
    std::string id{};
    Money total{};
};
constexpr auto dynasio_schema(tag<Bill>) { return entity<Bill>(partition_key<&Bill::id>); }
static_assert(dynasio::verify<Bill>());

} // namespace embedding

namespace {

namespace json = boost::json;
using dynasio::embedded;
using dynasio::entity_type_of;
using dynasio::errc;
using dynasio::field;
using dynasio::detail::write_mode;
using embedding::Account;
using embedding::Meta;
using embedding::Person;
using embedding::Place;

class embedded_structs : public testing::Test {
protected:
    dynasio::detail::write_environment env() {
        return {.table_prefix = {}, .now = dynasio::system_time(std::chrono::seconds(1'700'000'100)), .ids = &ids};
    }
    template <class T> dynasio::detail::item_write write(T& entity, write_mode mode) {
        return dynasio::detail::make_write(env(), entity_type_of<T>(), &entity, mode, {});
    }
    template <class T> json::object item(T& entity) {
        return json::parse(write(entity, write_mode::create).take_body()).at("Item").as_object();
    }
    template <class T> static T read(std::string const& item) {
        dynasio::dynamodb::json_reader in(item);
        T entity;
        entity_type_of<T>().decode(in, &entity);
        return entity;
    }
    static std::string names(dynasio::entity_type const& type) {
        std::string out;
        for (auto const& a : type.attributes) out += (out.empty() ? "" : " ") + a.name;
        return out;
    }

    dynasio::ulid_generator ids{[] { return dynasio::system_time(std::chrono::seconds(1'700'000'050)); },
                                [](std::span<unsigned char> bytes) { std::fill(bytes.begin(), bytes.end(), '\7'); }};
};

TEST_F(embedded_structs, have_attributes_and_options_that_are_the_entitys) {
    auto const& type = entity_type_of<Person>();
    EXPECT_EQ(names(type),
              "before id created_at updated_at deleted_at version owned_by email city home_street scratch city_key");
    EXPECT_EQ(type[type.key.partition].name, "id");
    EXPECT_EQ(type[type.key.partition].member, "meta.id");
    EXPECT_EQ(type[*type.created_at].name, "created_at");
    EXPECT_EQ(type[*type.updated_at].name, "updated_at");
    EXPECT_EQ(type[*type.deleted_at].name, "deleted_at");
    EXPECT_EQ(type[*type.version].name, "version");
    ASSERT_EQ(type.indexes.size(), 3U);
    EXPECT_EQ(type[type.indexes[0].partition].name, "owned_by");
    EXPECT_EQ(type[*type.indexes[0].sort].name, "created_at");
    EXPECT_EQ(type.indexes[1].projects, dynasio::index_projection::keys_only);
    EXPECT_FALSE(type.indexes[1].sort);
    EXPECT_EQ(type[type.indexes[2].partition].name, "city");
    EXPECT_EQ(type[*type.indexes[2].sort].name, "email");
}

TEST_F(embedded_structs, are_written_and_read_as_members_of_the_entity) {
    Person person{.before = 1, .email = "a@b.c", .home = {"Bonn", "Rhine 1"}, .scratch = 9};
    person.meta.tenant = "acme of old";
    auto write = this->write(person, write_mode::create);
    write.apply();
    EXPECT_EQ(person.meta.id.size(), 26U);
    EXPECT_EQ(person.meta.version, 1U);
    EXPECT_TRUE(person.meta.created_at.is_set());
    EXPECT_EQ(person.meta.tenant, "acme") << "normalized";
    auto const stored = json::serialize(json::parse(std::move(write).take_body()).at("Item"));
    auto const again = read<Person>(stored);
    EXPECT_EQ(again.meta.id, person.meta.id);
    EXPECT_EQ(again.meta.created_at, person.meta.created_at);
    EXPECT_EQ(again.home.city, "Bonn");
    EXPECT_EQ(again.home.street, "Rhine 1");
    EXPECT_EQ(again.scratch, 9);
    EXPECT_EQ(again.before, 1);
    EXPECT_NE(stored.find(R"("city_key":{"S":"CITY#Bonn"})"), std::string::npos) << stored;
    EXPECT_EQ(stored.find("scratch\":{\"N\":\"0\"}"), std::string::npos) << "the transient one of Meta is not stored";
}

TEST_F(embedded_structs, have_rules_that_name_their_members) {
    Person person{};
    auto const missing = dynasio::test::error_of([&] { (void)write(person, write_mode::create); });
    ASSERT_EQ(missing.info().violations.size(), 1U);
    EXPECT_EQ(missing.info().violations[0].member, "meta.tenant");
    person.meta.tenant = "none";
    auto const wrong = dynasio::test::error_of([&] { (void)write(person, write_mode::create); });
    EXPECT_EQ(wrong.code(), errc::invalid_entity);
}

TEST_F(embedded_structs, have_members_that_conditions_and_changes_name) {
    EXPECT_EQ(to_string((field<&Person::home, &Place::city> == "Bonn").condition()), R"(city = "Bonn")");
    dynasio::selection select;
    (field<embedded<&Person::home, &Place::city>> == "Bonn").apply(select);
    EXPECT_EQ(dynasio::detail::plan_query(entity_type_of<Person>(), select).path->name, "by_city");
    auto const change = dynasio::set_to<embedded<&Person::home, &Place::street>>("x");
    EXPECT_EQ(entity_type_of<Person>()[change.step().attribute].name, "home_street");
    EXPECT_EQ(dynasio::key_of<Person>("a").json(), R"({"id":{"S":"a"}})");
}

TEST_F(embedded_structs, are_tracked) {
    dynasio::tracked<Person> person;
    EXPECT_FALSE((person.is_dirty<embedded<&Person::home, &Place::city>>()));
    EXPECT_FALSE((person.original<embedded<&Person::meta, &Meta::tenant>>()));
}

TEST_F(embedded_structs, can_be_trashed) {
    Person person;
    EXPECT_FALSE(dynasio::is_trashed(person));
    person.meta.deleted_at = dynasio::timestamp(env().now);
    EXPECT_TRUE(dynasio::is_trashed(person));
}

TEST_F(embedded_structs, are_projected_by_the_names_of_their_members) {
    auto const card = read<embedding::PersonCard>(R"({"id":{"S":"a"},"city":{"S":"Bonn"},"email":{"S":"x"}})");
    EXPECT_EQ(card.city, "Bonn");
}

TEST_F(embedded_structs, keep_their_initial_values_where_an_item_of_others_lacks_them) {
    auto const person = read<Person>(R"({"id":{"S":"a"},"city":{"NULL":true},"created_at":{"NULL":true}})");
    EXPECT_EQ(person.home.city, "");
    EXPECT_FALSE(person.meta.created_at.is_set());
    std::string const wrong = R"({"id":{"S":"a"},"city":{"N":"1"}})";
    auto const refused = dynasio::test::error_of([&] { (void)read<Person>(wrong); });
    EXPECT_EQ(refused.code(), errc::attribute_type_mismatch);
    EXPECT_EQ(refused.info().attribute, "city");
}

TEST_F(embedded_structs, are_flat_in_json) {
    Person person{.before = 1, .email = "e", .home = {"Bonn", "R"}};
    person.meta.id = "a";
    auto const text = dynasio::to_json(person);
    EXPECT_NE(text.find(R"("city":"Bonn","home_street":"R")"), std::string::npos) << text;
    EXPECT_EQ(dynasio::from_json<Person>(text).home.street, "R");
}

TEST_F(embedded_structs, of_one_type_are_told_apart_by_rules) {
    embedding::Mover mover{.id = "m", .from = {"", "?"}, .to = {"", "Bonn"}};
    auto const refused = dynasio::test::error_of([&] { (void)write(mover, write_mode::create); });
    EXPECT_EQ(refused.info().message, "an entity Mover is not valid: from.street is required; from.city must be known; "
                                      "to.street is required");
    ASSERT_EQ(refused.info().violations.size(), 3U);
    EXPECT_EQ(refused.info().violations[2].member, "to.street");
}

class listed_members : public embedded_structs {};

TEST_F(listed_members, are_embedded) {
    auto const& type = entity_type_of<embedding::Home>();
    EXPECT_EQ(names(type), "id street number origin");
    EXPECT_EQ(type[1].member, "spot.street");
    ASSERT_EQ(type.indexes.size(), 1U);
    EXPECT_EQ(type[type.indexes[0].partition].name, "street");
    embedding::Home home;
    auto const refused = dynasio::test::error_of([&] { (void)write(home, write_mode::create); });
    EXPECT_EQ(refused.info().message,
              "an entity Home is not valid: spot.street is required; spot.number must be positive");
    home.spot = embedding::Spot("Rhine old", 7);
    auto const stored = item(home);
    EXPECT_EQ(stored.at("street").at("S"), "Rhine");
    EXPECT_EQ(stored.at("number").at("N"), "7");
    EXPECT_EQ(stored.at("origin").at("S"), "here");
    EXPECT_EQ(stored.count("cached"), 0U);
    auto const again = read<embedding::Home>(json::serialize(stored));
    EXPECT_EQ(again.spot.street(), "Rhine");
    EXPECT_EQ(again.spot.number(), 7);
    EXPECT_EQ(names(entity_type_of<embedding::Stop>()), "id street number origin order");
    embedding::Stop stop{.id = "s", .spot = embedding::Spot("Rhine", 7), .order = 3};
    EXPECT_EQ(read<embedding::Stop>(json::serialize(item(stop))).spot.number(), 7);
}

TEST_F(listed_members, are_stored_under_their_names_without_marks) {
    EXPECT_EQ(names(entity_type_of<Account>()), "id owner money opened origin owner_key");
    Account account("ada");
    account.pay(5);
    account.cache(7);
    auto const stored = item(account);
    EXPECT_EQ(stored.at("owner").at("S"), "ada");
    EXPECT_EQ(stored.at("money").at("N"), "5");
    EXPECT_EQ(stored.at("origin").at("S"), "here");
    EXPECT_EQ(stored.at("owner_key").at("S"), "ada");
    auto const again = read<Account>(json::serialize(stored));
    EXPECT_EQ(again.owner(), "ada");
    EXPECT_EQ(again.balance(), 5);
    EXPECT_EQ(again.cached(), 0);
    EXPECT_EQ(again.id().size(), 26U);
}

TEST_F(listed_members, have_relations_and_conditions) {
    ASSERT_EQ(entity_type_of<Account>().relations.size(), 1U);
    EXPECT_EQ(to_string((Account::by_balance > 3).condition()), "money > 3");
}

TEST_F(listed_members, make_values_as_well) {
    embedding::Bill bill{.id = "a", .total = embedding::Money(12)};
    auto const stored = item(bill);
    EXPECT_EQ(json::serialize(stored.at("total")), R"({"M":{"cents":{"N":"12"}}})");
    EXPECT_EQ(read<embedding::Bill>(json::serialize(stored)).total.cents(), 12);
}

} // namespace
