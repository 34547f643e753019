#include <dynasio/dynamodb/detail/service_error.hpp>
#include <dynasio/dynamodb/json.hpp>
#include <dynasio/dynamodb/requests.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "support/test_data.hpp"

// The answers of every operation, as the service model describes them, through the readers made from it.
namespace {

using namespace dynasio::dynamodb;
namespace json = boost::json;

/// Both models. A shape of the same name in both is the same but for limits.
json::value const& joined_model() {
    static json::value const model = [] {
        json::value all = dynasio::tests::read_json("dynamodb/botocore/service-2.json");
        json::value const streams = dynasio::tests::read_json("dynamodb/botocore/dynamodbstreams/service-2.json");
        for (char const* part : {"shapes", "operations"})
            for (auto const& [name, value] : streams.at(part).as_object())
                all.at(part).as_object().emplace(name, value);
        return all;
    }();
    return model;
}
json::object const& shapes() { return joined_model().at("shapes").as_object(); }
json::object const& operations() { return joined_model().at("operations").as_object(); }

/// A document with every member that the shape has.
json::value sample(std::string const& name) {
    json::object const& shape = shapes().at(name).as_object();
    std::string const type = dynasio::tests::to_string(shape.at("type"));
    if (name == "AttributeValue") return json::object{{"L", {{{"S", "x"}}}}};
    if (type == "structure") {
        json::object out;
        for (auto const& [member, value] : shape.at("members").as_object()) {
            if (member != "AttributesToGet") out[member] = sample(dynasio::tests::to_string(value.at("shape")));
        }
        return out;
    }
    if (type == "list") return json::array{sample(dynasio::tests::to_string(shape.at("member").at("shape")))};
    if (type == "map") return json::object{{"name", sample(dynasio::tests::to_string(shape.at("value").at("shape")))}};
    if (type == "boolean") return true;
    if (type == "double") return 1.5;
    if (type == "timestamp") return 1500000000.25;
    if (type == "integer" || type == "long") return 7;
    return "text";
}

/// Calls `use` with copies of `whole`, in each of which one value is of another kind: at `value` and below.
template <class Use> void each_spoilt(json::value& value, json::value const& whole, Use const& use) {
    json::value const kept = value;
    value = kept.is_bool() ? json::value(1) : json::value(true);
    use(whole);
    value = kept;
    if (value.is_object()) {
        if (value.as_object().contains("L")) return; // attribute values have tests of their own
        for (auto& member : value.as_object()) each_spoilt(member.value(), whole, use);
    } else if (value.is_array()) {
        for (json::value& element : value.as_array()) each_spoilt(element, whole, use);
    }
}

template <class Response> void read(json::value const& document) {
    std::string const text = json::serialize(document);
    Response response;
    json_reader in(text);
    read_json(in, response);
    in.finish();
}

std::set<std::string>& seen() {
    static std::set<std::string> all;
    return all;
}

/// Every member of the answer is read, as what the model says it is: a value of another kind is noticed wherever it is.
template <class Request> void every_member_is_read() {
    using response = typename Request::response_type;
    std::string const name(to_string(Request::op));
    SCOPED_TRACE(name);
    seen().insert(name);
    read<response>(json::object());
    json::object const& operation = operations().at(name).as_object();
    if (!operation.contains("output")) return;
    json::value whole = sample(dynasio::tests::to_string(operation.at("output").at("shape")));
    read<response>(whole);
    each_spoilt(whole, whole, [](json::value const& spoilt) {
        try {
            read<response>(spoilt);
            ADD_FAILURE() << "nothing noticed in " << json::serialize(spoilt);
        } catch (dynasio::error const& e) {
            EXPECT_EQ(e.code(), dynasio::errc::malformed_response);
        }
    });
}

template <class... Requests> void every_member_of_all_is_read() { (every_member_is_read<Requests>(), ...); }

TEST(service_model, every_member_of_every_answer_is_read) {
    every_member_of_all_is_read<
        batch_execute_statement_request, batch_get_item_request, batch_write_item_request, create_backup_request,
        create_global_table_request, create_table_request, delete_backup_request, delete_item_request,
        delete_resource_policy_request, delete_table_request, describe_backup_request,
        describe_continuous_backups_request, describe_contributor_insights_request, describe_endpoints_request,
        describe_export_request, describe_global_table_request, describe_global_table_settings_request,
        describe_import_request, describe_kinesis_streaming_destination_request, describe_limits_request,
        describe_stream_request, get_records_request, get_shard_iterator_request, list_streams_request,
        describe_table_request, describe_table_replica_auto_scaling_request, describe_time_to_live_request,
        disable_kinesis_streaming_destination_request, enable_kinesis_streaming_destination_request,
        execute_statement_request, execute_transaction_request, export_table_to_point_in_time_request, get_item_request,
        get_resource_policy_request, import_table_request, list_backups_request, list_contributor_insights_request,
        list_exports_request, list_global_tables_request, list_imports_request, list_tables_request,
        list_tags_of_resource_request, put_item_request, put_resource_policy_request, query_request,
        restore_table_from_backup_request, restore_table_to_point_in_time_request, scan_request, tag_resource_request,
        transact_get_items_request, transact_write_items_request, untag_resource_request,
        update_continuous_backups_request, update_contributor_insights_request, update_global_table_request,
        update_global_table_settings_request, update_item_request, update_kinesis_streaming_destination_request,
        update_table_request, update_table_replica_auto_scaling_request, update_time_to_live_request>();
    EXPECT_EQ(seen().size(), operation_count);
}

TEST(service_model, every_error_has_a_code_of_its_own) {
    std::set<dynasio::service_errc> codes;
    std::size_t errors = 0;
    for (auto const& [name, shape] : shapes()) {
        if (!shape.as_object().contains("exception")) continue;
        ++errors;
        auto const code = detail::service_code_of(name);
        EXPECT_NE(code, dynasio::service_errc::unknown) << name;
        codes.insert(code);
    }
    EXPECT_EQ(codes.size(), errors);
    EXPECT_GT(errors, 30U);
}

TEST(service_model, every_operation_is_there_or_left_out_by_name) {
    std::set<std::string> names;
    for (std::size_t i = 0; i < operation_count; ++i) names.insert(std::string(to_string(static_cast<operation>(i))));
    EXPECT_EQ(names.size(), operation_count);
    for (auto const& [name, unused] : operations()) {
        bool const there = names.contains(std::string(name));
        EXPECT_EQ(there, name != "SearchVectors") << name;
    }
    EXPECT_EQ(operations().size(), operation_count + 1);
}

} // namespace
