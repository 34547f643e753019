// has_one whose foreign key is the key of its table: read by key, in batches with everything else.

#include <dynasio/orm/expression.hpp>
#include <dynasio/orm/field.hpp>
#include <dynasio/orm/verify.hpp>
#include <dynasio/orm/with.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "load_fixture.hpp"

namespace dynasio::key_relations_tests {

using namespace load_test;

struct Passport;
struct Seat;
struct Traveller {
    std::string id{};
    std::string ticket{};
    has_one<Passport> passport{};
    has_one<Seat> seat{};
    has_many<Passport> passports{};
};
/// Its key is the key of the traveller.
struct Passport {
    std::string traveller_id{};
    std::string country{};
    timestamp deleted_at{};
    belongs_to<Traveller> traveller{};
};
/// It is found by the two values that a ticket consists of.
struct Seat {
    std::string ticket{};
    std::int64_t row{};
};
struct Journey {
    std::string id{};
    has_many<Traveller> travellers{};
    has_many_through<Passport> passports{};
};
struct Bag {
    std::string id{}, ticket{};
    std::int64_t row{};
    has_one<Seat> seat{};
};

constexpr auto dynasio_schema(tag<Traveller>) {
    using namespace dsl;
    return entity<Traveller>(table{"travellers"}, partition_key<&Traveller::id>, gsi<&Traveller::ticket>{"by_ticket"},
                             relate<&Traveller::passport>(by<&Passport::traveller_id>),
                             relate<&Traveller::seat>(by<&Seat::ticket>, references<&Traveller::ticket>),
                             relate<&Traveller::passports>(by<&Passport::traveller_id>));
}
constexpr auto dynasio_schema(tag<Passport>) {
    using namespace dsl;
    return entity<Passport>(table{"passports"}, partition_key<&Passport::traveller_id>,
                            soft_delete<&Passport::deleted_at>,
                            relate<&Passport::traveller>(by<&Passport::traveller_id>));
}
constexpr auto dynasio_schema(tag<Seat>) {
    using namespace dsl;
    return entity<Seat>(table{"seats"}, partition_key<&Seat::ticket>, sort_key<&Seat::row>);
}
constexpr auto dynasio_schema(tag<Journey>) {
    using namespace dsl;
    return entity<Journey>(partition_key<&Journey::id>, relate<&Journey::travellers>(by<&Traveller::ticket>),
                           relate<&Journey::passports>(through<&Journey::travellers, &Traveller::passport>));
}
constexpr auto dynasio_schema(tag<Bag>) {
    using namespace dsl;
    return entity<Bag>(partition_key<&Bag::id>,
                       relate<&Bag::seat>(by<&Seat::ticket, &Seat::row>, references<&Bag::ticket, &Bag::row>));
}
static_assert(verify<Traveller, Passport, Seat, Journey, Bag>());

json::object passport(std::string_view of, bool trashed = false) {
    json::object made{{"traveller_id", s(of)}, {"country", s("of " + std::string(of))}};
    if (trashed) made["deleted_at"] = s("2026-01-02T03:04:05.678Z");
    return made;
}
Traveller traveller(std::string id, std::string ticket = "") {
    Traveller made;
    made.id = std::move(id);
    made.ticket = std::move(ticket);
    return made;
}

using graph_has_one_by_key = load_conversation;

TEST_F(graph_has_one_by_key, is_read_in_one_batch_for_all_parents) {
    std::vector<Traveller> all{traveller("t1"), traveller("t2"), traveller("t1"), traveller("t3")};
    start(all, with<&Traveller::passport>());
    auto const batch = next();
    EXPECT_EQ(keys_in(batch), (key_set{"passports t1", "passports t2", "passports t3"}));
    answer(batch, batch_of({{"passports", {passport("t2"), passport("t1"), passport("t3", true)}}}));
    finish();
    EXPECT_EQ(all[0].passport->country, "of t1");
    EXPECT_EQ(all[1].passport->country, "of t2");
    EXPECT_EQ(all[2].passport->country, "of t1");
    EXPECT_TRUE(all[3].passport.loaded());
    EXPECT_FALSE(all[3].passport.has_value()) << "it is in the trash";
}

TEST_F(graph_has_one_by_key, satisfies_its_condition_here) {
    std::vector<Traveller> all{traveller("t1"), traveller("t2")};
    start(all, with<&Traveller::passport>(field<&Passport::country> == "of t2",
                                          with<&Passport::traveller>(with<&Traveller::passport>())));
    auto const batch = next();
    EXPECT_EQ(keys_in(batch), (key_set{"passports t1", "passports t2"}));
    answer(batch, batch_of({{"passports", {passport("t2"), passport("t1")}}}));
    auto const back = next();
    EXPECT_EQ(keys_in(back), key_set{"travellers t2"}) << "nothing is asked for below what is left out";
    answer(back, batch_of({{"travellers", {{{"id", s("t2")}}}}}));
    finish();
    EXPECT_FALSE(all[0].passport.has_value());
    EXPECT_EQ(all[1].passport->traveller->passport->country, "of t2") << "each key is asked for once";
}

TEST_F(graph_has_one_by_key, under_a_condition_on_what_the_entity_does_not_declare_is_a_query) {
    Traveller t = traveller("t1");
    start(t, with<&Traveller::passport>(expression<Passport>("\"colour\" = ?", std::string("red"))));
    auto const query = text_of(next());
    EXPECT_TRUE(query.starts_with(R"(passports: traveller_id = {"S":"t1"} filter )")) << query;
    EXPECT_NE(query.find(R"(colour = {"S":"red"})"), std::string::npos) << query;
}

TEST_F(graph_has_one_by_key, of_nothing_and_of_an_empty_key_is_as_for_a_query) {
    Traveller t = traveller("t1");
    start(t, with<&Traveller::passport>(limit(0)));
    finish();
    EXPECT_TRUE(t.passport.loaded());
    EXPECT_FALSE(t.passport.has_value());
    restart();
    Traveller unsaved;
    EXPECT_EQ(error_of([&] { start(unsaved, with<&Traveller::passport>()); }).code(), errc::empty_key);
}

TEST_F(graph_has_one_by_key, that_names_a_part_of_the_key_is_a_query) {
    Traveller t = traveller("t1", "k");
    start(t, with<&Traveller::seat>());
    EXPECT_EQ(text_of(next()), R"(seats: ticket = {"S":"k"} limit 1)");
}

TEST_F(graph_has_one_by_key, refers_to_both_parts_of_a_key) {
    std::vector<Bag> bags(3);
    bags[0].ticket = bags[1].ticket = "k";
    bags[0].row = 7;
    bags[1].row = 8;
    start(bags, with<&Bag::seat>());
    auto const batch = next();
    EXPECT_EQ(keys_in(batch), (key_set{"seats k 7", "seats k 8"})) << "without a ticket there is no seat";
    answer(batch, batch_of({{"seats", {{{"ticket", s("k")}, {"row", {{"N", "8.0"}}}}}}}));
    finish();
    EXPECT_FALSE(bags[0].seat.has_value());
    EXPECT_EQ(bags[1].seat->row, 8) << "in whatever spelling the item has it";
    EXPECT_TRUE(bags[2].seat.loaded());
    EXPECT_FALSE(bags[2].seat.has_value());
}

TEST_F(graph_has_one_by_key, of_which_there_are_many_is_a_query) {
    Traveller t = traveller("t1");
    start(t, with<&Traveller::passports>());
    EXPECT_TRUE(text_of(next()).starts_with(R"(passports: traveller_id = {"S":"t1"} filter )"));
}

TEST_F(graph_has_one_by_key, is_a_step_of_a_has_many_through) {
    Journey j;
    j.id = "k";
    start(j, with<&Journey::passports>(descending<&Passport::country>, limit(2), client_side));
    auto const travellers = next();
    EXPECT_EQ(text_of(travellers), R"(travellers index by_ticket: ticket = {"S":"k"})");
    answer(travellers, page_of({{{"id", s("t1")}, {"ticket", s("k")}},
                                {{"id", s("t2")}, {"ticket", s("k")}},
                                {{"id", s("t3")}, {"ticket", s("k")}}}));
    auto const batch = next();
    EXPECT_EQ(keys_in(batch), (key_set{"passports t1", "passports t2", "passports t3"}));
    answer(batch, batch_of({{"passports", {passport("t1"), passport("t3")}}}));
    finish();
    ASSERT_EQ(j.passports.size(), 2U);
    EXPECT_EQ(j.passports[0].country, "of t3");
    EXPECT_EQ(j.passports[1].country, "of t1");
}

TEST_F(graph_has_one_by_key, says_so_in_the_plan) {
    Traveller t = traveller("t1");
    start(t, with<&Traveller::passport>());
    auto const plan = g().explain(false);
    EXPECT_NE(plan.find("passport: BatchGetItem passports, up to 100 keys a request"), std::string::npos) << plan;
}

} // namespace dynasio::key_relations_tests
