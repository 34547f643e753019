#include <dynasio/dynamodb/json.hpp>
#include <dynasio/dynamodb/requests.hpp>

#include <gtest/gtest.h>

#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "support/test_data.hpp"

// The requests that AWS's own library sends for the same input, compared as JSON.
namespace {

using namespace dynasio::dynamodb;
namespace json = boost::json;

item key_a1() { return item{{"pk", "a"}, {"sk", number(1)}}; }

struct sent {
    std::string operation{};
    json::value body{};
};

template <class Request> sent written(Request const& request) {
    std::string out;
    append_json(out, request);
    return {std::string(to_string(Request::op)), json::parse(out)};
}

/// The requests of the published file, by their position in it.
std::map<std::size_t, sent> own_requests() {
    std::map<std::size_t, sent> out;
    out[0] = written(list_tables_request());
    {
        list_tables_request r;
        r.exclusive_start_table_name = "abc";
        r.limit = 10;
        out[1] = written(r);
    }
    out[2] = written(describe_table_request("Tbl"));
    out[3] = written(describe_endpoints_request());
    out[4] = written(describe_limits_request());
    {
        create_table_request r("Tbl");
        r.attribute_definitions = {attribute_definition("pk", scalar_attribute_type::s)};
        r.key_schema = {key_schema_element("pk", key_type::hash)};
        r.billing_mode = billing_mode::pay_per_request;
        r.tags = {resource_tag("k", "v")};
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
    {
        transact_update change("Tbl", key_a1(), "SET a = :a");
        change.expression_attribute_values = item{{":a", number(1)}};
        transact_write_items_request r(
            {transact_write_item(transact_put("Tbl", key_a1())), transact_write_item(change),
             transact_write_item(transact_delete("Tbl", key_a1())),
             transact_write_item(transact_condition_check("Tbl", key_a1(), "attribute_exists(pk)"))});
        r.client_request_token = "11111111-2222-3333-4444-555555555555";
        out[14] = written(r);
    }
    out[15] = written(transact_get_items_request({transact_get_item(transact_get("Tbl", key_a1()))}));
    std::string const select = R"(SELECT * FROM "Tbl" WHERE pk=?)";
    std::vector<attribute_value> const parameters{"a"};
    {
        execute_statement_request r(select);
        r.parameters = parameters;
        r.consistent_read = false;
        r.limit = 1;
        out[16] = written(r);
    }
    {
        batch_statement_request one(select);
        one.parameters = parameters;
        out[17] = written(batch_execute_statement_request({one}));
    }
    {
        parameterized_statement one(select);
        one.parameters = parameters;
        execute_transaction_request r({one});
        r.client_request_token = "11111111-2222-3333-4444-555555555555";
        out[18] = written(r);
    }
    out[19] = written(update_time_to_live_request("Tbl", time_to_live_specification(true, "ttl")));
    out[20] = written(describe_time_to_live_request("Tbl"));
    out[21] =
        written(tag_resource_request("arn:aws:dynamodb:us-east-1:123456789012:table/Tbl", {resource_tag("a", "")}));
    {
        projection include;
        include.projection_type = projection_type::include;
        include.non_key_attributes = {"x"};
        global_secondary_index_update change;
        change.create =
            create_global_secondary_index_action("gsi2", {key_schema_element("h", key_type::hash)}, include);
        update_table_request r("Tbl");
        r.attribute_definitions = {attribute_definition("h", scalar_attribute_type::s)};
        r.global_secondary_index_updates = {change};
        out[22] = written(r);
    }
    out[23] = written(delete_table_request("Tbl"));
    return out;
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

json::array const& published() {
    static json::value const file = dynasio::tests::read_json("dynamodb/aws-sdk-js/wire-requests.json");
    return file.at("cases").as_array();
}

/// Why a case has no counterpart; empty if it has one.
std::string reason_to_skip(std::string const& operation) {
    return operation == "SearchVectors" ? "the operation is served by another host: not part of this library" : "";
}

struct wire_request : testing::TestWithParam<std::size_t> {};

TEST_P(wire_request, is_the_one_that_awss_own_library_sends) {
    static std::map<std::size_t, sent> const own = own_requests();
    json::value const& expected = published().at(GetParam());
    std::string const operation = dynasio::tests::to_string(expected.at("operation"));
    if (auto const why = reason_to_skip(operation); !why.empty()) GTEST_SKIP() << operation << ": " << why;
    auto const made = own.find(GetParam());
    ASSERT_NE(made, own.end());
    EXPECT_EQ(made->second.operation, operation);
    json::value body = json::parse(std::string_view(expected.at("body").as_string()));
    json::value made_body = made->second.body;
    normalise_numbers(body);
    normalise_numbers(made_body);
    EXPECT_EQ(made_body, body);
}

INSTANTIATE_TEST_SUITE_P(all, wire_request, testing::Range(std::size_t{0}, published().size()),
                         [](testing::TestParamInfo<std::size_t> const& i) {
                             return std::to_string(i.param) + "_" +
                                    dynasio::tests::to_string(published().at(i.param).at("operation"));
                         });

TEST(wire_requests, are_all_compared_or_skipped_by_name) {
    std::size_t skipped = 0;
    for (json::value const& one : published())
        skipped += reason_to_skip(dynasio::tests::to_string(one.at("operation"))).empty() ? 0 : 1;
    EXPECT_EQ(published().size(), 25U);
    EXPECT_EQ(skipped, 1U);
    std::cout << "wire requests: " << published().size() - skipped << " compared, " << skipped << " skipped\n";
}

} // namespace
