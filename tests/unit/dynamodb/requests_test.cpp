#include <dynasio/dynamodb/requests.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "support/test_data.hpp"

namespace {

using namespace dynasio::dynamodb;
using dynasio::diagnostics;
using dynasio::errc;
namespace json = boost::json;

template <class Request> json::value written(Request const& request) {
    std::string out;
    append_json(out, request);
    return json::parse(out);
}

template <class Response> Response read(std::string const& text) {
    Response response;
    json_reader in(text);
    read_json(in, response);
    in.finish();
    return response;
}

TEST(requests, operations_are_named_as_in_the_target_header) {
    EXPECT_EQ(to_string(operation::get_item), "GetItem");
    EXPECT_EQ(to_string(operation::batch_write_item), "BatchWriteItem");
    EXPECT_EQ(to_string(operation::update_item), "UpdateItem");
    EXPECT_TRUE(is_read(operation::scan));
    EXPECT_TRUE(is_read(operation::describe_table));
    EXPECT_FALSE(is_read(operation::put_item));
    EXPECT_FALSE(is_read(operation::delete_table));
}

TEST(requests, tables_are_billed_by_request_unless_throughput_is_given) {
    create_table_request r("t");
    EXPECT_EQ(written(r).at("BillingMode"), json::value("PAY_PER_REQUEST"));
    r.provisioned_throughput = provisioned_throughput(1, 2);
    EXPECT_FALSE(written(r).as_object().contains("BillingMode"));
    EXPECT_EQ(written(r).at("ProvisionedThroughput").at("WriteCapacityUnits"), json::value(2));
    r.billing_mode = billing_mode::provisioned;
    EXPECT_EQ(written(r).at("BillingMode"), json::value("PROVISIONED"));
}

TEST(requests, a_table_with_everything_is_written_whole) {
    create_table_request r("t");
    r.attribute_definitions = {attribute_definition("a", scalar_attribute_type::s),
                               attribute_definition("b", scalar_attribute_type::n)};
    r.key_schema = {key_schema_element("a", key_type::hash)};
    projection include;
    include.projection_type = projection_type::include;
    include.non_key_attributes = {"x"};
    global_secondary_index gsi("by_b", {key_schema_element("b", key_type::hash)}, include);
    gsi.on_demand_throughput = on_demand_throughput();
    gsi.on_demand_throughput->max_read_request_units = 7;
    r.global_secondary_indexes = {gsi};
    projection all;
    all.projection_type = projection_type::all;
    r.local_secondary_indexes = {local_secondary_index(
        "l", {key_schema_element("a", key_type::hash), key_schema_element("b", key_type::range)}, all)};
    r.stream_specification = stream_specification(true);
    r.stream_specification->stream_view_type = stream_view_type::new_and_old_images;
    r.sse_specification = sse_specification();
    r.sse_specification->enabled = true;
    r.sse_specification->sse_type = sse_type::kms;
    r.sse_specification->kms_master_key_id = "alias/k";
    EXPECT_EQ(written(r), json::parse(R"({
        "TableName": "t", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}, {"AttributeName": "b", "AttributeType": "N"}],
        "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
        "GlobalSecondaryIndexes": [{"IndexName": "by_b", "KeySchema": [{"AttributeName": "b", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["x"]},
            "OnDemandThroughput": {"MaxReadRequestUnits": 7}}],
        "LocalSecondaryIndexes": [{"IndexName": "l", "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"},
            {"AttributeName": "b", "KeyType": "RANGE"}], "Projection": {"ProjectionType": "ALL"}}],
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        "SSESpecification": {"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": "alias/k"}})"));
}

TEST(requests, times_are_seconds_with_a_fraction) {
    export_table_to_point_in_time_request r("arn:aws:dynamodb:us-east-1:123456789012:table/t", "bucket");
    auto const sent = [&r](std::int64_t milliseconds) {
        r.export_time = dynasio::system_time(std::chrono::milliseconds(milliseconds));
        std::string out;
        append_json(out, r);
        auto const start = out.find("\"ExportTime\":") + 13;
        return out.substr(start, out.find_first_of(",}", start) - start);
    };
    EXPECT_EQ(sent(1'500'000'000'000), "1500000000");
    EXPECT_EQ(sent(1'500'000'000'050), "1500000000.05");
    EXPECT_EQ(sent(1'500'000'000'123), "1500000000.123");
    EXPECT_EQ(sent(0), "0");
    EXPECT_EQ(sent(-1'500), "-1.5");
    EXPECT_EQ(sent(-5), "-0.005");
}

TEST(requests, fractions_are_written_shortly) {
    auto_scaling_target_tracking_scaling_policy_configuration_update target(70.1);
    auto_scaling_settings_update settings;
    settings.scaling_policy_update = auto_scaling_policy_update(target);
    update_table_replica_auto_scaling_request r("t");
    r.provisioned_write_capacity_auto_scaling_update = settings;
    std::string out;
    append_json(out, r);
    EXPECT_NE(out.find(R"("TargetValue":70.1})"), std::string::npos) << out;
}

TEST(requests, without_members_are_empty_objects) {
    EXPECT_EQ(written(describe_limits_request()), json::object());
    EXPECT_EQ(written(list_tables_request()), json::object());
}

TEST(requests, members_named_by_keywords_have_the_services_name) {
    global_secondary_index_update drop;
    drop.delete_ = delete_global_secondary_index_action("by_name");
    update_table_request r("t");
    r.global_secondary_index_updates = {drop};
    EXPECT_EQ(written(r), json::parse(R"({"TableName": "t",
        "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "by_name"}}]})"));
}

TEST(requests, unknown_values_of_enumerations_are_sent_as_they_are) {
    scan_request r("t");
    r.select = enumeration<dynasio::dynamodb::select>::from_text("SOMETHING_NEW");
    EXPECT_EQ(written(r).at("Select"), json::value("SOMETHING_NEW"));
}

TEST(responses, an_empty_item_is_not_a_missing_one) {
    EXPECT_FALSE(read<get_item_response>("{}").item);
    EXPECT_FALSE(read<get_item_response>(R"({"Item":null})").item);
    auto const empty = read<get_item_response>(R"({"Item":{}})");
    ASSERT_TRUE(empty.item);
    EXPECT_TRUE(empty.item->empty());
}

TEST(responses, unknown_members_are_passed_over) {
    auto const r = read<get_item_response>(R"({"New":{"a":[1,{"b":null}]},"Item":{"a":{"S":"x"}},"__type":"z"})");
    ASSERT_TRUE(r.item);
    EXPECT_EQ(r.item->at("a").as_string(), "x");
}

TEST(responses, a_page_is_read_whole) {
    auto const r = read<query_response>(R"({"Items":[{"a":{"N":"1"}},{}],"Count":2,"ScannedCount":3,
        "LastEvaluatedKey":{"a":{"N":"1"}},"ConsumedCapacity":{"TableName":"t","CapacityUnits":1.5,
        "GlobalSecondaryIndexes":{"g":{"CapacityUnits":0.5}}}})");
    ASSERT_TRUE(r.items);
    ASSERT_EQ(r.items->size(), 2U);
    EXPECT_EQ(r.items->front().at("a").as_number().to_int64(), 1);
    EXPECT_EQ(r.count, 2);
    EXPECT_EQ(r.scanned_count, 3);
    ASSERT_TRUE(r.last_evaluated_key);
    EXPECT_EQ(r.last_evaluated_key->size(), 1U);
    ASSERT_TRUE(r.consumed_capacity);
    EXPECT_EQ(r.consumed_capacity->capacity_units, 1.5);
    EXPECT_EQ(r.consumed_capacity->global_secondary_indexes->at("g").capacity_units, 0.5);
}

TEST(responses, a_table_is_read_with_times_and_values_to_come) {
    auto const r = read<describe_table_response>(R"({"Table":{"TableName":"t","TableStatus":"FROZEN",
        "CreationDateTime":1.5E9,"ItemCount":9007199254740993,"KeySchema":[{"AttributeName":"a","KeyType":"HASH"}],
        "GlobalSecondaryIndexes":[{"IndexName":"g","IndexStatus":"CREATING","Backfilling":true}],
        "BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST","LastUpdateToPayPerRequestDateTime":1500000000.123}}})");
    ASSERT_TRUE(r.table);
    auto const& t = *r.table;
    ASSERT_TRUE(t.table_status);
    EXPECT_EQ(t.table_status->known(), std::nullopt);
    EXPECT_EQ(t.table_status->text(), "FROZEN");
    EXPECT_FALSE(*t.table_status == table_status::active);
    EXPECT_EQ(t.creation_date_time, dynasio::system_time(std::chrono::seconds(1500000000)));
    EXPECT_EQ(t.item_count, 9007199254740993);
    EXPECT_EQ(t.key_schema->front().key_type, key_type::hash);
    EXPECT_EQ(*t.global_secondary_indexes->front().index_status, index_status::creating);
    EXPECT_EQ(t.global_secondary_indexes->front().backfilling, true);
    EXPECT_EQ(t.billing_mode_summary->last_update_to_pay_per_request_date_time,
              dynasio::system_time(std::chrono::milliseconds(1500000000123)));
}

TEST(responses, what_batches_leave_can_be_sent_again) {
    std::string const text = R"({"UnprocessedItems":{"t":[{"PutRequest":{"Item":{"a":{"S":"x"}}}},
        {"DeleteRequest":{"Key":{"a":{"S":"y"}}}}]}})";
    auto const r = read<batch_write_item_response>(text);
    ASSERT_TRUE(r.unprocessed_items);
    EXPECT_EQ(written(batch_write_item_request(*r.unprocessed_items)).at("RequestItems"),
              json::parse(text).at("UnprocessedItems"));
    std::string const keys = R"({"Responses":{"t":[]},"UnprocessedKeys":{"t":{"Keys":[{"a":{"S":"x"}}],
        "ConsistentRead":true,"ProjectionExpression":"#a","ExpressionAttributeNames":{"#a":"a"}}}})";
    auto const g = read<batch_get_item_response>(keys);
    ASSERT_TRUE(g.responses && g.unprocessed_keys);
    EXPECT_EQ(written(batch_get_item_request(*g.unprocessed_keys)).at("RequestItems"),
              json::parse(keys).at("UnprocessedKeys"));
}

TEST(responses, of_another_form_are_malformed) {
    for (char const* bad : {"[]", R"({"Count":1.5})", R"({"Count":99999999999})", R"({"Items":{}})",
                            R"({"Items":[{"a":"x"}]})", R"({"LastEvaluatedKey":7})", R"({"Count":1} x)", "{"}) {
        try {
            static_cast<void>(read<query_response>(bad));
            ADD_FAILURE() << bad;
        } catch (dynasio::error const& e) {
            EXPECT_EQ(e.code(), errc::malformed_response) << bad;
        }
    }
}

/// What check() throws; an empty one, with a failed test, when it throws nothing.
template <class Request> diagnostics refusal(Request const& request, errc code) {
    try {
        check(request);
    } catch (dynasio::error const& e) {
        EXPECT_EQ(e.code(), code) << e.what();
        EXPECT_FALSE(e.info().message.empty());
        EXPECT_EQ(e.info().operation, to_string(Request::op));
        return e.info();
    }
    ADD_FAILURE() << "not refused";
    return {};
}

TEST(request_checks, empty_keys_are_named) {
    auto const d = refusal(get_item_request("users", item{{"id", ""}, {"sk", number(1)}}), errc::empty_key);
    EXPECT_EQ(d.table, "users");
    EXPECT_EQ(d.attribute, "id");
    EXPECT_EQ(refusal(delete_item_request("users", item{{"id", binary{}}}), errc::empty_key).attribute, "id");
    refusal(update_item_request("users", item()), errc::invalid_argument);
    EXPECT_EQ(refusal(get_item_request("users", item{{"id", true}}), errc::invalid_argument).attribute, "id");
}

TEST(request_checks, table_names_are_checked) {
    item const key{{"id", "1"}};
    refusal(get_item_request("", key), errc::invalid_argument);
    EXPECT_EQ(refusal(get_item_request("a b", key), errc::invalid_argument).table, "a b");
    refusal(get_item_request("a/b", key), errc::invalid_argument);
    refusal(get_item_request(std::string(1025, 'a'), key), errc::invalid_argument);
    check(get_item_request("A-z_0.9", key));
    check(get_item_request("arn:aws:dynamodb:us-east-1:123456789012:table/users", key));
}

std::vector<item> keys(std::size_t count) {
    std::vector<item> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(item{{"id", std::to_string(i)}});
    return out;
}

TEST(request_checks, batches_have_a_size) {
    check(batch_get_item_request({{"t", keys_and_attributes(keys(100))}}));
    EXPECT_EQ(refusal(batch_get_item_request({{"t", keys_and_attributes(keys(101))}}), errc::batch_too_large).table,
              "t");
    refusal(batch_get_item_request({{"a", keys_and_attributes(keys(60))}, {"b", keys_and_attributes(keys(41))}}),
            errc::batch_too_large);
    refusal(batch_get_item_request({}), errc::invalid_argument);
    std::vector<write_request> writes;
    for (item const& key : keys(25)) writes.emplace_back(put_request(key));
    check(batch_write_item_request({{"t", writes}}));
    writes.emplace_back(put_request(item{{"id", "x"}}));
    refusal(batch_write_item_request({{"t", writes}}), errc::batch_too_large);
    refusal(batch_write_item_request({{"t", {write_request()}}}), errc::invalid_argument);
}

TEST(request_checks, duplicate_keys_are_found_by_value) {
    std::vector<item> twice{item{{"id", number(1)}}, item{{"id", number::parse("1.0")}}};
    auto const d = refusal(batch_get_item_request({{"t", keys_and_attributes(twice)}}), errc::invalid_argument);
    EXPECT_NE(d.message.find(R"("id":{"N":"1"})"), std::string::npos);
    // In two tables it is not the same item.
    check(batch_get_item_request({{"a", keys_and_attributes({twice[0]})}, {"b", keys_and_attributes({twice[1]})}}));
    // A string is not a number.
    check(batch_get_item_request({{"t", keys_and_attributes({twice[0], item{{"id", "1"}}})}}));
    std::vector<write_request> const writes{write_request(put_request(item{{"id", "1"}, {"v", number(2)}})),
                                            write_request(delete_request(item{{"id", "1"}}))};
    refusal(batch_write_item_request({{"t", writes}}), errc::invalid_argument);
}

TEST(request_checks, pages_and_tables_are_checked) {
    query_request q("t");
    refusal(q, errc::invalid_argument);
    q.key_condition_expression = "a = :a";
    check(q);
    q.limit = 0;
    refusal(q, errc::invalid_argument);
    scan_request s("t");
    check(s);
    s.segment = 1;
    refusal(s, errc::invalid_argument);
    s.total_segments = 1;
    refusal(s, errc::invalid_argument);
    s.total_segments = 2;
    check(s);
    s.index_name = "";
    refusal(s, errc::invalid_argument);
    create_table_request c("t");
    refusal(c, errc::invalid_argument);
    c.key_schema = {key_schema_element("id", key_type::hash)};
    EXPECT_EQ(refusal(c, errc::invalid_argument).attribute, "id");
    c.attribute_definitions = {attribute_definition("id", scalar_attribute_type::s)};
    check(c);
    refusal(put_item_request("t", item()), errc::invalid_argument);
}

TEST(request_checks, what_may_be_sent_twice) {
    item const key{{"id", "1"}};
    put_item_request put("t", key);
    EXPECT_TRUE(is_repeatable(put));
    put.return_values = return_value::none;
    EXPECT_TRUE(is_repeatable(put));
    put.return_values = return_value::all_old;
    EXPECT_FALSE(is_repeatable(put));
    put.return_values.reset();
    put.condition_expression = "attribute_not_exists(id)";
    EXPECT_FALSE(is_repeatable(put));
    delete_item_request remove("t", key);
    EXPECT_TRUE(is_repeatable(remove));
    remove.condition_expression = "attribute_exists(id)";
    EXPECT_FALSE(is_repeatable(remove));
    EXPECT_FALSE(is_repeatable(update_item_request("t", key)));
    EXPECT_TRUE(is_repeatable(get_item_request("t", key)));
    EXPECT_FALSE(is_repeatable(create_table_request("t")));
}

std::vector<transact_write_item> deletes(std::size_t count) {
    std::vector<transact_write_item> out;
    for (item const& key : keys(count)) out.emplace_back(transact_delete("t", key));
    return out;
}

TEST(transaction_checks, a_transaction_has_1_to_100_actions) {
    refusal(transact_write_items_request({}), errc::invalid_argument);
    check(transact_write_items_request(deletes(1)));
    check(transact_write_items_request(deletes(100)));
    EXPECT_NE(refusal(transact_write_items_request(deletes(101)), errc::batch_too_large).message.find("101"),
              std::string::npos);
    std::vector<transact_get_item> reads;
    refusal(transact_get_items_request(reads), errc::invalid_argument);
    for (item const& key : keys(100)) reads.emplace_back(transact_get("t", key));
    check(transact_get_items_request(reads));
    reads.emplace_back(transact_get("t", item{{"id", "x"}}));
    refusal(transact_get_items_request(reads), errc::batch_too_large);
}

TEST(transaction_checks, an_item_has_one_action) {
    item const key{{"id", number(1)}};
    item const same{{"id", number::parse("1.0")}};
    transact_write_item const update(transact_update("t", key, "SET a = b"));
    transact_write_item const remove(transact_delete("t", same));
    transact_write_item const condition(transact_condition_check("t", same, "attribute_exists(id)"));
    transact_write_item const put(transact_put("t", item{{"id", number(1)}, {"v", "x"}}));
    for (auto const& second : {remove, condition, put}) {
        for (bool const swapped : {false, true}) {
            std::vector<transact_write_item> both{swapped ? second : update, swapped ? update : second};
            auto const d = refusal(transact_write_items_request(both), errc::invalid_argument);
            EXPECT_EQ(d.table, "t");
            EXPECT_NE(d.message.find(R"("id":{"N":"1"})"), std::string::npos) << d.message;
        }
    }
    // In another table it is another item; two puts do not show which of their attributes are the key.
    check(transact_write_items_request({update, transact_write_item(transact_delete("u", key))}));
    check(transact_write_items_request({put, put}));
    refusal(transact_get_items_request(
                {transact_get_item(transact_get("t", key)), transact_get_item(transact_get("t", same))}),
            errc::invalid_argument);
    check(transact_get_items_request(
        {transact_get_item(transact_get("t", key)), transact_get_item(transact_get("u", key))}));
}

TEST(transaction_checks, an_action_is_one_thing_and_whole) {
    item const key{{"id", "1"}};
    auto const one = [](transact_write_item action) { return transact_write_items_request({std::move(action)}); };
    refusal(one(transact_write_item()), errc::invalid_argument);
    transact_write_item two(transact_put("t", key));
    two.delete_ = transact_delete("t", key);
    refusal(one(two), errc::invalid_argument);
    refusal(one(transact_write_item(transact_put("t", item()))), errc::invalid_argument);
    refusal(one(transact_write_item(transact_put("", key))), errc::invalid_argument);
    refusal(one(transact_write_item(transact_update("t", key, ""))), errc::invalid_argument);
    refusal(one(transact_write_item(transact_condition_check("t", key, ""))), errc::invalid_argument);
    refusal(one(transact_write_item(transact_delete("t", item{{"id", ""}}))), errc::empty_key);
    refusal(transact_get_items_request({transact_get_item(transact_get("t", item()))}), errc::invalid_argument);
    auto tokened = one(transact_write_item(transact_put("t", key)));
    tokened.client_request_token = std::string(36, 'x');
    check(tokened);
    tokened.client_request_token = std::string(37, 'x');
    refusal(tokened, errc::invalid_argument);
    tokened.client_request_token = "";
    refusal(tokened, errc::invalid_argument);
}

TEST(statement_checks, statements_have_a_number_and_a_length) {
    check(execute_statement_request("SELECT * FROM t"));
    refusal(execute_statement_request(""), errc::invalid_argument);
    refusal(execute_statement_request(std::string(8193, 'x')), errc::invalid_argument);
    // Characters count, not bytes.
    std::string umlauts;
    for (int i = 0; i < 8192; ++i) umlauts += "\u00e4";
    check(execute_statement_request(umlauts));
    execute_statement_request r("SELECT * FROM t");
    r.parameters.emplace();
    refusal(r, errc::invalid_argument);
    r.parameters->emplace_back(1);
    check(r);
    r.limit = 0;
    refusal(r, errc::invalid_argument);
    refusal(batch_execute_statement_request({}), errc::invalid_argument);
    std::vector<batch_statement_request> many(25, batch_statement_request("SELECT * FROM t"));
    check(batch_execute_statement_request(many));
    many.emplace_back("SELECT * FROM t");
    refusal(batch_execute_statement_request(many), errc::batch_too_large);
    std::vector<parameterized_statement> all(100, parameterized_statement("SELECT * FROM t"));
    check(execute_transaction_request(all));
    all.emplace_back("SELECT * FROM t");
    refusal(execute_transaction_request(all), errc::batch_too_large);
    refusal(execute_transaction_request({}), errc::invalid_argument);
}

TEST(request_checks, limits_of_the_model_are_kept) {
    list_tables_request tables;
    check(tables);
    tables.limit = 0;
    EXPECT_NE(refusal(tables, errc::invalid_argument).message.find("1 to 100"), std::string::npos);
    tables.limit = 101;
    refusal(tables, errc::invalid_argument);
    tables.limit = 100;
    check(tables);
    list_exports_request exports;
    exports.max_results = 26;
    refusal(exports, errc::invalid_argument);
    refusal(create_backup_request("t", ""), errc::invalid_argument);
    EXPECT_EQ(refusal(create_backup_request("t", std::string(256, 'x')), errc::invalid_argument).table, "t");
    check(create_backup_request("t", std::string(255, 'x')));
    refusal(describe_backup_request(""), errc::invalid_argument);
    refusal(tag_resource_request("", {}), errc::invalid_argument);
    EXPECT_NE(refusal(describe_global_table_request(""), errc::invalid_argument).message.find("global_table_name"),
              std::string::npos);
    update_contributor_insights_request insights("t", contributor_insights_action::enable);
    insights.index_name = "a b";
    refusal(insights, errc::invalid_argument);
}

TEST(request_checks, what_else_may_be_sent_twice) {
    item const key{{"id", "1"}};
    EXPECT_TRUE(is_repeatable(transact_write_items_request(deletes(1))));
    EXPECT_TRUE(is_repeatable(transact_get_items_request({transact_get_item(transact_get("t", key))})));
    for (char const* read : {"SELECT * FROM t", " \n\tselect * FROM t", "Select\n* FROM t"})
        EXPECT_TRUE(is_repeatable(execute_statement_request(read))) << read;
    for (char const* write : {"UPDATE t SET a=1", "", "SELECT", "selected x", "select_ x", "-- x\nSELECT * FROM t"})
        EXPECT_FALSE(is_repeatable(execute_statement_request(write))) << write;
    EXPECT_TRUE(is_repeatable(batch_execute_statement_request({batch_statement_request("SELECT 1 FROM t")})));
    EXPECT_FALSE(is_repeatable(batch_execute_statement_request(
        {batch_statement_request("SELECT 1 FROM t"), batch_statement_request("DELETE FROM t")})));
    EXPECT_TRUE(is_repeatable(execute_transaction_request({parameterized_statement("DELETE FROM t")})));
    put_resource_policy_request policy("arn", "{}");
    EXPECT_TRUE(is_repeatable(policy));
    policy.expected_revision_id = "1";
    EXPECT_FALSE(is_repeatable(policy));
    EXPECT_FALSE(is_repeatable(create_backup_request("t", "b")));
    EXPECT_TRUE(is_repeatable(untag_resource_request("arn", {"k"})));
    EXPECT_FALSE(is_repeatable(update_table_request("t")));
}

} // namespace
