// has_many_through whose entities in between name the far ones: the second step is a belongs_to.

#include <dynasio/orm/field.hpp>
#include <dynasio/orm/trash.hpp>
#include <dynasio/orm/verify.hpp>
#include <dynasio/orm/with.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "load_fixture.hpp"

namespace clubs {

struct Club;
struct Membership;
struct Hall;

struct Player {
    std::string id{};
    dynasio::has_many<Membership> memberships{};
    dynasio::has_many_through<Club> clubs{};
    dynasio::has_many_through<Club> by_code{};
};
struct Membership {
    std::string id{};
    std::string player_id{};
    std::string club_id{};
    std::string club_code{};
    dynasio::timestamp deleted_at{};
    dynasio::belongs_to<Club> club{};
    dynasio::belongs_to<Club> coded{};
};
struct Club {
    std::string id{};
    std::string code{};
    std::string town{};
    int founded{};
    std::string hall_id{};
    dynasio::timestamp deleted_at{};
    dynasio::belongs_to<Hall> hall{};
};
struct Hall {
    std::string id{};
};

constexpr auto dynasio_schema(dynasio::tag<Player>) {
    using namespace dynasio::dsl;
    return entity<Player>(partition_key<&Player::id>, relate<&Player::memberships>(by<&Membership::player_id>),
                          relate<&Player::clubs>(through<&Player::memberships, &Membership::club>),
                          relate<&Player::by_code>(through<&Player::memberships, &Membership::coded>));
}
constexpr auto dynasio_schema(dynasio::tag<Membership>) {
    using namespace dynasio::dsl;
    return entity<Membership>(partition_key<&Membership::id>, gsi<&Membership::player_id>{"by_player"},
                              soft_delete<&Membership::deleted_at>, relate<&Membership::club>(by<&Membership::club_id>),
                              relate<&Membership::coded>(by<&Membership::club_code>, references<&Club::code>));
}
constexpr auto dynasio_schema(dynasio::tag<Club>) {
    using namespace dynasio::dsl;
    return entity<Club>(partition_key<&Club::id>, gsi<&Club::code>{"by_code"}, soft_delete<&Club::deleted_at>,
                        relate<&Club::hall>(by<&Club::hall_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Hall>) {
    using namespace dynasio::dsl;
    return entity<Hall>(partition_key<&Hall::id>);
}
static_assert(dynasio::verify<Player, Membership, Club, Hall>());

} // namespace clubs

namespace dynasio::through_named_load_tests {
namespace {

using namespace load_test;
using clubs::Club;
using clubs::Membership;
using clubs::Player;

json::object membership(std::string_view id, std::string_view club, std::string_view code = "") {
    return {{"id", s(id)}, {"club_id", s(club)}, {"club_code", s(code)}};
}
json::object club(std::string_view id, int founded = 0, std::string_view town = "") {
    return {{"id", s(id)},
            {"code", s("code of " + std::string(id))},
            {"founded", n(founded)},
            {"town", s(town)},
            {"hall_id", s("h-" + std::string(id))}};
}
json::object trashed_club(std::string_view id) {
    auto made = club(id);
    made["deleted_at"] = s("2024-01-02T03:04:05.000Z");
    return made;
}
Player a_player(std::string const& id) {
    Player made;
    made.id = id;
    return made;
}

std::string const not_trashed = R"(attribute_not_exists(deleted_at) OR attribute_type(deleted_at, {"S":"NULL"}))";

class graph_through_named : public load_conversation {
protected:
    /// Answers the one batch that there is by now.
    void answer_batch(std::vector<json::object> const& clubs) {
        now += std::chrono::milliseconds(2);
        answer(next(), batch_of({{"clubs", clubs}}));
    }
};

TEST_F(graph_through_named, asks_for_distinct_keys_once_for_all_owners) {
    std::vector<Player> players{a_player("u1"), a_player("u2"), a_player("u3")};
    start(players, with<&Player::clubs>());
    auto const queries = all();
    ASSERT_EQ(queries.size(), 3U);
    EXPECT_EQ(text_of(queries[0]), R"(memberships index by_player: player_id = {"S":"u1"} filter )" + not_trashed);
    answer(queries[0], page_of({membership("m1", "c2"), membership("m2", "c1"), membership("m3", "c2")}));
    answer(queries[1], page_of({membership("m4", "c1"), membership("m5", "gone"), membership("m6", "")}));
    EXPECT_FALSE(has_next()) << "the third page can bring more keys";
    answer(queries[2], page_of({}));
    auto const batch = next();
    EXPECT_EQ(keys_in(batch), (key_set{"clubs c1", "clubs c2", "clubs gone"}));
    answer(batch, batch_of({{"clubs", {club("c1"), club("c2")}}}));
    finish();
    EXPECT_EQ(ids(players[0].clubs), "c2 c1") << "each once, in the order of what is in between";
    EXPECT_EQ(ids(players[1].clubs), "c1");
    EXPECT_TRUE(players[2].clubs.loaded());
    EXPECT_TRUE(players[2].clubs.empty());
    EXPECT_FALSE(players[0].memberships.loaded()) << "a step, not asked for";
}

TEST_F(graph_through_named, sends_no_second_request_when_nothing_is_in_between) {
    Player one = a_player("u1");
    start(one, with<&Player::clubs>());
    answer(next(), page_of({}));
    finish();
    EXPECT_TRUE(one.clubs.empty());
}

TEST_F(graph_through_named, does_not_wait_for_other_owners) {
    std::vector<Player> players{a_player("u1"), a_player("u2")};
    start(players, with<&Player::clubs>(with<&Club::hall>()));
    auto const queries = all();
    answer(queries[0], page_of({membership("m1", "c1")}));
    now += std::chrono::milliseconds(2);
    auto const batch = next();
    EXPECT_EQ(keys_in(batch), key_set{"clubs c1"}) << "while the second query is under way";
    answer(batch, batch_of({{"clubs", {club("c1")}}}));
    now += std::chrono::milliseconds(2);
    EXPECT_EQ(keys_in(next()), key_set{"halls h-c1"});
}

TEST_F(graph_through_named, shares_keys_with_other_branches) {
    Player one = a_player("u1");
    start(one, with<&Player::clubs>(), with<&Player::memberships>(with<&Membership::club>()));
    answer(next(), page_of({membership("m1", "c1"), membership("m2", "c2")}));
    EXPECT_EQ(keys_in(next()), (key_set{"clubs c1", "clubs c2"}));
    EXPECT_FALSE(has_next());
}

TEST_F(graph_through_named, gives_full_entities_to_both_when_shared) {
    Player one = a_player("u1");
    start(one, with<&Player::clubs>(), with<&Player::memberships>(with<&Membership::club>()));
    answer(next(), page_of({membership("m1", "c1"), membership("m2", "c1")}));
    answer_batch({club("c1", 1900)});
    finish();
    ASSERT_EQ(ids(one.clubs), "c1");
    EXPECT_EQ(one.clubs[0].founded, 1900);
    ASSERT_EQ(ids(one.memberships), "m1 m2");
    EXPECT_EQ(one.memberships[1].club->founded, 1900);
}

TEST_F(graph_through_named, evaluates_conditions_here_and_cuts_the_whole) {
    Player one = a_player("u1");
    start(one, with<&Player::clubs>(field<&Club::town> == "Oslo", offset(1), limit(1)));
    answer(next(), page_of({membership("m1", "c1"), membership("m2", "c2"), membership("m3", "c3"),
                            membership("m4", "c4"), membership("m5", "c2")}));
    answer_batch({club("c1", 0, "Bonn"), club("c2", 0, "Oslo"), club("c3", 0, "Oslo"), club("c4", 0, "Oslo")});
    finish();
    EXPECT_EQ(ids(one.clubs), "c3");
}

TEST_F(graph_through_named, makes_orders_here) {
    std::vector<Player> players{a_player("u1")};
    auto const loaded = [&](auto... how) {
        players[0].clubs.unload();
        restart();
        start(players, with<&Player::clubs>(how...));
        answer(next(), page_of({membership("m1", "c2"), membership("m2", "c3"), membership("m3", "c1")}));
        answer_batch({club("c1", 5), club("c2", 7), club("c3", 6)});
        finish();
        return ids(players[0].clubs);
    };
    EXPECT_EQ(loaded(), "c2 c3 c1");
    EXPECT_EQ(loaded(oldest_first), "c1 c2 c3");
    EXPECT_EQ(loaded(newest_first, limit(2), client_side), "c3 c2");
    EXPECT_EQ(loaded(ascending<&Club::founded>), "c1 c3 c2");
    EXPECT_EQ(loaded(descending<&Club::founded>, limit(1), client_side), "c2");
}

TEST_F(graph_through_named, an_order_with_a_limit_has_to_be_permitted) {
    Player one = a_player("u1");
    load_node node = dynasio::detail::access::node(with<&Player::clubs>(newest_first, limit(1), client_side));
    node.select.client_side = false;
    std::vector<load_node> nodes;
    nodes.push_back(std::move(node));
    auto const failed = error_of(
        [&] { g().start_with_entities(entity_type_of<Player>(), std::vector<void*>(1, &one), std::move(nodes)); });
    EXPECT_EQ(failed.code(), make_error_code(errc::no_usable_index));
    EXPECT_EQ(failed.info().relation_path, "Player.clubs");
}

TEST_F(graph_through_named, trashed_entities_on_either_side_are_left_out_unless_asked_for) {
    Player one = a_player("u1");
    start(one, with<&Player::clubs>());
    answer(next(), page_of({membership("m1", "c1"), membership("m2", "c2")}));
    answer_batch({trashed_club("c1"), club("c2")});
    finish();
    EXPECT_EQ(ids(one.clubs), "c2");
    restart();
    Player other = a_player("u1");
    start(other, with<&Player::clubs>(with_trashed, through_trashed));
    auto const query = next();
    EXPECT_EQ(text_of(query), R"(memberships index by_player: player_id = {"S":"u1"})");
    answer(query, page_of({membership("m1", "c1"), membership("m2", "c2")}));
    answer_batch({trashed_club("c1"), club("c2")});
    finish();
    EXPECT_EQ(ids(other.clubs), "c1 c2");
}

TEST_F(graph_through_named, is_counted_by_distinct_entities_that_are_there) {
    std::vector<Player> players{a_player("u1"), a_player("u2")};
    start(players, with_count<&Player::clubs>(field<&Club::founded> > 3));
    auto const queries = all();
    answer(queries[0], page_of({membership("m1", "c1"), membership("m2", "c1"), membership("m3", "c2"),
                                membership("m4", "c3"), membership("m5", "gone"), membership("m6", "")}));
    answer(queries[1], page_of({}));
    now += std::chrono::milliseconds(2);
    auto const batch = next();
    EXPECT_EQ(keys_in(batch), (key_set{"clubs c1", "clubs c2", "clubs c3", "clubs gone"}));
    EXPECT_TRUE(json::parse(batch.body).at("RequestItems").at("clubs").as_object().contains("ProjectionExpression"))
        << "the content is not asked for";
    answer(batch, batch_of({{"clubs", {club("c1", 4), club("c2", 3), trashed_club("c3")}}}));
    finish();
    EXPECT_EQ(players[0].clubs.count(), 1U);
    EXPECT_EQ(players[1].clubs.count(), 0U);
}

TEST_F(graph_through_named, finds_the_far_side_by_another_member_too) {
    Player one = a_player("u1");
    start(one, with<&Player::by_code>(), with_count<&Player::by_code>());
    answer(next(), page_of({membership("m1", "", "x"), membership("m2", "", "y"), membership("m3", "", "x")}));
    auto const queries = all();
    ASSERT_EQ(queries.size(), 2U) << "one for each distinct value, for entities and count";
    EXPECT_EQ(text_of(queries[0]), R"(clubs index by_code: code = {"S":"x"} filter )" + not_trashed);
    answer(queries[0], page_of({club("c1")}));
    answer(queries[1], page_of({}));
    finish();
    EXPECT_EQ(ids(one.by_code), "c1");
    EXPECT_EQ(one.by_code.count(), 1U);
}

TEST_F(graph_through_named, the_plan_says_both_steps) {
    Player one = a_player("u1");
    start(one, with<&Player::clubs>(newest_first));
    EXPECT_EQ(g().explain(false),
              "Player: given\n"
              "  clubs: Query memberships index by_player, filter deleted_at is absent or null, one for each parent; "
              "what the filter leaves out is read and charged for\n"
              "    then: BatchGetItem clubs, up to 100 keys a request, shared with all other keys, here "
              "deleted_at is absent or null, newest first (here)\n");
}

} // namespace
} // namespace dynasio::through_named_load_tests
