// Reading by key: one entity, and many at once with answers that come in pieces and in any order.

#include <dynasio/orm/key.hpp>
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/with.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "../model.hpp"
#include "service_fixture.hpp"

namespace {

using namespace run_test;
using dynasio::consistent;
using dynasio::key;
using dynasio::key_of;
using dynasio::load_report;
using dynasio::report_to;
using dynasio::repository;
using dynasio::service_errc;
using dynasio::with;
using shop::Device;
using shop::Post;
using shop::User;

std::string user_key(std::string const& id) { return R"({"id":{"S":")" + id + R"("}})"; }
std::string user(std::string const& id) {
    return R"({"name":{"S":"name of )" + id + R"("},"id":{"S":")" + id + R"("},"version":{"N":"1"}})";
}
std::string joined(std::vector<std::string> const& parts) {
    std::string out;
    for (auto const& part : parts) out += (out.empty() ? "" : ",") + part;
    return out;
}
/// The answer to a BatchGetItem about one table.
std::string batch(std::vector<std::string> const& items, std::vector<std::string> const& unprocessed = {},
                  std::string const& table = "test_users") {
    std::string out = R"({"Responses":{")" + table + R"(":[)" + joined(items) + R"(]},"UnprocessedKeys":{)";
    if (!unprocessed.empty()) out += '"' + table + R"(":{"Keys":[)" + joined(unprocessed) + "]}";
    return out + "}}";
}
/// The request for these keys.
std::string asking(std::vector<std::string> const& keys, std::string const& more = {},
                   std::string const& table = "test_users") {
    return R"({"RequestItems":{")" + table + R"(":{"Keys":[)" + joined(keys) + "]" + more + "}}}";
}

template <class T> std::string ids(std::vector<std::optional<T>> const& found) {
    std::string out;
    for (auto const& each : found) out += (out.empty() ? "" : " ") + (each ? each->id : std::string("-"));
    return out;
}

class finding : public service_conversation {
protected:
    repository<User> users{db};
    repository<Device> devices{db};
};

// ---- one

TEST_F(finding, one_that_fails_without_capacity_reports_none) {
    load_report report;
    answer_with(dynasio::test::service_error_answer("AccessDeniedException"));
    EXPECT_EQ(failure_of(users.find("u1", report_to(report))).code, service_errc::access_denied);
    EXPECT_EQ(report.gets, 1U);
    EXPECT_TRUE(report.capacity.usage().empty());
}

TEST_F(finding, one_with_assumptions_about_a_relation_that_there_is_not_sends_nothing) {
    auto const assumed = dynasio::load_assumptions().children("User.post", 3);
    EXPECT_EQ(failure_of(users.find("u1", with<&User::posts>(), assumed)).code, errc::invalid_argument);
    EXPECT_EQ(failure_of(users.find_many(std::vector<std::string>{"u1", "u2"}, assumed)).code, errc::invalid_argument);
    EXPECT_EQ(sent(), 0U);
}

TEST_F(finding, one_is_a_get_item) {
    answer_with(R"({"Item":)" + user("u1") + "}");
    auto const found = run(users.find("u1"));
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->name, "name of u1");
    expect_request(0, "GetItem", R"({"TableName": "test_users", "Key": {"id": {"S": "u1"}}})");
    answer_with(R"({"Item":{"number":{"N":"-7"},"site":{"S":"s"}}})");
    EXPECT_EQ(run(devices.get(key("s", -7))).number, -7);
    expect_request(1, "GetItem",
                   R"({"TableName": "test_devices", "Key": {"site": {"S": "s"}, "number": {"N": "-7"}}})");
}

TEST_F(finding, one_takes_the_options_of_a_read) {
    load_report report;
    answer_with(R"({"Item":)" + user("u1") + R"(,"ConsumedCapacity":{"TableName":"test_users","CapacityUnits":1.5}})");
    (void)run(users.find("u1", consistent, report_to(report)));
    expect_request(0, "GetItem", R"({"TableName": "test_users", "Key": {"id": {"S": "u1"}}, "ConsistentRead": true,
        "ReturnConsumedCapacity": "TOTAL"})");
    EXPECT_EQ(report.gets, 1U);
    EXPECT_EQ(report.items, 1U);
    EXPECT_EQ(report.read_units, 1.5);
}

TEST_F(finding, one_that_does_not_exist_is_nothing_or_an_error) {
    for (std::string const nothing : {"{}", R"({"Item":null})"}) {
        answer_with(nothing);
        EXPECT_FALSE(run(users.find("u1")).has_value());
        answer_with(nothing);
        EXPECT_FALSE(run(users.find("u1", with<&User::posts>())).has_value());
    }
    EXPECT_EQ(sent(), 4U) << "no relations of nothing";
    answer_with("{}");
    auto const f = failure_of(users.get("u1"));
    EXPECT_EQ(f.code, errc::not_found);
    EXPECT_EQ(f.info->entity, "User");
    EXPECT_EQ(f.info->table, "test_users");
    EXPECT_EQ(f.info->operation, "GetItem");
    EXPECT_NE(f.info->message.find(R"(there is no User with the key {"id":{"S":"u1"}})"), std::string::npos);
}

TEST_F(finding, one_refuses_what_was_not_asked_for) {
    auto const refused = [&](std::string const& answer, dynasio::error_code code) {
        for (int way = 0; way < 2; ++way) {
            answer_with(answer);
            auto const f = way == 0 ? failure_of(users.find("u1")) : failure_of(users.get("u1"));
            EXPECT_EQ(f.code, code) << answer << ' ' << f.to_string();
            EXPECT_EQ(f.info->entity, "User");
            EXPECT_EQ(f.info->table, "test_users");
            EXPECT_EQ(f.info->operation, "GetItem");
        }
    };
    refused(R"({"Item":)" + user("u2") + "}", errc::malformed_response);
    refused(R"({"Item":)" + user("u1") + R"(,"Item":)" + user("u1") + "}", errc::malformed_response);
    refused("[]", errc::malformed_response);
    refused(R"({"Item":{"id":{"S":"u1"},"version":{"S":"one"}}})", errc::attribute_type_mismatch);
}

// ---- many

TEST_F(finding, many_ask_again_for_what_stayed_unprocessed_and_answer_in_the_order_of_the_keys) {
    answer_with(batch({user("u1")}, {user_key("u2"), user_key("gone"), user_key("u3")}));
    answer_with(batch({user("u2")}, {user_key("u3")}));
    answer_with(batch({user("u3")}));
    load_report report;
    std::vector<std::string> const keys{"u3", "u1", "gone", "u3", "u2", "u1"};
    auto const found = run(users.find_many(keys, report_to(report)));
    EXPECT_EQ(ids(found), "u3 u1 - u3 u2 u1");
    EXPECT_EQ(found[3]->name, "name of u3");
    ASSERT_EQ(sent(), 3U);
    auto const asked = [&](std::size_t i) {
        std::set<std::string> in;
        auto const request = body(i);
        auto const& all = request.at("RequestItems").at("test_users").at("Keys").as_array();
        for (auto const& each : all) in.insert(std::string(each.at("id").at("S").as_string()));
        EXPECT_EQ(in.size(), all.size()) << "each once";
        return in;
    };
    EXPECT_EQ(asked(0), (std::set<std::string>{"u3", "u1", "gone", "u2"}));
    EXPECT_EQ(asked(1), (std::set<std::string>{"u3", "gone", "u2"}));
    EXPECT_EQ(asked(2), (std::set<std::string>{"u3"}));
    EXPECT_EQ(report.batch_gets, 3U);
    EXPECT_EQ(report.keys, 4U);
    EXPECT_EQ(report.unprocessed, 4U);
    EXPECT_EQ(report.items, 3U);
    EXPECT_EQ(report.max_in_flight, 1U);
}

TEST_F(finding, many_take_items_in_any_order_and_the_rest_before_them) {
    answer_with(R"({"UnprocessedKeys":{"test_users":{"Keys":[)" + user_key("u1") + R"(],"ConsistentRead":false}},
        "Responses":{"test_users":[)" +
                joined({user("u4"), user("u2"), user("u3")}) + "]}}");
    answer_with(batch({user("u1")}));
    EXPECT_EQ(ids(run(users.find_many(std::vector<std::string>{"u1", "u2", "u3", "u4"}))), "u1 u2 u3 u4");
    ASSERT_EQ(sent(), 2U);
    expect_request(0, "BatchGetItem", asking({user_key("u1"), user_key("u2"), user_key("u3"), user_key("u4")}));
    expect_request(1, "BatchGetItem", asking({user_key("u1")}));
}

TEST_F(finding, many_take_the_options_of_a_read) {
    load_report report;
    auto const costing = [](std::string answer, std::string const& units) {
        answer.pop_back();
        return answer + R"(,"ConsumedCapacity":[{"TableName":"test_users","CapacityUnits":)" + units + "}]}";
    };
    answer_with(costing(batch({user("u1")}, {user_key("u2")}), "0.5"));
    answer_with(costing(batch({user("u2")}), "1"));
    EXPECT_EQ(ids(run(users.find_many(std::vector<std::string>{"u1", "u2"}, consistent, report_to(report)))), "u1 u2");
    auto const expected = [](std::string const& keys) {
        return R"({"RequestItems": {"test_users": {"Keys": [)" + keys +
               R"(], "ConsistentRead": true}}, "ReturnConsumedCapacity": "TOTAL"})";
    };
    expect_request(0, "BatchGetItem", expected(joined({user_key("u1"), user_key("u2")})));
    expect_request(1, "BatchGetItem", expected(user_key("u2")));
    EXPECT_EQ(report.read_units, 1.5);
}

TEST_F(finding, many_by_two_parts_take_them_in_any_order) {
    std::vector<key_of<Device>> const keys{key("s", 2), key("s", 1), key("t", 1)};
    auto const text = [](std::string const& site, int number) {
        return R"({"number":{"N":")" + std::to_string(number) + R"("},"site":{"S":")" + site + R"("}})";
    };
    answer_with(batch({text("t", 1)}, {text("s", 1), text("s", 2)}, "test_devices"));
    answer_with(batch({text("s", 1), text("s", 2)}, {}, "test_devices"));
    auto const found = run(devices.find_many(keys));
    ASSERT_EQ(found.size(), 3U);
    for (auto const& each : found) ASSERT_TRUE(each.has_value());
    EXPECT_EQ(found[0]->number, 2);
    EXPECT_EQ(found[1]->number, 1);
    EXPECT_EQ(found[2]->site, "t");
    ASSERT_EQ(sent(), 2U);
    expect_request(0, "BatchGetItem", R"({"RequestItems": {"test_devices": {"Keys": [
        {"site": {"S": "s"}, "number": {"N": "2"}}, {"site": {"S": "s"}, "number": {"N": "1"}},
        {"site": {"S": "t"}, "number": {"N": "1"}}]}}})");
}

TEST_F(finding, many_of_none_send_nothing) {
    EXPECT_TRUE(run(users.find_many(std::vector<std::string>{})).empty());
    EXPECT_EQ(sent(), 0U);
}

TEST_F(finding, many_go_100_distinct_ones_at_a_time) {
    service.answer = [&](std::string const& request) {
        std::vector<std::string> items;
        auto const asked = json::parse(request);
        auto const& keys = asked.at("RequestItems").at("test_users").at("Keys").as_array();
        EXPECT_LE(keys.size(), 100U);
        for (auto at = keys.rbegin(); at != keys.rend(); ++at)
            items.push_back(user(std::string(at->at("id").at("S").as_string())));
        return canned(batch(items));
    };
    std::vector<std::string> keys;
    for (int i = 0; i < 200; ++i) keys.push_back("u" + std::to_string(i % 100));
    auto found = run(users.find_many(keys));
    EXPECT_EQ(sent(), 1U) << "200 keys, 100 of them distinct";
    for (std::size_t i = 0; i < keys.size(); ++i) ASSERT_EQ(found[i]->id, keys[i]);
    keys.push_back("u100");
    found = run(users.find_many(keys));
    EXPECT_EQ(sent(), 3U);
    for (std::size_t i = 0; i < keys.size(); ++i) ASSERT_EQ(found[i]->id, keys[i]);
}

TEST_F(finding, many_give_up_when_answers_bring_nothing_and_name_the_keys) {
    std::vector<std::string> const keys{"u1", "u2", "u3"};
    answer_with(batch({user("u1")}, {user_key("u2"), user_key("u3")}));
    for (unsigned i = 0; i < attempts; ++i) answer_with(batch({}, {user_key("u2"), user_key("u3")}));
    auto const f = failure_of(users.find_many(keys));
    EXPECT_EQ(f.code, errc::batch_incomplete) << f.to_string();
    EXPECT_EQ(std::set<std::string>(f.info->missing_keys.begin(), f.info->missing_keys.end()),
              (std::set<std::string>{user_key("u2"), user_key("u3")}));
    EXPECT_EQ(f.info->entity, "User");
    EXPECT_EQ(f.info->table, "test_users");
    EXPECT_EQ(f.info->operation, "BatchGetItem");
    EXPECT_EQ(sent(), 1U + attempts);
}

TEST_F(finding, many_count_only_answers_in_a_row_that_bring_nothing) {
    std::vector<std::string> const rest{user_key("u2"), user_key("u3")};
    std::vector<std::string> const last{user_key("u3")};
    for (unsigned i = 0; i + 1 < attempts; ++i) answer_with(batch({}, rest));
    answer_with(batch({user("u2")}, last));
    for (unsigned i = 0; i + 1 < attempts; ++i) answer_with(batch({}, last));
    answer_with(batch({user("u3")}));
    EXPECT_EQ(ids(run(users.find_many(std::vector<std::string>{"u2", "u3"}))), "u2 u3");
    EXPECT_EQ(sent(), 2U * attempts);
}

TEST_F(finding, many_refuse_answers_to_other_questions) {
    auto const refused = [&](std::string const& answer) {
        answer_with(answer);
        auto const f = failure_of(users.find_many(std::vector<std::string>{"u1", "u2"}));
        EXPECT_EQ(f.code, errc::malformed_response) << answer << ' ' << f.to_string();
        EXPECT_EQ(f.info->entity, "User");
        EXPECT_EQ(f.info->table, "test_users");
        EXPECT_EQ(f.info->operation, "BatchGetItem");
        EXPECT_TRUE(f.info->missing_keys.empty());
    };
    refused(batch({user("u3")}));
    refused(batch({user("u1"), user("u2"), user("u3")}));
    refused(batch({user("u1")}, {}, "users"));
    refused(batch({}, {user_key("u3")}));
    refused(batch({}, {R"({"name":{"S":"u1"}})"}));
    refused(batch({}, {user_key("u1")}, "users"));
    refused(batch({user("u1")}, {user_key("u1")}));
    refused(R"({"Responses":{},"Responses":{}})");
    refused(R"({"UnprocessedKeys":{},"UnprocessedKeys":{}})");
    refused("[]");
    refused("");
}

TEST_F(finding, many_take_null_for_absent_parts_of_an_answer) {
    answer_with(R"({"UnprocessedKeys":null,"Responses":null,"New":{"a":[1]}})");
    EXPECT_EQ(ids(run(users.find_many(std::vector<std::string>{"u1", "u2"}))), "- -");
}

TEST_F(finding, many_pass_failures_on_with_what_they_are_about) {
    answer_with(batch({user("u1")}, {user_key("u2")}));
    answer_with(service_error_answer("ResourceNotFoundException"));
    auto const f = failure_of(users.find_many(std::vector<std::string>{"u1", "u2"}));
    EXPECT_EQ(f.code, service_errc::resource_not_found);
    EXPECT_EQ(f.info->table, "test_users");
    EXPECT_EQ(f.info->operation, "BatchGetItem");
}

TEST_F(finding, many_with_relations_ask_for_these_as_entities_arrive) {
    answer_with(batch({user("u2")}));
    answer_with(R"({"Items":[{"id":{"S":"p1"},"author_id":{"S":"u2"},"title":{"S":"t"}}]})");
    auto const found = run(users.find_many(std::vector<std::string>{"u2", "gone", "u2"}, with<&User::posts>()));
    EXPECT_EQ(ids(found), "u2 - u2");
    ASSERT_EQ(sent(), 2U);
    EXPECT_EQ(operation(1), "Query");
    EXPECT_EQ(found[0]->posts[0].id, "p1");
    EXPECT_EQ(found[2]->posts[0].id, "p1");
}

class finds_spelt_otherwise : public service_conversation {
protected:
    repository<Device> devices{db};
    static std::string device(std::string const& number) {
        return R"({"site":{"S":"s"},"number":{"N":")" + number + R"("},"model":{"S":"m"}})";
    }
};

TEST_F(finds_spelt_otherwise, are_matched_by_value) {
    answer_with(R"({"Item":)" + device("7.0") + "}");
    auto const one = run(devices.find(key("s", 7)));
    ASSERT_TRUE(one.has_value());
    EXPECT_EQ(one->model, "m");

    std::vector<key_of<Device>> keys;
    keys.emplace_back(key("s", 7));
    keys.emplace_back(key("s", 8));
    answer_with(batch({device("8.0"), device("7")}, {}, "test_devices"));
    auto const many = run(devices.find_many(keys));
    ASSERT_TRUE(many[0].has_value() && many[1].has_value());
    EXPECT_EQ(many[0]->number, 7);
    EXPECT_EQ(many[1]->number, 8);
}

TEST_F(finds_spelt_otherwise, are_matched_among_unprocessed_keys_too) {
    std::vector<key_of<Device>> keys;
    keys.emplace_back(key("s", 7));
    answer_with(batch({}, {R"({ "number": {"N": "7"}, "site": {"S": "\u0073"} })"}, "test_devices"));
    answer_with(batch({device("7")}, {}, "test_devices"));
    auto const many = run(devices.find_many(keys));
    ASSERT_TRUE(many[0].has_value());
    EXPECT_EQ(sent(), 2U);
}

TEST_F(finds_spelt_otherwise, are_refused_when_they_come_twice) {
    std::vector<key_of<Device>> keys;
    keys.emplace_back(key("s", 7));
    keys.emplace_back(key("s", 8));
    for (auto const& [items, left] : std::vector<std::pair<std::vector<std::string>, std::vector<std::string>>>{
             {{device("7"), device("7.0")}, {}},
             {{device("7")}, {R"({"site":{"S":"s"},"number":{"N":"7"}})"}},
             {{}, {R"({"site":{"S":"s"},"number":{"N":"7"}})", R"({"site":{"S":"s"},"number":{"N":"7"}})"}}}) {
        answer_with(batch(items, left, "test_devices"));
        EXPECT_EQ(failure_of(devices.find_many(keys)).code, errc::malformed_response);
    }
}

} // namespace
