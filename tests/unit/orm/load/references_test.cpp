// Relations whose foreign key refers to another member than the key.

#include <dynasio/orm/field.hpp>
#include <dynasio/orm/verify.hpp>
#include <dynasio/orm/with.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "load_fixture.hpp"

namespace post_office {

struct Letter;
struct Depot;

struct Person {
    std::string id{};
    std::string email{};
    std::optional<std::string> nick{};
    std::string depot_id{};
    dynasio::has_many<Letter> received{};
    dynasio::has_one<Letter> latest{};
    dynasio::has_many<Letter> under_nick{};
    dynasio::belongs_to<Depot> depot{};
};
struct Depot {
    std::string id{};
    std::string town{};
    int number{};
    std::string region{};
    dynasio::has_many<Letter> letters{};
};
struct Letter {
    std::string id{};
    std::optional<std::string> to_email{};
    std::string from_nick{};
    std::string town{};
    int depot_number{};
    std::string region{};
    dynasio::belongs_to<Person> to{};
    dynasio::belongs_to<Person> from{};
    dynasio::belongs_to<Depot> depot{};
    dynasio::belongs_to<Depot> any_of_region{};
    dynasio::belongs_to<Depot> by_key{};
};

constexpr auto dynasio_schema(dynasio::tag<Person>) {
    using namespace dynasio::dsl;
    return entity<Person>(
        table{"people"}, partition_key<&Person::id>, gsi<&Person::email>{"by_email"}, gsi<&Person::nick>{"by_nick"},
        relate<&Person::received>(by<&Letter::to_email>, references<&Person::email>, inverse_of<&Letter::to>),
        relate<&Person::latest>(by<&Letter::to_email>, references<&Person::email>),
        relate<&Person::under_nick>(by<&Letter::from_nick>, references<&Person::nick>),
        relate<&Person::depot>(by<&Person::depot_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Depot>) {
    using namespace dynasio::dsl;
    return entity<Depot>(
        partition_key<&Depot::id>, gsi<&Depot::town, &Depot::number>{"by_town"},
        gsi<&Depot::region, no_sort_key>{"by_region"},
        relate<&Depot::letters>(by<&Letter::town, &Letter::depot_number>, references<&Depot::town, &Depot::number>));
}
constexpr auto dynasio_schema(dynasio::tag<Letter>) {
    using namespace dynasio::dsl;
    return entity<Letter>(
        partition_key<&Letter::id>, gsi<&Letter::to_email>{"by_to"}, gsi<&Letter::from_nick>{"by_from"},
        gsi<&Letter::town, &Letter::depot_number>{"by_depot"},
        relate<&Letter::to>(by<&Letter::to_email>, references<&Person::email>, inverse_of<&Person::received>),
        relate<&Letter::from>(by<&Letter::from_nick>, references<&Person::nick>),
        relate<&Letter::depot>(by<&Letter::town, &Letter::depot_number>, references<&Depot::town, &Depot::number>),
        relate<&Letter::any_of_region>(by<&Letter::region>, references<&Depot::region>),
        relate<&Letter::by_key>(by<&Letter::region>, references<&Depot::id>));
}
static_assert(dynasio::verify<Person, Depot, Letter>());

struct Parcel;
struct Shelf {
    std::string id{};
    std::string hall{};
    std::string place{};
    dynasio::has_many<Parcel> parcels{};
};
struct Parcel {
    std::string id{};
    std::string hall{};
    std::string place{};
    dynasio::belongs_to<Shelf> shelf{};
};
constexpr auto dynasio_schema(dynasio::tag<Shelf>) {
    using namespace dynasio::dsl;
    return entity<Shelf>(
        partition_key<&Shelf::id>, gsi<&Shelf::hall, &Shelf::place>{"by_place"},
        relate<&Shelf::parcels>(by<&Parcel::hall, &Parcel::place>, references<&Shelf::hall, &Shelf::place>));
}
constexpr auto dynasio_schema(dynasio::tag<Parcel>) {
    using namespace dynasio::dsl;
    return entity<Parcel>(
        partition_key<&Parcel::id>, gsi<&Parcel::hall, &Parcel::place>{"by_place"},
        relate<&Parcel::shelf>(by<&Parcel::hall, &Parcel::place>, references<&Shelf::hall, &Shelf::place>));
}

// Entities that refer by members, or are referred to by members, that are no keys of their own table and indexes.
struct Slip {
    std::string id{};
    std::string hall{};
    std::string place{};
    dynasio::belongs_to<Shelf> shelf{};
    dynasio::belongs_to<Person> person{};
};
struct Rack {
    std::string id{};
    std::string hall{};
    std::string place{};
    dynasio::has_many<Parcel> parcels{};
    dynasio::has_one<Letter> letter{};
};
constexpr auto dynasio_schema(dynasio::tag<Slip>) {
    using namespace dynasio::dsl;
    return entity<Slip>(partition_key<&Slip::id>,
                        relate<&Slip::shelf>(by<&Slip::hall, &Slip::place>, references<&Shelf::hall, &Shelf::place>),
                        relate<&Slip::person>(by<&Slip::hall>, references<&Person::email>));
}
constexpr auto dynasio_schema(dynasio::tag<Rack>) {
    using namespace dynasio::dsl;
    return entity<Rack>(
        partition_key<&Rack::id>,
        relate<&Rack::parcels>(by<&Parcel::hall, &Parcel::place>, references<&Rack::hall, &Rack::place>),
        relate<&Rack::letter>(by<&Letter::from_nick>, references<&Rack::hall>));
}
static_assert(dynasio::verify<Slip, Rack, Shelf, Parcel>());

// Projections name members of their own, which are attributes of the other side all the same.
struct ShelfCard {
    std::string hall{};
    std::string place{};
    dynasio::has_many<Parcel> parcels{};
};
struct ParcelCard {
    std::string hall{};
    std::string place{};
    dynasio::belongs_to<Shelf> shelf{};
};
constexpr auto dynasio_schema(dynasio::tag<ShelfCard>) {
    using namespace dynasio::dsl;
    return entity<ShelfCard>(projection_of<Shelf>,
                             relate<&ShelfCard::parcels>(by<&Parcel::hall, &Parcel::place>,
                                                         references<&ShelfCard::hall, &ShelfCard::place>,
                                                         inverse_of<&Parcel::shelf>));
}
constexpr auto dynasio_schema(dynasio::tag<ParcelCard>) {
    using namespace dynasio::dsl;
    return entity<ParcelCard>(projection_of<Parcel>,
                              relate<&ParcelCard::shelf>(by<&ParcelCard::hall, &ParcelCard::place>,
                                                         references<&Shelf::hall, &Shelf::place>,
                                                         inverse_of<&Shelf::parcels>));
}
static_assert(dynasio::verify<Shelf, Parcel, ShelfCard, ParcelCard>());

} // namespace post_office

namespace dynasio::references_load_tests {
namespace {

using namespace load_test;
using post_office::Depot;
using post_office::Letter;
using post_office::Person;
using post_office::Rack;
using post_office::Slip;

json::object person(std::string_view id, std::string_view email) {
    return {{"id", s(id)}, {"email", s(email)}, {"depot_id", s("d-" + std::string(id))}};
}
json::object letter(std::string_view id, std::string_view to) {
    return {{"id", s(id)}, {"to_email", s(to)}, {"from_nick", s("zoe")}};
}

Letter a_letter(std::string const& id, std::string const& to) {
    Letter made;
    made.id = id;
    made.to_email = to;
    return made;
}
Person a_person(std::string const& id, std::string const& email) {
    Person made;
    made.id = id;
    made.email = email;
    return made;
}

using graph_by_other_members = load_conversation;

TEST_F(graph_by_other_members, has_many_is_found_by_the_value_that_is_referred_to) {
    std::vector<Person> people{a_person("p1", "ann@b.c"), a_person("p2", "bob@b.c"), a_person("p3", "ann@b.c")};
    start(people, with<&Person::received>());
    auto const queries = all();
    ASSERT_EQ(queries.size(), 2U) << "one for each distinct value";
    EXPECT_EQ(text_of(queries[0]), R"(letters index by_to: to_email = {"S":"ann@b.c"})");
    answer(queries[0], page_of({letter("l1", "ann@b.c"), letter("l2", "ann@b.c")}));
    answer(queries[1], page_of({}));
    finish();
    EXPECT_EQ(ids(people[0].received), "l1 l2");
    EXPECT_TRUE(people[1].received.loaded());
    EXPECT_TRUE(people[1].received.empty());
    EXPECT_EQ(ids(people[2].received), "l1 l2");
}

TEST_F(graph_by_other_members, nothing_belongs_to_an_entity_without_the_value) {
    Person nameless = a_person("p1", "");
    start(nameless, with<&Person::received>(), with<&Person::latest>(), with<&Person::under_nick>(),
          with_count<&Person::under_nick>());
    EXPECT_FALSE(has_next());
    finish();
    EXPECT_TRUE(nameless.received.loaded());
    EXPECT_TRUE(nameless.received.empty());
    EXPECT_TRUE(nameless.latest.loaded());
    EXPECT_FALSE(nameless.latest);
    EXPECT_EQ(nameless.under_nick.count(), 0U);
}

TEST_F(graph_by_other_members, has_one_reads_one_item) {
    Person ann = a_person("p1", "ann@b.c");
    start(ann, with<&Person::latest>(newest_first));
    auto const query = next();
    EXPECT_EQ(text_of(query), R"(letters index by_to: to_email = {"S":"ann@b.c"} backward limit 1)");
    answer(query, page_of({letter("l2", "ann@b.c")}));
    finish();
    EXPECT_EQ(ann.latest->id, "l2");
}

TEST_F(graph_by_other_members, belongs_to_asks_once_for_each_value) {
    std::vector<Letter> letters{a_letter("l1", "ann@b.c"), a_letter("l2", "bob@b.c"), a_letter("l3", "ann@b.c"),
                                a_letter("l4", "")};
    letters.emplace_back().id = "l5";
    start(letters, with<&Letter::to>());
    auto const queries = all();
    ASSERT_EQ(queries.size(), 2U) << "none for an empty foreign key";
    EXPECT_EQ(text_of(queries[0]), R"(people index by_email: email = {"S":"ann@b.c"} limit 1)");
    EXPECT_EQ(text_of(queries[1]), R"(people index by_email: email = {"S":"bob@b.c"} limit 1)");
    answer(queries[0], page_of({person("p1", "ann@b.c")}));
    answer(queries[1], page_of({}));
    finish();
    EXPECT_EQ(letters[0].to->id, "p1");
    EXPECT_EQ(letters[2].to->id, "p1");
    for (auto const i : {1, 3, 4}) {
        EXPECT_TRUE(letters[static_cast<std::size_t>(i)].to.loaded());
        EXPECT_FALSE(letters[static_cast<std::size_t>(i)].to);
    }
}

TEST_F(graph_by_other_members, a_value_that_is_null_names_nothing) {
    g().start_with_keys(entity_type_of<Letter>(), {R"({"id":{"S":"l1"}})"}, children(with<&Letter::to>()));
    answer(next(), batch_of({{"letters", {json::object{{"id", s("l1")}, {"to_email", {{"NULL", true}}}}}}}));
    EXPECT_FALSE(has_next());
    EXPECT_TRUE(g().done());
}

TEST_F(graph_by_other_members, what_is_below_does_not_wait_for_other_values) {
    std::vector<Letter> letters{a_letter("l1", "ann@b.c"), a_letter("l2", "bob@b.c")};
    start(letters, with<&Letter::to>(with<&Person::received>(), with<&Person::depot>()));
    auto const queries = all();
    ASSERT_EQ(queries.size(), 2U);
    answer(queries[0], page_of({person("p1", "ann@b.c")}));
    now += std::chrono::milliseconds(2);
    auto const below = all();
    ASSERT_EQ(below.size(), 2U) << "the letters of p1, and the batch with its depot";
    std::set<std::string> found;
    for (auto const& r : below) found.insert(r.op == operation::query ? text_of(r) : *keys_in(r).begin());
    EXPECT_EQ(found, (std::set<std::string>{R"(letters index by_to: to_email = {"S":"ann@b.c"})", "depots d-p1"}));
}

TEST_F(graph_by_other_members, conditions_are_evaluated_by_the_service) {
    Letter one = a_letter("l1", "ann@b.c");
    start(one, with<&Letter::to>(field<&Person::depot_id> == "d1"));
    auto const query = next();
    EXPECT_EQ(text_of(query), R"(people index by_email: email = {"S":"ann@b.c"} filter depot_id = {"S":"d1"})");
    answer(query, page_of({}, json::object{{"id", s("p0")}, {"email", s("ann@b.c")}}));
    answer(next(), page_of({person("p1", "ann@b.c"), person("p2", "ann@b.c")}));
    finish();
    EXPECT_EQ(one.to->id, "p1");
}

TEST_F(graph_by_other_members, a_value_that_several_have_gives_the_first_in_the_order_of_the_index) {
    Letter one;
    one.id = "l1";
    one.region = "north";
    start(one, with<&Letter::any_of_region>());
    auto const query = next();
    EXPECT_EQ(text_of(query), R"(depots index by_region: region = {"S":"north"})")
        << "an index without an order is read to its end";
    auto const depot = [](std::string_view id) {
        return json::object{{"id", s(id)}, {"region", s("north")}, {"town", s("Oslo")}};
    };
    answer(query, page_of({depot("d7"), depot("d3")}, json::object{{"id", s("d3")}, {"region", s("north")}}));
    answer(next(), page_of({depot("d5")}));
    finish();
    EXPECT_EQ(one.any_of_region->id, "d3");
}

TEST_F(graph_by_other_members, a_limit_does_not_ask_for_an_order) {
    Letter one;
    one.id = "l1";
    one.region = "north";
    start(one, with<&Letter::any_of_region>(dynasio::limit(1)));
    EXPECT_EQ(text_of(next()), R"(depots index by_region: region = {"S":"north"})");
}

TEST_F(graph_by_other_members, an_order_without_a_limit_is_made_here) {
    Letter one;
    one.id = "l1";
    one.region = "north";
    start(one, with<&Letter::any_of_region>(newest_first));
    auto const depot = [](std::string_view id) {
        return json::object{{"id", s(id)}, {"region", s("north")}, {"town", s("Oslo")}};
    };
    answer(next(), page_of({depot("d3"), depot("d7"), depot("d5")}));
    finish();
    EXPECT_EQ(one.any_of_region->id, "d7");
}

/// Two entities: the first one's members are as long as a key can be, and one of the second one's is longer.
template <class T> std::vector<T> two_lengths(std::size_t hall, std::size_t place) {
    std::vector<T> made(2);
    for (std::size_t i = 0; i < 2; ++i) {
        made[i].id = "x" + std::to_string(i);
        made[i].hall = std::string(2048, 'h');
        for (std::size_t n = 0; n < 512; ++n) made[i].place += "\u00e9"; // has two bytes
    }
    made[1].hall += std::string(hall, 'h');
    made[1].place += std::string(place, 'p');
    return made;
}

TEST_F(graph_by_other_members, nothing_belongs_to_a_value_that_is_longer_than_a_key) {
    auto racks = two_lengths<Rack>(1, 0);
    start(racks, with<&Rack::parcels>(), with<&Rack::letter>(), with_count<&Rack::parcels>());
    auto const queries = all();
    EXPECT_EQ(queries.size(), 3U) << "those of the first one alone";
    for (auto const& query : queries) {
        EXPECT_EQ(text_of(query).find(racks[1].hall), std::string::npos);
        answer(query, page_of({}));
    }
    finish();
    EXPECT_TRUE(racks[1].parcels.loaded());
    EXPECT_TRUE(racks[1].parcels.empty());
    EXPECT_EQ(racks[1].parcels.count(), 0U);
    EXPECT_TRUE(racks[1].letter.loaded());
    EXPECT_FALSE(racks[1].letter);
}

TEST_F(graph_by_other_members, a_foreign_key_that_is_longer_than_a_key_names_nothing) {
    auto slips = two_lengths<Slip>(1, 0);
    start(slips, with<&Slip::person>());
    answer(next(), page_of({person("p1", slips[0].hall)}));
    finish();
    EXPECT_EQ(slips[0].person->id, "p1");
    EXPECT_TRUE(slips[1].person.loaded());
    EXPECT_FALSE(slips[1].person);
}

TEST_F(graph_by_other_members, a_sort_key_has_half_of_the_bytes) {
    auto racks = two_lengths<Rack>(0, 1);
    start(racks, with<&Rack::parcels>());
    EXPECT_EQ(all().size(), 1U);
    restart();
    auto slips = two_lengths<Slip>(0, 1);
    start(slips, with<&Slip::shelf>());
    EXPECT_EQ(all().size(), 1U);
}

TEST_F(graph_by_other_members, two_values_are_compared_together) {
    Letter one;
    one.id = "l1";
    one.town = "Oslo";
    one.depot_number = 3;
    start(one, with<&Letter::depot>(with<&Depot::letters>()));
    auto const query = next();
    EXPECT_EQ(text_of(query), R"(depots index by_town: town = {"S":"Oslo"} AND number = {"N":"3"} limit 1)");
    answer(query,
           page_of({json::object{{"id", s("d1")}, {"town", s("Oslo")}, {"number", n(3)}, {"region", s("north")}}}));
    auto const letters = next();
    EXPECT_EQ(text_of(letters), R"(letters index by_depot: town = {"S":"Oslo"} AND depot_number = {"N":"3"})");
    answer(letters, page_of({letter("l9", "x")}));
    finish();
    EXPECT_EQ(ids(one.depot->letters), "l9");
}

TEST_F(graph_by_other_members, a_reference_to_the_key_is_read_by_key) {
    Letter one;
    one.id = "l1";
    one.region = "d1";
    start(one, with<&Letter::by_key>());
    EXPECT_EQ(keys_in(next()), key_set{"depots d1"});
}

TEST_F(graph_by_other_members, a_loaded_handle_is_kept_until_the_foreign_key_names_another) {
    Letter one = a_letter("l1", "ann@b.c");
    start(one, with<&Letter::to>());
    answer(next(), page_of({person("p1", "ann@b.c")}));
    finish();
    restart();
    start(one, with<&Letter::to>());
    EXPECT_FALSE(has_next());
    finish();
    EXPECT_EQ(one.to->id, "p1");
    restart();
    one.to_email = "bob@b.c";
    start(one, with<&Letter::to>());
    answer(next(), page_of({person("p2", "bob@b.c")}));
    finish();
    EXPECT_EQ(one.to->id, "p2");
}

TEST_F(graph_by_other_members, the_plan_says_how_they_are_found) {
    Letter one = a_letter("l1", "ann@b.c");
    start(one, with<&Letter::to>());
    EXPECT_EQ(g().explain(false), "Letter: given\n"
                                  "  to: Query people index by_email, oldest first, limit 1, one for each parent\n");
}

} // namespace
} // namespace dynasio::references_load_tests
