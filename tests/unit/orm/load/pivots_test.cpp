// belongs_to_many: links of a pivot table, then the entities behind them.

#include <dynasio/orm/field.hpp>
#include <dynasio/orm/with.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "load_fixture.hpp"

namespace {

using namespace load_test;
using dynasio::client_side;
using dynasio::descending;
using dynasio::field;
using dynasio::limit;
using dynasio::with;
using shop::Alarm;
using shop::Device;
using shop::Post;
using shop::Role;
using shop::User;

json::object link_row(std::string_view left, std::string_view right, std::int64_t level = 0) {
    return {{"pk", s("users_roles#" + std::string(left))},
            {"sk", s(right)},
            {"pivot_key", s("users_roles")},
            {"id_left", s(left)},
            {"id_right", s(right)},
            {"created_at", s("2026-01-02T03:04:05.678Z")},
            {"extra", {{"M", {{"level", n(level)}}}}}};
}

using graph_belongs_to_many = load_conversation;

TEST_F(graph_belongs_to_many, reads_links_then_the_entities_behind_them) {
    User u = a_user("u1");
    start(u, with<&User::roles>());
    auto const links = next();
    EXPECT_EQ(text_of(links), R"(pivots: pk = {"S":"users_roles#u1"})");
    EXPECT_EQ(path_of(links), "User.roles");
    EXPECT_FALSE(has_next());
    answer(links, page_of({link_row("u1", "r2", 2), link_row("u1", "r1", 1)}));
    auto const r = next();
    EXPECT_EQ(keys_in(r), (key_set{"roles r1", "roles r2"}));
    answer(r, batch_of({{"roles", {role("r1"), role("r2")}}}));
    finish();
    EXPECT_EQ(ids(u.roles), "r1 r2");
    std::string levels;
    for (auto const& [entity, pivot] : u.roles.with_pivot()) {
        levels += entity.id + '=' + pivot.find("level")->as_number().text() + ' ';
        EXPECT_EQ(pivot.created_at().to_string(), "2026-01-02T03:04:05.678Z");
    }
    EXPECT_EQ(levels, "r1=1 r2=2 ") << "each pivot stays with its entity";
}

json::object place(std::string_view left, std::string_view right) {
    return {{"pk", s("users_roles#" + std::string(left))}, {"sk", s(right)}};
}

TEST_F(graph_belongs_to_many, with_a_limit_reads_as_many_links_as_it_takes) {
    User u = a_user("u1");
    start(u, with<&User::roles>(limit(2)));
    auto const links = next();
    EXPECT_EQ(text_of(links), R"(pivots: pk = {"S":"users_roles#u1"} limit 2)");
    answer(links, page_of({link_row("u1", "r1"), link_row("u1", "r2")}, place("u1", "r2")));
    auto const r = next();
    EXPECT_EQ(keys_in(r), (key_set{"roles r1", "roles r2"}));
    EXPECT_FALSE(has_next()) << "further links are needed when one of these leads to nothing";
    answer(r, batch_of({{"roles", {role("r1"), role("r2")}}}));
    finish();
    EXPECT_EQ(ids(u.roles), "r1 r2");
}

TEST_F(graph_belongs_to_many, with_a_limit_reads_on_in_place_of_links_that_lead_to_nothing) {
    User u = a_user("u1");
    start(u, with<&User::roles>(dynasio::newest_first, dynasio::offset(1), limit(1)));
    auto const links = next();
    EXPECT_EQ(text_of(links), R"(pivots: pk = {"S":"users_roles#u1"} backward limit 2)");
    answer(links, page_of({link_row("u1", "r9"), link_row("u1", "r8")}, place("u1", "r8")));
    answer(next(), batch_of({{"roles", {role("r9")}}}));
    auto const second = next();
    EXPECT_EQ(
        text_of(second),
        R"(pivots: pk = {"S":"users_roles#u1"} backward limit 2 after {"pk":{"S":"users_roles#u1"},"sk":{"S":"r8"}})");
    answer(second, page_of({link_row("u1", "r7"), link_row("u1", "r6")}, place("u1", "r6")));
    answer(next(), batch_of({{"roles", {}}}));
    auto const third = next();
    EXPECT_EQ(
        text_of(third),
        R"(pivots: pk = {"S":"users_roles#u1"} backward limit 4 after {"pk":{"S":"users_roles#u1"},"sk":{"S":"r6"}})")
        << "the number doubles";
    answer(third, page_of({link_row("u1", "r5")}));
    answer(next(), batch_of({{"roles", {role("r5")}}}));
    finish();
    EXPECT_EQ(ids(u.roles), "r5");
}

TEST_F(graph_belongs_to_many, with_a_limit_and_a_condition_reads_links_until_enough_satisfy_it) {
    std::vector<User> users{a_user("u1"), a_user("u2")};
    start(users, with<&User::roles>(field<&Role::name> == "role r3", limit(1)));
    auto const links = all();
    ASSERT_EQ(links.size(), 2U);
    answer(links[0], page_of({link_row("u1", "r1")}, place("u1", "r1")));
    answer(links[1], page_of({link_row("u2", "r3")}, place("u2", "r3")));
    auto const first = next();
    EXPECT_EQ(keys_in(first), (key_set{"roles r1", "roles r3"})) << "all parents share a batch";
    answer(first, batch_of({{"roles", {role("r1"), role("r3")}}}));
    auto const second = next();
    EXPECT_EQ(text_of(second),
              R"(pivots: pk = {"S":"users_roles#u1"} limit 1 after {"pk":{"S":"users_roles#u1"},"sk":{"S":"r1"}})");
    answer(second, page_of({link_row("u1", "r3")}, place("u1", "r3")));
    finish();
    EXPECT_EQ(ids(users[0].roles), "r3");
    EXPECT_EQ(ids(users[1].roles), "r3");
}

TEST_F(graph_belongs_to_many, with_a_limit_does_not_take_what_another_place_needs) {
    User u = a_user("u1");
    start(u, with<&User::roles>(limit(1)),
          with<&User::posts>(with<&Post::author>(with<&User::roles>(field<&Role::name> == "role r2", limit(1)))));
    auto const first = all();
    ASSERT_EQ(first.size(), 2U);
    std::size_t const posts = text_of(first[0]).starts_with("posts") ? 0 : 1;
    answer(first[1 - posts], page_of({link_row("u1", "r1")}, place("u1", "r1")));
    now += std::chrono::milliseconds(2);
    answer(next(), batch_of({{"roles", {role("r1")}}}));
    answer(first[posts], page_of({post("p1", "u1")}));
    answer(next(), batch_of({{"users", {user("u1")}}}));
    auto const links = next();
    EXPECT_EQ(text_of(links), R"(pivots: pk = {"S":"users_roles#u1"} limit 1)") << "which entities count differs";
    answer(links, page_of({link_row("u1", "r1")}, place("u1", "r1")));
    auto const more = next();
    answer(more, page_of({link_row("u1", "r2")}, place("u1", "r2")));
    answer(next(), batch_of({{"roles", {role("r2")}}}));
    finish();
    EXPECT_EQ(ids(u.roles), "r1");
    EXPECT_EQ(ids(u.posts[0].author->roles), "r2");
}

TEST_F(graph_belongs_to_many, from_the_side_of_the_index_is_read_whole_because_it_has_no_order) {
    Role r;
    r.id = "r1";
    start(r, with<&Role::users>(limit(1)));
    EXPECT_EQ(text_of(next()), R"(pivots index by_right: id_right = {"S":"r1"} AND pivot_key = {"S":"users_roles"})");
}

TEST_F(graph_belongs_to_many, is_read_from_the_other_side_by_the_index) {
    Role r;
    r.id = "r1";
    start(r, with<&Role::users>());
    auto const links = next();
    EXPECT_EQ(text_of(links), R"(pivots index by_right: id_right = {"S":"r1"} AND pivot_key = {"S":"users_roles"})");
    answer(links, page_of({link_row("u2", "r1", 2), link_row("u1", "r1", 1)}));
    auto const users = next();
    EXPECT_EQ(keys_in(users), (key_set{"users u1", "users u2"}));
    answer(users, batch_of({{"users", {user("u2"), user("u1")}}}));
    finish();
    EXPECT_EQ(ids(r.users), "u1 u2") << "equal keys of an index come in any order";
}

TEST_F(graph_belongs_to_many, reads_all_pages_of_links_and_asks_as_they_come) {
    User u = a_user("u1");
    options.linger = std::chrono::milliseconds(1);
    start(u, with<&User::roles>());
    answer(next(), page_of({link_row("u1", "r1")}, json::object{{"pk", s("x")}, {"sk", s("r1")}}));
    auto const second = next();
    EXPECT_EQ(text_of(second), R"(pivots: pk = {"S":"users_roles#u1"} after {"pk":{"S":"x"},"sk":{"S":"r1"}})");
    EXPECT_FALSE(has_next()) << "the second page can bring keys for the same batch";
    answer(second, page_of({link_row("u1", "r2")}));
    auto const r = next();
    EXPECT_EQ(keys_in(r), (key_set{"roles r1", "roles r2"}));
    answer(r, batch_of({{"roles", {role("r1"), role("r2")}}}));
    finish();
    EXPECT_EQ(ids(u.roles), "r1 r2");
}

TEST_F(graph_belongs_to_many, leaves_out_links_that_lead_nowhere_with_their_pivots) {
    User u = a_user("u1");
    start(u, with<&User::roles>());
    answer(next(), page_of({link_row("u1", "r1", 1), link_row("u1", "gone", 2), link_row("u1", "r3", 3)}));
    answer(next(), batch_of({{"roles", {role("r1"), role("r3")}}}));
    finish();
    std::string levels;
    for (auto const& [entity, pivot] : u.roles.with_pivot())
        levels += entity.id + '=' + pivot.find("level")->as_number().text() + ' ';
    EXPECT_EQ(levels, "r1=1 r3=3 ");
}

TEST_F(graph_belongs_to_many, has_conditions_order_and_limit) {
    User u = a_user("u1");
    start(u, with<&User::roles>(field<&Role::name> != "role r2", descending<&Role::name>, limit(2), client_side));
    auto const links = next();
    EXPECT_FALSE(json::parse(links.body).as_object().contains("Limit"));
    answer(links, page_of({link_row("u1", "r1", 1), link_row("u1", "r2", 2), link_row("u1", "r3", 3),
                           link_row("u1", "r4", 4)}));
    answer(next(), batch_of({{"roles", {role("r1"), role("r2"), role("r3"), role("r4")}}}));
    finish();
    std::string levels;
    for (auto const& [entity, pivot] : u.roles.with_pivot())
        levels += entity.id + '=' + pivot.find("level")->as_number().text() + ' ';
    EXPECT_EQ(levels, "r4=4 r3=3 ");
}

TEST_F(graph_belongs_to_many, asks_once_for_an_entity_that_many_share) {
    std::vector<User> users{a_user("u1"), a_user("u2")};
    start(users, with<&User::roles>());
    auto const links = all();
    ASSERT_EQ(links.size(), 2U);
    answer(links[0], page_of({link_row("u1", "r1")}));
    answer(links[1], page_of({link_row("u2", "r1")}));
    auto const r = next();
    EXPECT_EQ(keys_in(r), key_set{"roles r1"});
    answer(r, batch_of({{"roles", {role("r1")}}}));
    finish();
    EXPECT_EQ(ids(users[0].roles), "r1");
    EXPECT_EQ(ids(users[1].roles), "r1");
}

TEST_F(graph_belongs_to_many, without_links_asks_for_nothing_more) {
    User u = a_user("u1");
    start(u, with<&User::roles>());
    answer(next(), page_of({}));
    finish();
    EXPECT_TRUE(u.roles.loaded());
    EXPECT_TRUE(u.roles.empty());
}

TEST_F(graph_belongs_to_many, goes_on_below_the_other_side) {
    User u = a_user("u1");
    start(u, with<&User::roles>(with<&Role::users>()));
    answer(next(), page_of({link_row("u1", "r1")}));
    answer(next(), batch_of({{"roles", {role("r1")}}}));
    auto const back = next();
    EXPECT_EQ(path_of(back), "User.roles.users");
    answer(back, page_of({link_row("u1", "r1"), link_row("u2", "r1")}));
    answer(next(), batch_of({{"users", {user("u1"), user("u2")}}}));
    finish();
    EXPECT_EQ(ids(u.roles[0].users), "u1 u2");
}

TEST_F(graph_belongs_to_many, refuses_rows_that_are_no_links) {
    User u = a_user("u1");
    start(u, with<&User::roles>());
    auto row = link_row("u1", "r1");
    row.erase("id_right");
    auto const r = next();
    auto const e = error_of([&] { answer(r, page_of({row})); });
    EXPECT_EQ(e.code(), errc::malformed_response);
    EXPECT_EQ(e.info().relation_path, "User.roles");
    EXPECT_EQ(e.info().table, "pivots");
}

TEST_F(graph_belongs_to_many, takes_composite_and_number_keys) {
    Device d;
    d.site = "no#rth";
    d.number = 12;
    start(d, with<&Device::alarms>());
    auto const links = next();
    EXPECT_EQ(text_of(links), R"(alarm_links: pk = {"S":"devices_alarms#no%23rth#12"})");
    auto const row = [](std::string_view right) {
        return json::object{{"id_left", s("no%23rth#12")}, {"id_right", s(right)}};
    };
    answer(links, page_of({row("10"), row("9")}));
    auto const r = next();
    EXPECT_EQ(keys_in(r), (key_set{"alarms 10", "alarms 9"}));
    answer(r, batch_of({{"alarms", {{{"code", n(9)}}, {{"code", n(10)}}}}}));
    finish();
    ASSERT_EQ(d.alarms.size(), 2U);
    EXPECT_EQ(d.alarms[0].code, 9) << "numbers in their own order";

    restart();
    Alarm a;
    a.code = 9;
    start(a, with<&Alarm::devices>());
    auto const back = next();
    EXPECT_EQ(text_of(back),
              R"(alarm_links index by_right: id_right = {"S":"9"} AND pivot_key = {"S":"devices_alarms"})");
    answer(back, page_of({row("9")}));
    auto const devices = next();
    EXPECT_EQ(keys_in(devices), key_set{"devices no#rth 12"});
    answer(devices, batch_of({{"devices", {{{"site", s("no#rth")}, {"number", n(12)}}}}}));
    finish();
    EXPECT_EQ(a.devices[0].number, 12);
}

} // namespace
