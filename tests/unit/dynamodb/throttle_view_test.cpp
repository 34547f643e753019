#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "dynamodb/request_targets.hpp"
#include "dynamodb/throttle_view.hpp"

namespace {

using namespace dynasio;
using namespace dynasio::dynamodb::detail;
using dynasio::dynamodb::operation;
using namespace std::chrono_literals;
using time_point = throttle_view::time_point;

constexpr auto table_arn = "arn:aws:dynamodb:us-east-1:123456789012:table/users";
constexpr auto index_arn = "arn:aws:dynamodb:us-east-1:123456789012:table/users/index/by_email";

/// Of a client that has seen no other request.
request_targets facts_of(operation op, std::string_view body) {
    partition_names none;
    return read_request_targets(op, body, none);
}
request_targets get(std::string const& table, std::string const& key = "1") {
    return facts_of(operation::get_item, R"({"TableName":")" + table + R"(","Key":{"id":{"S":")" + key + R"("}}})");
}
request_targets put(std::string const& table) {
    return facts_of(operation::put_item, R"({"Item":{"id":{"S":"1"}},"TableName":")" + table + R"("})");
}
request_targets query(std::string const& table, std::string const& index, std::string const& value = "v") {
    std::string body = R"({"TableName":")" + table + R"(")";
    if (!index.empty()) body += R"(,"IndexName":")" + index + R"(")";
    body += R"(,"KeyConditionExpression":"a = :a","ExpressionAttributeValues":{":a":{"S":")" + value + R"("}}})";
    return facts_of(operation::query, body);
}

struct waiting final : throttle_view::turn {
    void on_front() noexcept override { ++told; }
    unsigned told = 0;
};

struct throttle_view_test : testing::Test {
    /// Whether a request may go now; takes its turn if so.
    bool goes(request_targets const& facts) {
        std::vector<std::uint64_t> turns;
        return view.hold(facts, turns, now) == nullptr;
    }
    void throttled(request_targets const& facts, std::vector<throttling_reason> const& reasons = {}) {
        view.on_throttled(facts, reasons, now, now);
    }
    throttle_view::entry* held(request_targets const& facts) {
        std::vector<std::uint64_t> turns;
        return view.hold(facts, turns, now);
    }

    throttle_view view{throttle_options()};
    time_point now{std::chrono::hours(1)};
    std::vector<std::uint64_t> passed{};
};

TEST_F(throttle_view_test, nothing_is_held_back_before_anything_throttles) {
    EXPECT_FALSE(view.any());
    EXPECT_TRUE(goes(get("users")));
    EXPECT_TRUE(view.snapshot().empty());
}

TEST_F(throttle_view_test, a_throttled_table_holds_back_its_own_reads_only) {
    throttled(get("users"));
    EXPECT_TRUE(view.any());
    EXPECT_FALSE(goes(get("users")));
    EXPECT_FALSE(goes(get("users", "other key")));
    EXPECT_FALSE(goes(query("users", "")));
    EXPECT_TRUE(goes(query("users", "by_email")));
    EXPECT_TRUE(goes(put("users")));
    EXPECT_TRUE(goes(get("posts")));
    now += 25ms;
    EXPECT_TRUE(goes(get("users")));
}

TEST_F(throttle_view_test, a_throttled_index_holds_back_neither_its_table_nor_another_index) {
    throttled(query("users", "by_email"), {{"IndexReadProvisionedThroughputExceeded", index_arn}});
    EXPECT_FALSE(goes(query("users", "by_email")));
    EXPECT_TRUE(goes(query("users", "by_name")));
    EXPECT_TRUE(goes(query("users", "")));
    EXPECT_TRUE(goes(get("users")));
    EXPECT_TRUE(goes(put("users")));
    auto const all = view.snapshot();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].table, "users");
    EXPECT_EQ(all[0].index, "by_email");
    EXPECT_EQ(all[0].reason, "IndexReadProvisionedThroughputExceeded");
    EXPECT_EQ(all[0].kind, capacity_kind::read);
    EXPECT_FALSE(all[0].single_key);
    EXPECT_EQ(all[0].throttled, 1U);
}

TEST_F(throttle_view_test, throttled_writes_of_an_index_hold_back_the_tables_writes) {
    throttled(put("users"), {{"IndexWriteProvisionedThroughputExceeded", index_arn}});
    EXPECT_FALSE(goes(put("users")));
    EXPECT_TRUE(goes(query("users", "by_email")));
    EXPECT_TRUE(goes(put("posts")));
    EXPECT_EQ(view.snapshot().size(), 1U);
}

TEST_F(throttle_view_test, an_index_on_its_tables_capacity_is_held_back_too) {
    throttled(query("users", "local"), {{"TableReadProvisionedThroughputExceeded", table_arn}});
    EXPECT_FALSE(goes(query("users", "local")));
    EXPECT_FALSE(goes(get("users")));
    EXPECT_TRUE(goes(query("users", "by_email")));
}

TEST_F(throttle_view_test, a_key_range_concerns_the_same_key_only) {
    throttled(get("users", "hot"), {{"TableReadKeyRangeThroughputExceeded", table_arn}});
    EXPECT_FALSE(goes(get("users", "hot")));
    EXPECT_TRUE(goes(get("users", "cold")));
    EXPECT_TRUE(goes(query("users", "")));
    EXPECT_TRUE(view.snapshot().at(0).single_key);
    throttled(query("users", "by_email", "hot"), {{"IndexReadKeyRangeThroughputExceeded", index_arn}});
    EXPECT_FALSE(goes(query("users", "by_email", "hot")));
    EXPECT_TRUE(goes(query("users", "by_email", "cold")));
}

TEST_F(throttle_view_test, a_key_range_of_a_request_that_names_no_key_holds_nobody_back) {
    throttled(put("users"), {{"TableWriteKeyRangeThroughputExceeded", table_arn}});
    EXPECT_FALSE(view.any());
}

/// Requests to a table with the keys p and s, and an index by `status`.
struct partitions_test : throttle_view_test {
    request_targets put(std::string const& p, std::string const& status = "new") {
        return read_request_targets(operation::put_item,
                                    R"({"Item":{"v":{"N":"1"},"p":{"S":")" + p + R"("},"s":{"S":"1"},"status":{"S":")" +
                                        status + R"("}},"TableName":"users"})",
                                    names);
    }
    request_targets update(std::string const& p, std::string const& s) {
        return read_request_targets(
            operation::update_item,
            R"({"Key":{"p":{"S":")" + p + R"("},"s":{"S":")" + s + R"("}},"TableName":"users"})", names);
    }
    request_targets transaction(std::string const& p) {
        return read_request_targets(operation::transact_write_items,
                                    R"({"TransactItems":[{"Put":{"Item":{"p":{"S":"other"}},"TableName":"users"}},)"
                                    R"({"Update":{"Key":{"p":{"S":")" +
                                        p + R"("},"s":{"S":"9"}},"TableName":"users"}}]})",
                                    names);
    }
    /// A read, which tells its partition key's name.
    request_targets query_of(std::string const& p, std::string const& condition = "#p = :p AND s > :s") {
        return read_request_targets(
            operation::query,
            R"({"ExpressionAttributeNames":{"#p":"p"},"ExpressionAttributeValues":{":s":{"S":"0"},)"
            R"(":p":{"S":")" +
                p + R"("}},"KeyConditionExpression":")" + condition + R"(","TableName":"users"})",
            names);
    }
    void hot(request_targets const& facts, char const* resource = table_arn) {
        throttled(facts, {{"TableWriteKeyRangeThroughputExceeded", resource}});
    }

    partition_names names{};
};

TEST_F(partitions_test, items_of_one_partition_wait_together_once_its_key_is_known) {
    hot(update("hot", "1"));
    EXPECT_FALSE(goes(update("hot", "1")));
    EXPECT_TRUE(goes(update("hot", "2"))) << "which of the two is the partition key is not known yet";
    static_cast<void>(query_of("any"));
    EXPECT_EQ(names.find("users", ""), "p");
    hot(update("hot", "1"));
    EXPECT_FALSE(goes(update("hot", "2")));
    EXPECT_FALSE(goes(put("hot")));
    EXPECT_FALSE(goes(transaction("hot")));
    EXPECT_TRUE(goes(update("cold", "1")));
    EXPECT_TRUE(goes(put("cold")));
    EXPECT_TRUE(goes(transaction("cold")));
}

TEST_F(partitions_test, a_put_refused_for_its_partition_slows_the_next_one) {
    names.learn("users", "", "p");
    hot(put("hot"));
    EXPECT_FALSE(goes(put("hot", "another item")));
    EXPECT_TRUE(goes(put("cold")));
}

TEST_F(partitions_test, queries_of_one_partition_wait_together_whatever_else_they_ask_for) {
    throttled(query_of("hot"), {{"TableReadKeyRangeThroughputExceeded", table_arn}});
    EXPECT_FALSE(goes(query_of("hot", "(p=:p) and s = :s")));
    EXPECT_FALSE(goes(query_of("hot", "s BETWEEN :s AND :t AND p = :p")));
    EXPECT_TRUE(goes(query_of("cold")));
    EXPECT_TRUE(goes(put("hot"))) << "reads and writes are apart";
}

TEST_F(partitions_test, a_put_waits_for_the_partition_of_an_index) {
    names.learn("users", "by_email", "status");
    names.learn("users", "", "p");
    hot(put("one", "hot"), index_arn);
    EXPECT_FALSE(goes(put("two", "hot")));
    EXPECT_TRUE(goes(put("one", "cold")));
    EXPECT_TRUE(goes(update("one", "1"))) << "which does not tell";
    now += 1h;
    hot(update("one", "1"), index_arn);
    EXPECT_FALSE(view.any());
}

TEST_F(partitions_test, two_equal_terms_do_not_tell_which_is_the_partition_key) {
    static_cast<void>(query_of("x", "s = :s AND p = :p"));
    EXPECT_EQ(names.find("users", ""), "");
    auto const one = query_of("x", "s = :s AND p = :p").targets.at(0).key;
    EXPECT_NE(one, 0U);
    EXPECT_NE(one, query_of("y", "s = :s AND p = :p").targets.at(0).key);
    static_cast<void>(query_of("x", "s<=:s and p=:p"));
    EXPECT_EQ(names.find("users", ""), "p") << "<= is no =";
}

TEST_F(partitions_test, names_are_learned_from_keys_of_one_attribute_and_from_descriptions) {
    static_cast<void>(read_request_targets(operation::get_item, R"({"Key":{"id":{"S":"1"}},"TableName":"t"})", names));
    EXPECT_EQ(names.find("t", ""), "id");
    names.learn_from_description(
        R"({"Table":{"AttributeDefinitions":[{"AttributeName":"s","AttributeType":"S"}],"TableName":"users","KeySchema":)"
        R"([{"AttributeName":"s","KeyType":"RANGE"},{"AttributeName":"p","KeyType":"HASH"}],"GlobalSecondaryIndexes":[)"
        R"({"IndexName":"by_email","KeySchema":[{"AttributeName":"status","KeyType":"HASH"}]}]}})");
    EXPECT_EQ(names.find("users", ""), "p");
    EXPECT_EQ(names.find("users", "by_email"), "status");
    EXPECT_EQ(names.find("users", "other"), "");
    for (char const* none : {"", "[]", "{", R"({"Table":[]})", R"({"Table":{"TableName":1,"KeySchema":{}}})",
                             R"({"Table":{"TableName":"x","KeySchema":[7,{"KeyType":"HASH"}]}})"})
        names.learn_from_description(none);
    EXPECT_EQ(names.find("x", ""), "");
    for (int i = 0; i < 2000; ++i) names.learn("t" + std::to_string(i), "", "id");
    EXPECT_EQ(names.find("t10", ""), "id");
    EXPECT_EQ(names.find("t1999", ""), "") << "not without end";
}

TEST_F(throttle_view_test, a_batch_waits_for_each_of_its_tables) {
    throttled(get("users"));
    now += 10ms;
    throttled(get("posts"));
    auto const batch =
        facts_of(operation::batch_get_item, R"({"RequestItems":{"users":{"Keys":[]},"posts":{"Keys":[]}}})");
    ASSERT_EQ(batch.targets.size(), 2U);
    EXPECT_NE(view.hold(batch, passed, now), nullptr);
    now += 15ms;
    auto* const second = view.hold(batch, passed, now);
    ASSERT_NE(second, nullptr);
    EXPECT_EQ(throttle_view::name_of(*second), "table posts");
    EXPECT_EQ(passed.size(), 1U);
    now += 10ms;
    EXPECT_EQ(view.hold(batch, passed, now), nullptr);
    EXPECT_TRUE(goes(get("other")));
}

TEST_F(throttle_view_test, answers_to_what_was_sent_before_are_one_event) {
    auto const sent = now;
    now += 5ms;
    for (int i = 0; i < 10; ++i) view.on_throttled(get("users"), {}, sent, now);
    auto const all = view.snapshot();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].throttled, 10U);
    EXPECT_EQ(all[0].rate, 0);
}

TEST_F(throttle_view_test, throttled_again_a_resource_is_sent_less_than_it_was) {
    throttled(get("users"));
    now += 25ms;
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(goes(get("users"))); // not limited yet, but counted
        now += 1ms;
    }
    throttled(get("users"));
    EXPECT_NEAR(view.snapshot().at(0).rate, 700, 1);
    // One slot after the other, 1/700 s apart.
    EXPECT_FALSE(goes(get("users")));
    now += 2ms;
    EXPECT_TRUE(goes(get("users")));
    EXPECT_FALSE(goes(get("users")));
    now += 1ms;
    EXPECT_FALSE(goes(get("users")));
    now += 1ms;
    EXPECT_TRUE(goes(get("users")));
}

TEST_F(throttle_view_test, the_rate_falls_to_what_the_service_gives_and_rises_again) {
    // A service that lets 100 requests per second pass, for 20 s; then 1,000.
    auto const serve = [&](double per_second, std::chrono::seconds how_long) {
        double tokens = 1;
        auto const end = now + how_long;
        unsigned sent = 0;
        unsigned refused = 0;
        for (; now < end; now += 1ms) {
            tokens = std::min(tokens + per_second / 1000, 5.0);
            while (sent < 1'000'000 && goes(get("users"))) {
                ++sent;
                if (tokens >= 1) {
                    tokens -= 1;
                    view.on_success(get("users"), now);
                } else {
                    ++refused;
                    view.on_throttled(get("users"), {}, now, now);
                }
            }
        }
        return std::pair(sent - refused, refused);
    };
    throttled(get("users"));
    now += 1s;
    for (int i = 0; i < 20; ++i) EXPECT_TRUE(goes(get("users")));
    throttled(get("users"));
    auto const [passed_slow, refused_slow] = serve(100, 20s);
    EXPECT_GT(passed_slow, 1'600U); // of 2,000, from 14 per second upwards
    EXPECT_LT(refused_slow, passed_slow / 3);
    auto const [passed_fast, refused_fast] = serve(1'000, 20s);
    EXPECT_GT(passed_fast, 12'000U); // of 20,000
    EXPECT_LT(refused_fast, passed_fast / 3);
}

TEST_F(throttle_view_test, a_part_that_is_always_refused_does_not_stop_the_rest) {
    // One request in 17, whatever the rate: those for a hot partition, and the service does not say so.
    unsigned sent = 0;
    throttled(get("users"));
    auto const end = now + 20s;
    for (; now < end; now += 1ms) {
        if (!goes(get("users"))) continue;
        if (++sent % 17 == 0) {
            throttled(get("users"));
        } else {
            view.on_success(get("users"), now);
        }
    }
    EXPECT_GT(sent, 6'000U); // of 20,000
}

TEST_F(throttle_view_test, the_rate_never_falls_below_the_least) {
    for (int i = 0; i < 100; ++i) {
        throttled(get("users"));
        now += 1s;
    }
    EXPECT_EQ(view.snapshot().at(0).rate, throttle_options().min_rate);
}

TEST_F(throttle_view_test, the_first_in_the_queue_goes_first_and_tells_the_next) {
    throttled(get("users"));
    auto* const e = held(get("users"));
    ASSERT_NE(e, nullptr);
    waiting a;
    waiting b;
    waiting c;
    view.enqueue(*e, a);
    view.enqueue(*e, b);
    view.enqueue(*e, c);
    EXPECT_EQ(view.snapshot().at(0).waiting, 3U);
    EXPECT_EQ(view.time_of(*e, a), now + 25ms);
    EXPECT_EQ(view.time_of(*e, b), std::nullopt);
    now += 25ms;
    EXPECT_FALSE(goes(get("users"))); // not past those that wait
    view.leave(*e, b, false, passed, now);
    EXPECT_EQ(c.told, 0U);
    view.leave(*e, a, true, passed, now);
    EXPECT_EQ(passed.size(), 1U);
    EXPECT_EQ(b.told, 0U);
    EXPECT_EQ(c.told, 1U);
    EXPECT_TRUE(view.time_of(*e, c).has_value());
    view.leave(*e, c, true, passed, now);
    EXPECT_EQ(view.snapshot().at(0).waiting, 0U);
}

TEST_F(throttle_view_test, a_resource_is_forgotten_after_its_lifetime_but_not_while_one_waits_for_it) {
    throttled(get("users"));
    auto* const e = held(get("users"));
    waiting a;
    view.enqueue(*e, a);
    now += 10s;
    view.expire(now);
    EXPECT_TRUE(view.any());
    view.leave(*e, a, true, passed, now);
    view.expire(now);
    EXPECT_FALSE(view.any());
    throttled(get("users"));
    now += 9s;
    view.expire(now);
    EXPECT_TRUE(view.any());
    now += 1s;
    view.expire(now);
    EXPECT_FALSE(view.any());
}

TEST_F(throttle_view_test, a_turn_taken_without_asking_keeps_the_others_apart) {
    throttled(get("users"));
    now += 1s;
    throttled(get("users")); // nothing was sent: the least rate
    now += 1s;
    view.pass(get("users"), now);
    EXPECT_FALSE(goes(get("users")));
    now += 1s;
    EXPECT_TRUE(goes(get("users")));
}

// What a request is about

TEST(request_targets_test, resources_are_read_from_their_names) {
    EXPECT_EQ(split_resource(table_arn).table, "users");
    EXPECT_EQ(split_resource(table_arn).index, "");
    EXPECT_EQ(split_resource(index_arn).table, "users");
    EXPECT_EQ(split_resource(index_arn).index, "by_email");
    EXPECT_EQ(split_resource("table/users/index/x").index, "x");
    EXPECT_EQ(split_resource("users").table, "users");
    EXPECT_EQ(split_resource("").table, "");
    EXPECT_EQ(split_resource("arn:aws:dynamodb:eu-west-1:1:table/t/stream/2026").table, "t");
    EXPECT_EQ(split_resource("arn:aws:dynamodb:eu-west-1:1:table/t/stream/2026").index, "");
}

TEST(request_targets_test, a_table_named_by_its_arn_is_the_same_table) {
    EXPECT_EQ(get(table_arn).targets.at(0).table, "users");
    EXPECT_EQ(get(table_arn).targets.at(0).key, get("users").targets.at(0).key);
}

TEST(request_targets_test, pages_of_one_query_are_about_the_same_key) {
    std::string const start = R"({"TableName":"t","KeyConditionExpression":"a = :a",)";
    std::string const end = R"("ExpressionAttributeValues":{":a":{"S":"v"}}})";
    auto const first = facts_of(operation::query, start + end);
    auto const second = facts_of(operation::query, start + R"("ExclusiveStartKey":{"a":{"S":"z"}},)" + end);
    EXPECT_NE(first.targets.at(0).key, 0U);
    EXPECT_EQ(first.targets.at(0).key, second.targets.at(0).key);
}

TEST(request_targets_test, a_body_that_is_no_json_is_about_nothing) {
    EXPECT_TRUE(facts_of(operation::get_item, "{]").targets.empty());
    EXPECT_TRUE(facts_of(operation::get_item, "").targets.empty());
    EXPECT_TRUE(facts_of(operation::batch_get_item, R"({"RequestItems":7})").targets.empty());
}

TEST(request_targets_test, reads_are_told_from_writes) {
    EXPECT_EQ(get("t").kind, capacity_kind::read);
    EXPECT_EQ(put("t").kind, capacity_kind::write);
    for (char const* body : {R"({"Statement":"SELECT * FROM t"})", R"({"Statement":" \n\r\tselect\n* FROM t"})",
                             R"({"Statements":[{"Statement":"Select 1 FROM t"}]})"})
        EXPECT_EQ(kind_of(operation::execute_statement, body), capacity_kind::read) << body;
    for (char const* body :
         {R"({"Statement":"UPDATE t SET a='select '"})", R"({"Statement":"selected x"})",
          R"x({"Statement":"EXISTS(SELECT * FROM t)"})x", R"({"Statement":"\)", R"({"Statement":")", ""})
        EXPECT_EQ(kind_of(operation::execute_transaction, body), capacity_kind::write) << body;
    EXPECT_EQ(kind_of(operation::update_item, R"({"Statement":"SELECT * FROM t"})"), capacity_kind::write);
    EXPECT_TRUE(takes_capacity(operation::query));
    EXPECT_FALSE(takes_capacity(operation::describe_table));
}

} // namespace
