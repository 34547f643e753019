// What attach and detach send, seen from both sides of a relation, and what they make of the answers.

#include <dynasio/orm/repository.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "../model.hpp"
#include "service_fixture.hpp"

namespace {

using namespace run_test;
using dynasio::pivot;
using dynasio::repository;
using dynasio::service_errc;
using shop::Alarm;
using shop::Device;
using shop::Role;
using shop::User;

class links : public service_conversation {
protected:
    static User a_user(std::string id) {
        User u;
        u.id = std::move(id);
        return u;
    }
    static Role a_role(std::string id) {
        Role r;
        r.id = std::move(id);
        return r;
    }

    repository<User> users{db};
    repository<Role> roles{db};
    repository<Device> devices{db};
    repository<Alarm> alarms{db};
    User user = a_user("u1");
    Role role = a_role("r1");
};

TEST_F(links, are_attached_as_one_row_that_both_sides_read) {
    std::string const request = R"json({"TableName": "test_pivots",
        "Key": {"pk": {"S": "users_roles#u1"}, "sk": {"S": "r1"}},
        "UpdateExpression":
            "SET #0 = :0, #1 = :1, #2 = :2, #3 = if_not_exists(#3, :3), #4 = if_not_exists(#4, :4)",
        "ExpressionAttributeNames":
            {"#0": "pivot_key", "#1": "id_left", "#2": "id_right", "#3": "created_at", "#4": "extra"},
        "ExpressionAttributeValues": {":0": {"S": "users_roles"}, ":1": {"S": "u1"}, ":2": {"S": "r1"},
            ":3": {"S": "2026-03-04T05:06:07.890Z"}, ":4": {"M": {}}}})json";
    run(users.related<&User::roles>(user).attach(role));
    expect_request(0, "UpdateItem", request);
    run(roles.related<&Role::users>(role).attach(user));
    expect_request(1, "UpdateItem", request);
    EXPECT_FALSE(user.roles.loaded()) << "what is loaded is not changed";
}

TEST_F(links, replace_their_data_only_when_some_is_given) {
    std::string const request = R"json({"TableName": "test_pivots",
        "Key": {"pk": {"S": "users_roles#u1"}, "sk": {"S": "r1"}},
        "UpdateExpression": "SET #0 = :0, #1 = :1, #2 = :2, #3 = if_not_exists(#3, :3), #4 = :4",
        "ExpressionAttributeNames":
            {"#0": "pivot_key", "#1": "id_left", "#2": "id_right", "#3": "created_at", "#4": "extra"},
        "ExpressionAttributeValues": {":0": {"S": "users_roles"}, ":1": {"S": "u1"}, ":2": {"S": "r1"},
            ":3": {"S": "2026-03-04T05:06:07.890Z"},
            ":4": {"M": {"granted_by": {"S": "system"}, "level": {"N": "3"}}}}})json";
    run(users.related<&User::roles>(user).attach(role, pivot("granted_by", "system", "level", 3)));
    expect_request(0, "UpdateItem", request);
    run(roles.related<&Role::users>(role).attach(user, pivot("granted_by", "system", "level", 3)));
    expect_request(1, "UpdateItem", request);
    run(users.related<&User::roles>(user).attach(role, pivot()));
    EXPECT_EQ(renumbered(body(2)).at("UpdateExpression"), renumbered(body(0)).at("UpdateExpression"))
        << "no data is data, if given";
}

TEST_F(links, of_keys_with_two_parts_and_of_numbers_lie_in_the_table_that_was_named) {
    Device device;
    device.site = "no#rth%";
    device.number = -12;
    Alarm alarm;
    alarm.code = 9;
    std::string const request = R"json({"TableName": "test_alarm_links",
        "Key": {"pk": {"S": "devices_alarms#no%23rth%25#-12"}, "sk": {"S": "9"}},
        "UpdateExpression":
            "SET #0 = :0, #1 = :1, #2 = :2, #3 = if_not_exists(#3, :3), #4 = if_not_exists(#4, :4)",
        "ExpressionAttributeNames":
            {"#0": "pivot_key", "#1": "id_left", "#2": "id_right", "#3": "created_at", "#4": "extra"},
        "ExpressionAttributeValues": {":0": {"S": "devices_alarms"}, ":1": {"S": "no%23rth%25#-12"}, ":2": {"S": "9"},
            ":3": {"S": "2026-03-04T05:06:07.890Z"}, ":4": {"M": {}}}})json";
    run(devices.related<&Device::alarms>(device).attach(alarm));
    expect_request(0, "UpdateItem", request);
    run(alarms.related<&Alarm::devices>(alarm).attach(device));
    expect_request(1, "UpdateItem", request);
    std::string const removal = R"({"TableName": "test_alarm_links", "ReturnValues": "ALL_OLD",
        "Key": {"pk": {"S": "devices_alarms#no%23rth%25#-12"}, "sk": {"S": "9"}}})";
    run(devices.related<&Device::alarms>(device).detach(alarm));
    expect_request(2, "DeleteItem", removal);
    run(alarms.related<&Alarm::devices>(alarm).detach(device));
    expect_request(3, "DeleteItem", removal);
}

TEST_F(links, are_detached_from_both_sides_and_say_whether_they_were_there) {
    std::string const request = R"({"TableName": "test_pivots", "ReturnValues": "ALL_OLD",
        "Key": {"pk": {"S": "users_roles#u1"}, "sk": {"S": "r1"}}})";
    answer_with(R"({"Attributes":{"pk":{"S":"users_roles#u1"}}})");
    EXPECT_TRUE(run(users.related<&User::roles>(user).detach(role)));
    expect_request(0, "DeleteItem", request);
    answer_with(R"({"Attributes":{"pk":{"S":"users_roles#u1"}}})");
    EXPECT_TRUE(run(roles.related<&Role::users>(role).detach(user)));
    expect_request(1, "DeleteItem", request);
    answer_with("{}");
    EXPECT_FALSE(run(users.related<&User::roles>(user).detach(role)));
    answer_with(R"({"Attributes":null})");
    EXPECT_FALSE(run(users.related<&User::roles>(user).detach(role)));
}

TEST_F(links, may_be_sent_again_when_an_answer_is_lost) {
    auto const careful = dynasio::call_options().repeat_unsafe_writes(false);
    answer_with(canned(canned::how::reset));
    run(users.related<&User::roles>(user).attach(role, pivot("level", 1), careful));
    ASSERT_EQ(sent(), 2U);
    EXPECT_EQ(body(0), body(1));
    answer_with(canned(canned::how::reset));
    answer_with("{}");
    EXPECT_TRUE(run(users.related<&User::roles>(user).detach(role, careful)))
        << "the attempt whose answer was lost is taken to have removed the link";
    ASSERT_EQ(sent(), 4U);
    EXPECT_EQ(body(2), body(3));
}

TEST_F(links, of_what_is_not_saved_are_refused_whichever_side_it_is) {
    User const no_user;
    Role const no_role;
    auto const refused = [&](auto call, std::string const& path) {
        auto const f = failure_of(call());
        EXPECT_EQ(f.code, errc::entity_not_saved) << f.to_string();
        EXPECT_EQ(f.info->relation_path, path);
        EXPECT_EQ(f.info->attribute, "id");
        EXPECT_NE(f.info->message.find("both sides of " + path + " must be saved before they can be linked"),
                  std::string::npos)
            << f.info->message;
    };
    refused([&] { return users.related<&User::roles>(no_user).attach(role); }, "User.roles");
    refused([&] { return users.related<&User::roles>(user).attach(no_role); }, "User.roles");
    refused([&] { return roles.related<&Role::users>(role).attach(no_user); }, "Role.users");
    refused([&] { return users.related<&User::roles>(user).detach(no_role); }, "User.roles");
    refused([&] { return roles.related<&Role::users>(no_role).detach(user); }, "Role.users");
    EXPECT_EQ(sent(), 0U);
}

TEST_F(links, of_keys_that_are_too_long_for_them_are_refused_whichever_side_it_is) {
    // A row's partition key is the relation's name, a separator and the left key; its sort key is the right key.
    std::size_t const most_left = 2048 - std::string_view("users_roles#").size(), most_right = 1024;
    User const long_user = a_user(std::string(most_left, 'u'));
    Role const long_role = a_role(std::string(most_right, 'r'));
    run(users.related<&User::roles>(long_user).attach(long_role));
    run(roles.related<&Role::users>(long_role).attach(long_user));
    EXPECT_TRUE(run(dynasio::as_result(users.related<&User::roles>(long_user).detach(long_role))).has_value());
    EXPECT_EQ(sent(), 3U);
    User const longer_user = a_user(std::string(most_left + 1, 'u'));
    Role const longer_role = a_role(std::string(most_right - 1, 'r') + "\xc3\xa9"); // counted in bytes
    auto const refused = [&](auto call, std::string const& path, std::string const& entity, std::string const& what) {
        auto const f = failure_of(call());
        EXPECT_EQ(f.code, errc::invalid_argument) << f.to_string();
        EXPECT_EQ(f.info->relation_path, path);
        EXPECT_EQ(f.info->entity, entity);
        EXPECT_NE(f.info->message.find(what), std::string::npos) << f.info->message;
    };
    std::string const left =
        "the key of User, the left side of User.roles, has 2037 bytes as text, and a link takes at "
        "most 2036, because";
    std::string const right = "the key of Role, the right side of User.roles, has 1025 bytes as text, and a link takes "
                              "at most 1024, because";
    refused([&] { return users.related<&User::roles>(longer_user).attach(role); }, "User.roles", "User", left);
    refused([&] { return users.related<&User::roles>(user).attach(longer_role); }, "User.roles", "Role", right);
    refused([&] { return users.related<&User::roles>(user).detach(longer_role); }, "User.roles", "Role", right);
    refused([&] { return roles.related<&Role::users>(longer_role).attach(user); }, "Role.users", "Role", right);
    refused([&] { return roles.related<&Role::users>(role).detach(longer_user); }, "Role.users", "User", left);
    User reading = longer_user;
    Role read = longer_role;
    refused([&] { return users.load<&User::roles>(reading); }, "User.roles", "User", left);
    refused([&] { return roles.load<&Role::users>(read); }, "Role.users", "Role", right);
    EXPECT_EQ(sent(), 3U);
}

TEST_F(links, with_more_data_than_an_item_holds_are_refused) {
    auto const f = failure_of(
        users.related<&User::roles>(user).attach(role, pivot("text", std::string(std::size_t{400} * 1024, 'x'))));
    EXPECT_EQ(f.code, errc::item_too_large) << f.to_string();
    EXPECT_EQ(f.info->relation_path, "User.roles");
    EXPECT_EQ(f.info->table, "test_pivots");
    EXPECT_EQ(sent(), 0U);
}

TEST_F(links, name_the_relation_in_what_the_service_refuses) {
    answer_with(service_error_answer("ResourceNotFoundException"));
    auto const attached = failure_of(users.related<&User::roles>(user).attach(role));
    EXPECT_EQ(attached.code, service_errc::resource_not_found);
    EXPECT_EQ(attached.info->relation_path, "User.roles");
    EXPECT_EQ(attached.info->table, "test_pivots");
    EXPECT_EQ(attached.info->operation, "UpdateItem");
    answer_with(service_error_answer("ResourceNotFoundException"));
    auto const detached = failure_of(roles.related<&Role::users>(role).detach(user));
    EXPECT_EQ(detached.info->relation_path, "Role.users");
    EXPECT_EQ(detached.info->table, "test_pivots");
    EXPECT_EQ(detached.info->operation, "DeleteItem");
}

} // namespace
