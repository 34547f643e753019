#include <dynasio/dynamodb/requests.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "support/test_data.hpp"

namespace {

using namespace dynasio::dynamodb;
using dynasio::diagnostics;
using dynasio::errc;
namespace json = boost::json;

item key_a1() { return item{{"pk", "a"}, {"sk", number(1)}}; }

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

/// The requests of the published file that can be made here, by their position in it.
std::map<std::size_t, json::value> own_requests() {
    std::map<std::size_t, json::value> out;
    out[2] = written(describe_table_request("Tbl"));
    {
        create_table_request r("Tbl");
        r.attribute_definitions = {attribute_definition("pk", scalar_attribute_type::s)};
        r.key_schema = {key_schema_element("pk", key_type::hash)};
        r.billing_mode = billing_mode::pay_per_request;
        r.tags = {tag("k", "v")};
        r.deletion_protection_enabled = false;
        out[5] = written(r);
    }
    {
        list const inner{attribute_value("x"), attribute_value(1), attribute_value(list()), attribute_value(item())};
        item const b{{"b", list{null_value()}}};
        item const a{{"a", b}};
        item const all{{"pk", "a"},
                       {"sk", number(1)},
                       {"s", "\u1234 \"q\" \\ / \n \u0001 \u2028 \U0001F600"},
                       {"es", ""},
                       {"n", number::parse("-1.50E+10")},
                       {"b", binary{std::string("\x00\x01\x02\xfd\xfe\xff", 6)}},
                       {"eb", binary{}},
                       {"t", true},
                       {"f", false},
                       {"nul", null_value()},
                       {"l", inner},
                       {"m", a},
                       {"ss", string_set{{"b", "a"}}},
                       {"ns", number_set{{number(3), number::parse("1.0")}}},
                       {"bs", binary_set{{binary{"\x01"}, binary{"\x02\x03"}}}}};
        put_item_request r("Tbl", all);
        r.return_values = return_value::all_old;
        r.return_consumed_capacity = return_consumed_capacity::indexes;
        r.condition_expression = "attribute_not_exists(#p)";
        r.expression_attribute_names = std::map<std::string, std::string>{{"#p", "pk"}};
        r.return_values_on_condition_check_failure = return_values_on_condition_check_failure::all_old;
        out[6] = written(r);
    }
    {
        get_item_request r("Tbl", key_a1());
        r.consistent_read = true;
        r.projection_expression = "#a.b[0], c";
        r.expression_attribute_names = std::map<std::string, std::string>{{"#a", "a"}};
        out[7] = written(r);
    }
    {
        update_item_request r("Tbl", key_a1());
        r.return_values = return_value::all_new;
        r.update_expression = "SET a = :v REMOVE b ADD c :n DELETE d :s";
        r.expression_attribute_values = item{{":v", "x"}, {":n", number(1)}, {":s", string_set{{"z"}}}};
        out[8] = written(r);
    }
    out[9] = written(delete_item_request("Tbl", key_a1()));
    {
        query_request r("Tbl");
        r.index_name = "gsi1";
        r.select = select::all_attributes;
        r.limit = 5;
        r.scan_index_forward = false;
        r.exclusive_start_key = item{{"pk", "a"}, {"sk", number(1)}, {"g", "x"}};
        r.filter_expression = "h > :h";
        r.key_condition_expression = "g = :g";
        r.expression_attribute_values = item{{":g", "x"}, {":h", number(0)}};
        out[10] = written(r);
    }
    {
        scan_request r("Tbl");
        r.select = select::count;
        r.total_segments = 4;
        r.segment = 0;
        out[11] = written(r);
    }
    {
        keys_and_attributes wanted({key_a1()});
        wanted.consistent_read = true;
        wanted.projection_expression = "pk";
        out[12] = written(batch_get_item_request({{"Tbl", wanted}}));
    }
    {
        std::vector<write_request> const writes{write_request(put_request(key_a1())),
                                                write_request(delete_request(key_a1()))};
        out[13] = written(batch_write_item_request({{"Tbl", writes}}));
    }
    out[23] = written(delete_table_request("Tbl"));
    return out;
}

/// Operations of the published file that are not among those of this version.
bool is_absent(std::string const& name) {
    for (char const* absent :
         {"ListTables", "DescribeEndpoints", "DescribeLimits", "TransactWriteItems", "TransactGetItems",
          "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction", "UpdateTimeToLive", "DescribeTimeToLive",
          "TagResource", "UpdateTable", "SearchVectors"}) {
        if (name == absent) return true;
    }
    return false;
}

/// Numbers in the one spelling: "1.50E+10" and "15000000000" are the same to the service.
void normalise_numbers(json::value& v) {
    if (v.is_array()) {
        for (json::value& element : v.as_array()) normalise_numbers(element);
    }
    if (!v.is_object()) return;
    for (auto& member : v.as_object()) {
        if (member.key() == "N") {
            member.value() = canonical_number(std::string_view(member.value().as_string()));
        } else if (member.key() == "NS") {
            for (json::value& one : member.value().as_array())
                one = canonical_number(std::string_view(one.as_string()));
        } else {
            normalise_numbers(member.value());
        }
    }
}

TEST(requests, are_those_that_awss_own_library_sends) {
    json::value const file = dynasio::tests::read_json("dynamodb/aws-sdk-js/wire-requests.json");
    auto const own = own_requests();
    json::array const& cases = file.at("cases").as_array();
    EXPECT_EQ(cases.size(), 25U);
    for (std::size_t i = 0; i < cases.size(); ++i) {
        std::string const name = dynasio::tests::to_string(cases[i].at("operation"));
        auto const made = own.find(i);
        if (made == own.end()) {
            EXPECT_TRUE(is_absent(name)) << name;
            continue;
        }
        json::value expected = json::parse(std::string_view(cases[i].at("body").as_string()));
        json::value sent = made->second;
        normalise_numbers(expected);
        normalise_numbers(sent);
        EXPECT_EQ(sent, expected) << name;
    }
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

} // namespace
