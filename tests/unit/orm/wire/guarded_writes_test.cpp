// Which requests keep the guards of unique<> members, and what their refusals lead to.

#include <dynasio/orm/detail/describe.hpp>
#include <dynasio/orm/detail/planned_write.hpp>
#include <dynasio/orm/schema.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/timestamp.hpp>
#include <dynasio/core/ulid.hpp>

#include <boost/json.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <orm/wire/decided_write.hpp>
#include <orm/wire/guarded_writes.hpp>
#include <orm/wire/unique_guards.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "support/error_of.hpp"

namespace guarded {

struct Person {
    std::string id{};
    std::string email{};
    std::optional<int> phone{};
    std::string note{};
};
constexpr auto dynasio_schema(dynasio::tag<Person>) {
    return dynasio::entity<Person>(dynasio::table{"persons"}, dynasio::partition_key<&Person::id>,
                                   dynasio::unique<&Person::email>, dynasio::unique<&Person::phone>.named("phone"));
}

} // namespace guarded

namespace {

namespace json = boost::json;
using namespace dynasio::detail;
using dynasio::diagnostics;
using dynasio::entity_type_of;
using dynasio::errc;
using dynasio::error;
using dynasio::service_errc;
using dynasio::dynamodb::operation;
using dynasio::dynamodb::detail::raw_reply;
using dynasio::test::error_of;
using guarded::Person;
using kind = planned_write::kind;

class guarded_requests : public testing::Test {
protected:
    void decide(kind what, Person& entity, std::optional<std::string> token = std::nullopt) {
        decide(std::vector<std::pair<kind, Person*>>{{what, &entity}}, std::move(token));
    }
    void decide(std::vector<std::pair<kind, Person*>> const& all, std::optional<std::string> token) {
        std::vector<planned_write> plans(all.size());
        for (std::size_t i = 0; i < all.size(); ++i) {
            plans[i].what = all[i].first;
            plans[i].type = &entity_type_of<Person>();
            plans[i].form = hold(*all[i].second);
        }
        write_environment env;
        env.table_prefix = "p_";
        env.now = dynasio::system_time(std::chrono::seconds(1'700'000'000));
        env.ids = &ids;
        writes = std::make_unique<guarded_writes>(decide_together(env, plans), "p_", std::move(token));
    }
    /// The operation that is sent next; its body is `body` then.
    operation sent() {
        auto const request = writes->next({});
        if (!request) {
            ADD_FAILURE() << "there is no request";
            return operation::list_tables;
        }
        EXPECT_FALSE(writes->ready({}));
        body = json::parse(request->body).as_object();
        if (body.contains("TransactItems")) {
            actions = body.at("TransactItems").as_array();
            EXPECT_TRUE(request->repeats_cancelled);
        }
        return request->op;
    }
    void answer(std::string text = "{}") {
        raw_reply reply;
        reply.detached = std::make_unique<raw_reply::detached_answer>();
        reply.detached->body = std::move(text);
        writes->on_answer(0, {reply, false, {}, 0});
    }
    /// The condition of a write that is sent alone does not hold.
    void refuse(std::string item) {
        diagnostics d;
        d.item = std::move(item);
        EXPECT_TRUE(writes->takes_failure(0, error(service_errc::conditional_check_failed, std::move(d))));
    }
    /// One of the actions is refused, for which this item is stored.
    void cancel(std::size_t which, std::string item) {
        diagnostics d;
        d.cancellation_reasons.resize(actions.size(), {"None", "", ""});
        d.cancellation_reasons.at(which) = {"ConditionalCheckFailed", "", std::move(item)};
        EXPECT_TRUE(writes->takes_failure(0, error(service_errc::transaction_canceled, std::move(d))));
    }
    static std::string guard_of(std::string const& id, std::string const& table = "persons",
                                std::string const& of = "persons.email") {
        return R"({"pk":{"S":"x"},"owner":{"M":{"table":{"S":")" + table + R"("},"key":{"M":{"id":{"S":")" + id +
               R"("}}}}},"of":{"S":")" + of + R"("}})";
    }
    errc failed() const {
        if (!writes->done() || !writes->failed()) return errc{};
        EXPECT_EQ(writes->failed()->code().category(), dynasio::client_category()) << writes->failed()->what();
        return static_cast<errc>(writes->failed()->code().value());
    }

    dynasio::ulid_generator ids{[] { return dynasio::system_time(std::chrono::seconds(1)); },
                                [](std::span<unsigned char> bytes) { std::fill(bytes.begin(), bytes.end(), '\7'); }};
    std::unique_ptr<guarded_writes> writes;
    json::object body{};
    json::array actions{};
    Person ann{"u1", "ann", {}, "x"};
};

TEST_F(guarded_requests, create_an_entity_and_its_guards_together) {
    ann.phone = 5;
    decide(kind::create, ann);
    EXPECT_EQ(sent(), operation::transact_write_items);
    auto const expected = json::parse(R"json([
        {"Put": {"TableName": "p_persons",
            "Item": {"id": {"S": "u1"}, "email": {"S": "ann"}, "phone": {"N": "5"}, "note": {"S": "x"}},
            "ConditionExpression": "attribute_not_exists(#0)", "ExpressionAttributeNames": {"#0": "id"},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}},
        {"Put": {"TableName": "p_uniques",
            "Item": {"pk": {"S": "persons.email#ann"},
                "owner": {"M": {"table": {"S": "persons"}, "key": {"M": {"id": {"S": "u1"}}}}},
                "of": {"S": "persons.email"}},
            "ConditionExpression": "attribute_not_exists(#0) OR #1 = :0",
            "ExpressionAttributeNames": {"#0": "pk", "#1": "owner"},
            "ExpressionAttributeValues": {
                ":0": {"M": {"table": {"S": "persons"}, "key": {"M": {"id": {"S": "u1"}}}}}},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}])json")
                              .as_array();
    ASSERT_EQ(actions.size(), 3u);
    EXPECT_EQ(actions[0], expected[0]) << json::serialize(actions[0]);
    EXPECT_EQ(actions[1], expected[1]) << json::serialize(actions[1]);
    EXPECT_EQ(actions[2].at("Put").at("Item").at("pk").at("S"), "phone#5");
    EXPECT_EQ(actions[2].at("Put").at("Item").at("of").at("S"), "persons.phone");
    answer();
    EXPECT_TRUE(writes->done());
    EXPECT_FALSE(writes->failed());
}

TEST_F(guarded_requests, save_what_has_not_changed_alone) {
    decide(kind::save, ann);
    EXPECT_EQ(sent(), operation::update_item);
    EXPECT_EQ(body.at("ConditionExpression"), "#0 = :0 AND (attribute_not_exists(#1) OR attribute_type(#1, :2))")
        << json::serialize(body);
    answer();
    EXPECT_TRUE(writes->done());
}

TEST_F(guarded_requests, change_guards_once_they_know_what_is_stored) {
    decide(kind::save, ann);
    (void)sent();
    refuse(R"({"id":{"S":"u1"},"email":{"S":"an#%"},"phone":{"N":"5.0"}})");
    EXPECT_FALSE(writes->done());
    EXPECT_EQ(sent(), operation::transact_write_items);
    ASSERT_EQ(actions.size(), 4u);
    auto const values = json::serialize(actions[0].at("Update").at("ExpressionAttributeValues"));
    EXPECT_NE(values.find(R"({"S":"an#%"})"), std::string::npos) << values;
    EXPECT_EQ(actions[1].at("Delete").at("Key").at("pk").at("S"), "persons.email#an%23%25") << body;
    EXPECT_EQ(actions[2].at("Put").at("Item").at("pk").at("S"), "persons.email#ann");
    EXPECT_EQ(actions[3].at("Delete").at("Key").at("pk").at("S"), "phone#5");
    // Somebody else removes it meanwhile; the save makes it anew.
    cancel(0, "");
    EXPECT_EQ(sent(), operation::transact_write_items);
    ASSERT_EQ(actions.size(), 2u);
    EXPECT_NE(json::serialize(actions[0]).find("attribute_not_exists"), std::string::npos);
    answer();
    EXPECT_TRUE(writes->done());
}

TEST_F(guarded_requests, remove_nothing_where_nothing_is) {
    decide(kind::remove, ann);
    EXPECT_EQ(sent(), operation::transact_write_items);
    EXPECT_EQ(actions.size(), 2u);
    cancel(0, "");
    EXPECT_TRUE(writes->done());
    EXPECT_FALSE(writes->failed());
    EXPECT_FALSE(writes->existed());
    decide(kind::remove, ann);
    (void)sent();
    answer();
    EXPECT_TRUE(writes->existed());
}

TEST_F(guarded_requests, ask_the_owner_of_a_guard_that_is_in_the_way) {
    decide(kind::create, ann);
    (void)sent();
    cancel(1, guard_of("u2"));
    EXPECT_EQ(sent(), operation::get_item);
    auto const expected = json::parse(R"json({"TableName": "p_persons", "Key": {"id": {"S": "u2"}},
        "ConsistentRead": true, "ProjectionExpression": "#0", "ExpressionAttributeNames": {"#0": "email"}})json");
    EXPECT_EQ(json::value(body), expected) << json::serialize(body);
    answer(R"({"Item":{"email":{"S":"ann"}}})");
    EXPECT_EQ(failed(), errc::not_unique);
    EXPECT_EQ(writes->failed()->info().holder, R"({"id":{"S":"u2"}})");
    EXPECT_EQ(writes->failed()->info().key, R"({"id":{"S":"u1"}})");
    EXPECT_EQ(writes->failed()->info().message,
              "Person::email = \"ann\" is to be unique, and the entity with the key {\"id\":{\"S\":\"u2\"}} has it, so "
              "the entity Person with the key {\"id\":{\"S\":\"u1\"}} was not written; choose another value");
}

TEST_F(guarded_requests, name_the_entity_that_is_written_where_another_kind_of_entity_has_the_value) {
    ann.phone = 7;
    decide(kind::create, ann);
    (void)sent();
    cancel(2, R"({"pk":{"S":"phone#7"},"owner":{"M":{"table":{"S":"shops"},"key":{"M":{"no":{"N":"1"}}}}},)"
              R"("of":{"S":"shops.hot_line"}})");
    EXPECT_EQ(failed(), errc::not_unique);
    auto const& info = writes->failed()->info();
    EXPECT_EQ(info.entity, "Person");
    EXPECT_EQ(info.table, "p_persons");
    EXPECT_EQ(info.attribute, "phone");
    EXPECT_EQ(info.holder, R"({"no":{"N":"1"}})");
    EXPECT_EQ(
        info.message,
        "Person::phone = 7 is to be unique, and the entity of the table p_shops with the key {\"no\":{\"N\":\"1\"}} "
        "has it as its hot_line, so the entity Person with the key {\"id\":{\"S\":\"u1\"}} was not written; "
        "choose another value");
}

TEST_F(guarded_requests, take_a_guard_over_while_its_owner_lacks_the_value) {
    decide(kind::create, ann);
    (void)sent();
    cancel(1, guard_of("u2"));
    (void)sent();
    answer(R"({"Item":{"email":{"S":"bob"}}})");
    EXPECT_EQ(sent(), operation::transact_write_items);
    ASSERT_EQ(actions.size(), 3u);
    EXPECT_EQ(actions[1].at("Put").at("ConditionExpression"), "attribute_not_exists(#0) OR #1 = :0 OR #1 = :1");
    auto const check = json::parse(R"json({"ConditionCheck": {"TableName": "p_persons", "Key": {"id": {"S": "u2"}},
        "ConditionExpression": "NOT #0 = :0", "ExpressionAttributeNames": {"#0": "email"},
        "ExpressionAttributeValues": {":0": {"S": "ann"}}}})json");
    EXPECT_EQ(actions[2], check) << json::serialize(actions[2]);
    // It gets the value again: the guard is what it seems.
    cancel(2, "");
    EXPECT_EQ(sent(), operation::transact_write_items);
    ASSERT_EQ(actions.size(), 2u);
    cancel(1, guard_of("u2"));
    EXPECT_EQ(sent(), operation::get_item);
    answer(R"({"Item":{"email":{"S":"ann"}}})");
    EXPECT_EQ(failed(), errc::not_unique);
}

TEST_F(guarded_requests, leave_guards_whose_owners_they_cannot_judge) {
    for (auto const& guard : {guard_of("u2", "robots"), guard_of("u2", "persons", "persons.handle"),
                              std::string(R"({"pk":{"S":"x"}})"), std::string()}) {
        decide(kind::create, ann);
        (void)sent();
        cancel(1, guard);
        EXPECT_EQ(failed(), errc::not_unique) << guard;
    }
    decide(kind::create, ann);
    (void)sent();
    cancel(1, guard_of("u2"));
    (void)sent();
    EXPECT_TRUE(writes->takes_failure(0, error(service_errc::validation, diagnostics())));
    EXPECT_EQ(failed(), errc::not_unique) << "the key is none of the table";
    // Another one's guard is not removed with a value.
    decide(kind::remove, ann);
    (void)sent();
    cancel(1, guard_of("u2"));
    EXPECT_EQ(sent(), operation::delete_item);
}

TEST_F(guarded_requests, have_the_callers_token_and_then_others_that_follow_from_it) {
    Person bob{"u2", "bob", {}, ""};
    std::vector<std::string> first, second;
    for (auto* const tokens : {&first, &second}) {
        decide({{kind::save, &ann}, {kind::save, &bob}}, std::string(36, 't'));
        for (int round = 0; round < 3; ++round) {
            EXPECT_EQ(sent(), operation::transact_write_items);
            tokens->emplace_back(body.at("ClientRequestToken").as_string());
            cancel(0, R"({"id":{"S":"u1"},"email":{"S":")" + std::to_string(round) + R"("}})");
        }
    }
    EXPECT_EQ(first, second);
    EXPECT_EQ(first[0], std::string(36, 't'));
    EXPECT_NE(first[1], first[2]);
    EXPECT_LE(first[2].size(), 36u);
}

TEST_F(guarded_requests, end_when_others_change_the_values_again_and_again) {
    decide(kind::save, ann);
    (void)sent();
    refuse(R"({"id":{"S":"u1"},"email":{"S":"first"}})");
    int rounds = 0;
    for (; !writes->done() && rounds < 1000; ++rounds) {
        (void)sent();
        cancel(0, R"({"id":{"S":"u1"},"email":{"S":"e)" + std::to_string(rounds) + R"("}})");
    }
    EXPECT_LT(rounds, 100);
    ASSERT_TRUE(writes->failed());
    EXPECT_EQ(writes->failed()->code(), service_errc::transaction_conflict);
    EXPECT_NE(writes->failed()->info().message.find("again and again"), std::string::npos);
}

TEST_F(guarded_requests, hand_a_value_on_with_one_action) {
    Person bob{"u2", "ann", {}, ""};
    decide({{kind::remove, &ann}, {kind::create, &bob}}, std::nullopt);
    EXPECT_EQ(sent(), operation::transact_write_items);
    ASSERT_EQ(actions.size(), 3u);
    EXPECT_NE(json::serialize(actions[2].at("Put").at("Item")).find(R"({"id":{"S":"u2"}})"), std::string::npos);
    EXPECT_EQ(actions[2].at("Put").at("ConditionExpression"), "attribute_not_exists(#0) OR #1 = :0 OR #1 = :1");
    Person cid{"u3", "ann", {}, ""};
    auto const e = error_of([&] { decide({{kind::create, &bob}, {kind::create, &cid}}, std::nullopt); });
    EXPECT_EQ(e.code(), errc::not_unique);
}

TEST(guard_keys, tell_apart_what_differs_and_join_what_does_not) {
    auto const& type = entity_type_of<Person>();
    auto const key = [&](std::size_t i, std::string wire) {
        stored_values values{true, std::vector<std::string>(type.attributes.size())};
        values.wire[type.uniques[i].attributes.front()] = std::move(wire);
        return guard_key(type, type.uniques[i], values);
    };
    EXPECT_EQ(key(0, R"({"S":"a#b%c"})"), "persons.email#a%23b%25c");
    EXPECT_EQ(key(0, R"({"S":"\u0061"})"), "persons.email#a");
    EXPECT_EQ(key(1, R"({"N":"1.50e1"})"), key(1, R"({"N":"15"})"));
    EXPECT_EQ(key(0, R"({"S":""})"), "");
    EXPECT_EQ(key(0, ""), "");
    EXPECT_EQ(key(0, R"({"N":"5"})"), "") << "no entity can have this value";
    EXPECT_FALSE(owner_in(R"({"owner":{"S":"u1"}})"));
    EXPECT_FALSE(owner_in(R"({"owner":{"M":{"table":{"S":"x"}}}})"));
    EXPECT_FALSE(owner_in("no JSON"));
    EXPECT_EQ(owner_in(R"({"owner":{"M":{"table":{"S":"x"},"key":{"M":{"id":{"S":"a"}}}}}})")->key,
              R"({"id":{"S":"a"}})");
}

} // namespace
