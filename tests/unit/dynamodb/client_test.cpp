#include <dynasio/dynamodb/requests.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/this_coro.hpp>

#include <optional>
#include <thread>

#include "engine_fixture.hpp"

namespace {

using namespace dynasio::test;
using namespace dynasio::dynamodb;
using namespace std::chrono_literals;
using dynasio::as_result;
using dynasio::call_cost;
using dynasio::call_options;
using dynasio::client;
using dynasio::errc;
using dynasio::poll_options;
using dynasio::service_errc;

using client_test = engine_fixture;

item id(char const* value) { return item{{"id", value}}; }

constexpr poll_options at_once{1ms, 1ms};

TEST_F(client_test, gets_an_item) {
    client db(ctx, options());
    service.next.emplace_back(R"({"Item":{"id":{"S":"1"},"n":{"N":"7"}}})");
    auto const r = outcome(db.get_item(get_item_request("users", id("1"))));
    ASSERT_TRUE(r.has_value());
    ASSERT_TRUE(r->item);
    EXPECT_EQ(r->item->at("n").as_number().to_int64(), 7);
    EXPECT_EQ(service.body(0), R"({"TableName":"users","Key":{"id":{"S":"1"}}})");
    EXPECT_EQ(db.requests()[operation::get_item], 1U);
    EXPECT_EQ(db.connections().idle, 1U);
    EXPECT_EQ(db.options().region, "us-east-1");
    EXPECT_EQ(db.get_executor(), asio::any_io_executor(ctx.get_executor()));
}

TEST_F(client_test, can_be_written_in_one_expression) {
    client db(ctx, options());
    service.next.emplace_back(R"({"Item":{}})");
    auto const use = [&]() -> asio::awaitable<bool> {
        auto const found = co_await db.get_item(get_item_request("users", id("1")), call_options().timeout(5s));
        co_return found.item&& found.item->empty();
    };
    EXPECT_TRUE(run(ctx, use()));
}

TEST_F(client_test, a_stored_operation_survives_its_arguments_and_its_client) {
    std::optional<asio::awaitable<get_item_response>> get;
    std::optional<asio::awaitable<batch_write_item_response>> write;
    {
        client db(ctx, options());
        auto const request = std::make_unique<get_item_request>(std::string(100, 'u'), id("a key that is on the heap"));
        get.emplace(db.get_item(*request));
        std::vector<write_request> writes{write_request(put_request(id("another key that is on the heap")))};
        auto const batch = std::make_unique<batch_write_item_request>(
            std::map<std::string, std::vector<write_request>>{{"users", writes}});
        write.emplace(db.batch_write_item(*batch));
    }
    EXPECT_TRUE(outcome(std::move(*get)).has_value());
    EXPECT_TRUE(outcome(std::move(*write)).has_value());
    EXPECT_TRUE(service.body(0).find("a key that is on the heap") != std::string::npos);
    EXPECT_TRUE(service.body(1).find("another key that is on the heap") != std::string::npos);
}

TEST_F(client_test, an_operation_that_is_never_awaited_does_nothing) {
    client db(ctx, options());
    {
        auto const dropped = db.get_item(get_item_request("users", id("1")));
    }
    ctx.poll();
    EXPECT_TRUE(service.requests.empty());
}

TEST_F(client_test, refused_arguments_are_thrown_when_awaited) {
    client db(ctx, options());
    auto op = db.get_item(get_item_request("users", id("")));
    auto const r = outcome(std::move(op));
    EXPECT_EQ(failure_of(r).code, errc::empty_key);
    EXPECT_EQ(failure_of(r).info->table, "users");
    EXPECT_EQ(failure_of(r).info->attribute, "id");
    EXPECT_EQ(failure_of(outcome(db.put_item(put_item_request("users", id("\xff"))))).code, errc::invalid_argument);
    EXPECT_TRUE(service.requests.empty());
}

TEST_F(client_test, refused_writes_name_operation_table_and_attribute) {
    client db(ctx, options());
    list nested;
    for (int i = 0; i < 100; ++i) nested = list{attribute_value(std::move(nested))};
    std::vector<std::pair<attribute_value, errc>> const refused{
        {"\xff", errc::invalid_argument},
        {string_set{}, errc::invalid_argument},
        {string_set{{"a", "a"}}, errc::invalid_argument},
        {item{{"inner", "\xff"}}, errc::invalid_argument},
        {nested, errc::nesting_too_deep},
    };
    for (auto const& [value, code] : refused) {
        item written = id("1");
        written.emplace("bad", value);
        auto const r = outcome(db.put_item(put_item_request("users", written)));
        EXPECT_EQ(failure_of(r).code, code);
        EXPECT_EQ(failure_of(r).info->operation, "PutItem");
        EXPECT_EQ(failure_of(r).info->table, "users");
        EXPECT_EQ(failure_of(r).info->attribute, "bad");
    }
    item odd = id("1");
    odd.emplace("n\xff", "x");
    EXPECT_NE(failure_of(outcome(db.put_item(put_item_request("users", odd)))).to_string().find(R"(attribute n\xff)"),
              std::string::npos);
    EXPECT_TRUE(service.requests.empty());
}

TEST_F(client_test, an_answer_of_another_form_is_malformed_with_names) {
    client db(ctx, options());
    service.next.emplace_back(R"({"Item":)", 200, "x-amzn-RequestId: REQ7\r\n");
    auto const r = outcome(db.get_item(get_item_request("users", id("1"))));
    EXPECT_EQ(failure_of(r).code, errc::malformed_response);
    EXPECT_EQ(failure_of(r).info->operation, "GetItem");
    EXPECT_EQ(failure_of(r).info->table, "users");
    EXPECT_EQ(failure_of(r).info->request_id, "REQ7");
    service.next.emplace_back("", 200, "");
    auto const empty = outcome(db.put_item(put_item_request("users", id("1"))));
    EXPECT_EQ(failure_of(empty).code, errc::malformed_response);
    EXPECT_TRUE(failure_of(empty).info->outcome_unknown);
}

TEST_F(client_test, a_select_is_a_read_in_its_cost_and_when_it_fails) {
    client db(ctx, options());
    struct statement {
        char const* text;
        double read_units;
        double write_units;
    };
    for (statement const one : {statement{"\n SELECT * FROM users", 1.5, 0}, statement{"DELETE FROM users", 0, 1.5}}) {
        bool const writes = one.write_units > 0;
        call_cost cost;
        service.next.emplace_back(R"({"Items":[],"ConsumedCapacity":{"TableName":"users","CapacityUnits":1.5}})");
        ASSERT_TRUE(outcome(db.execute_statement(execute_statement_request(one.text), call_options().report(cost))));
        EXPECT_EQ(cost.read_units, one.read_units);
        EXPECT_EQ(cost.write_units, one.write_units);
        service.next.emplace_back(R"({"Responses":[],"ConsumedCapacity":[{"TableName":"users","CapacityUnits":1.5}]})");
        execute_transaction_request const both({parameterized_statement(one.text), parameterized_statement(one.text)});
        ASSERT_TRUE(outcome(db.execute_transaction(both, call_options().report(cost))));
        EXPECT_EQ(cost.read_units, one.read_units);
        EXPECT_EQ(cost.write_units, one.write_units);

        service.next.emplace_back(R"({"Items":)");
        EXPECT_EQ(failure_of(outcome(db.execute_statement(execute_statement_request(one.text)))).info->outcome_unknown,
                  writes);
        service.next.push_back(service_error_answer("InternalServerError", 500));
        auto const failed = outcome(db.execute_transaction(both, call_options().attempts(1)));
        EXPECT_EQ(failure_of(failed).info->outcome_unknown, writes);
        EXPECT_EQ(failure_of(failed).to_string().find("may have been carried out") != std::string::npos, writes);
    }
}

TEST_F(client_test, the_item_of_a_failed_condition_is_kept_and_not_printed) {
    client db(ctx, options());
    service.next.emplace_back(
        R"({"__type":"ConditionalCheckFailedException","message":"m","Item":{"id":{"S":"private"}}})", 400);
    put_item_request request("users", id("1"));
    request.condition_expression = "attribute_not_exists(id)";
    auto const r = outcome(db.put_item(request));
    EXPECT_EQ(failure_of(r).code, service_errc::conditional_check_failed);
    EXPECT_EQ(failure_of(r).info->item, R"({"id":{"S":"private"}})");
    EXPECT_EQ(failure_of(r).to_string().find("private"), std::string::npos);
}

TEST_F(client_test, a_transaction_has_one_token_over_all_its_attempts) {
    client db(ctx, options());
    transact_write_items_request request({transact_write_item(transact_put("users", id("1")))});
    service.next.emplace_back(canned::how::reset);
    service.next.push_back(service_error_answer("InternalServerError", 500));
    // The service would refuse to be asked again, had it seen another token.
    ASSERT_TRUE(outcome(db.transact_write_items(request, call_options().repeat_unsafe_writes(false))).has_value());
    ASSERT_EQ(service.requests.size(), 3U);
    EXPECT_EQ(service.body(0), service.body(1));
    EXPECT_EQ(service.body(0), service.body(2));
    std::string const body = service.body(0);
    std::string const before =
        R"({"TransactItems":[{"Put":{"Item":{"id":{"S":"1"}},"TableName":"users"}}],"ClientRequestToken":")";
    ASSERT_EQ(body.substr(0, before.size()), before);
    std::string const token = body.substr(before.size(), 36);
    EXPECT_EQ(body.substr(before.size() + 36), "\"}");
    for (std::size_t i = 0; i < token.size(); ++i) {
        bool const dash = i == 8 || i == 13 || i == 18 || i == 23;
        EXPECT_EQ(token[i] == '-', dash) << token;
        EXPECT_TRUE(dash || std::string_view("0123456789abcdef").find(token[i]) != std::string_view::npos) << token;
    }
    EXPECT_EQ(token[14], '4');
    ASSERT_TRUE(outcome(db.transact_write_items(request)).has_value());
    EXPECT_NE(service.body(3), body);
    request.client_request_token = "mine";
    ASSERT_TRUE(outcome(db.transact_write_items(request)).has_value());
    EXPECT_EQ(service.body(4), before + "mine\"}");
}

TEST_F(client_test, other_operations_with_a_token_get_one_too) {
    client db(ctx, options());
    ASSERT_TRUE(outcome(db.execute_transaction(execute_transaction_request({parameterized_statement("DELETE FROM t")})))
                    .has_value());
    EXPECT_NE(service.body(0).find(R"(,"ClientRequestToken":")"), std::string::npos);
    ASSERT_TRUE(
        outcome(db.export_table_to_point_in_time(export_table_to_point_in_time_request("arn:aws:dynamodb:x", "b")))
            .has_value());
    EXPECT_NE(service.body(1).find(R"(,"ClientToken":")"), std::string::npos);
    import_table_request import(s3_bucket_source("b"), input_format::csv,
                                table_creation_parameters("t", {attribute_definition("id", scalar_attribute_type::s)},
                                                          {key_schema_element("id", key_type::hash)}));
    ASSERT_TRUE(outcome(db.import_table(import)).has_value());
    EXPECT_NE(service.body(2).find(R"(,"ClientToken":")"), std::string::npos);
    service.next.emplace_back(R"({"Responses":[{}]})");
    ASSERT_TRUE(
        outcome(db.transact_get_items(transact_get_items_request({transact_get_item(transact_get("t", id("1")))})))
            .has_value());
    EXPECT_EQ(service.body(3).find("Token"), std::string::npos);
}

TEST_F(client_test, operations_without_arguments_and_without_answers_work) {
    client db(ctx, options());
    service.next.emplace_back(R"({"TableMaxReadCapacityUnits":40000})");
    auto const limits = outcome(db.describe_limits(describe_limits_request()));
    ASSERT_TRUE(limits.has_value());
    EXPECT_EQ(limits->table_max_read_capacity_units, 40000);
    EXPECT_EQ(service.body(0), "{}");
    EXPECT_EQ(service.header(0, "X-Amz-Target"), "DynamoDB_20120810.DescribeLimits");
    service.next.emplace_back("", 200, "");
    ASSERT_TRUE(
        outcome(db.tag_resource(tag_resource_request("arn:aws:dynamodb:x", {resource_tag("k", "v")}))).has_value());
    EXPECT_EQ(db.requests()[operation::tag_resource], 1U);
}

TEST_F(client_test, the_longest_name_of_an_operation_is_sent_whole) {
    client db(ctx, options());
    ASSERT_TRUE(outcome(db.describe_kinesis_streaming_destination(describe_kinesis_streaming_destination_request("t")))
                    .has_value());
    EXPECT_EQ(service.header(0, "X-Amz-Target"), "DynamoDB_20120810.DescribeKinesisStreamingDestination");
}

TEST_F(client_test, refused_transactions_name_the_first_table) {
    client db(ctx, options());
    service.next.emplace_back(R"({"Responses":)", 200, "");
    auto const r =
        outcome(db.transact_get_items(transact_get_items_request({transact_get_item(transact_get("users", id("1")))})));
    EXPECT_EQ(failure_of(r).code, errc::malformed_response);
    EXPECT_EQ(failure_of(r).info->table, "users");
}

TEST_F(client_test, a_transaction_answers_every_key) {
    client db(ctx, options());
    std::vector<transact_get_item> const two{transact_get_item(transact_get("users", id("1"))),
                                             transact_get_item(transact_get("users", id("2")))};
    service.next.emplace_back(R"({"Responses":[{"Item":{"id":{"S":"1"}}},{}]})");
    auto const whole = outcome(db.transact_get_items(transact_get_items_request(two)));
    ASSERT_TRUE(whole.has_value());
    EXPECT_FALSE(whole->responses->at(1).item);
    for (char const* const answer : {"{}", R"({"Responses":[{}]})", R"({"Responses":[{},{},{}]})"}) {
        service.next.emplace_back(answer);
        auto const r = outcome(db.transact_get_items(transact_get_items_request(two)));
        EXPECT_EQ(failure_of(r).code, errc::malformed_response) << answer;
        EXPECT_EQ(failure_of(r).info->operation, "TransactGetItems");
        EXPECT_EQ(failure_of(r).info->table, "users");
    }
}

TEST_F(client_test, a_path_of_the_endpoint_is_used) {
    auto o = options();
    o.endpoint += "/some/path";
    client db(ctx, o);
    ASSERT_TRUE(outcome(db.describe_limits(describe_limits_request())).has_value());
    EXPECT_EQ(service.head(0).substr(0, 24), "POST /some/path HTTP/1.1");
}

TEST_F(client_test, capacity_is_asked_for_and_reported_with_the_cost) {
    client db(ctx, options());
    call_cost cost;
    cost.read_units = 99;
    service.next.emplace_back(R"({"Count":0,"ConsumedCapacity":{"TableName":"users","CapacityUnits":2.5}})");
    query_request query("users");
    query.key_condition_expression = "id = :i";
    ASSERT_TRUE(outcome(db.query(query, call_options().report(cost))).has_value());
    EXPECT_NE(service.body(0).find(R"("ReturnConsumedCapacity":"TOTAL")"), std::string::npos);
    EXPECT_EQ(cost.read_units, 2.5);
    EXPECT_EQ(cost.write_units, 0);
    EXPECT_EQ(cost.requests, 1U);
    service.next.emplace_back(R"({"ConsumedCapacity":{"TableName":"users","CapacityUnits":3}})");
    put_item_request put("users", id("1"));
    put.return_consumed_capacity = return_consumed_capacity::indexes;
    ASSERT_TRUE(outcome(db.put_item(put, call_options().report(cost))).has_value());
    EXPECT_EQ(service.body(1).find("TOTAL"), std::string::npos);
    EXPECT_EQ(cost.write_units, 3);
    EXPECT_EQ(cost.read_units, 0);
    service.next.emplace_back("{}");
    ASSERT_TRUE(outcome(db.describe_table(describe_table_request("users"), call_options().report(cost))).has_value());
    EXPECT_EQ(service.body(2), R"({"TableName":"users"})");
}

TEST_F(client_test, copies_share_one_client) {
    client db(ctx, options());
    client const copy = db;
    ASSERT_TRUE(outcome(db.get_item(get_item_request("users", id("1")))).has_value());
    EXPECT_EQ(copy.requests().total(), 1U);
    db.stop();
    client other = copy;
    EXPECT_EQ(failure_of(outcome(other.get_item(get_item_request("users", id("1"))))).code, errc::client_closed);
}

TEST_F(client_test, every_operation_reaches_its_target) {
    client db(ctx, options());
    query_request query("t");
    query.key_condition_expression = "id = :i";
    create_table_request create("t");
    create.key_schema = {key_schema_element("id", key_type::hash)};
    create.attribute_definitions = {attribute_definition("id", scalar_attribute_type::s)};
    EXPECT_TRUE(outcome(db.put_item(put_item_request("t", id("1")))).has_value());
    EXPECT_TRUE(outcome(db.update_item(update_item_request("t", id("1")))).has_value());
    EXPECT_TRUE(outcome(db.delete_item(delete_item_request("t", id("1")))).has_value());
    EXPECT_TRUE(outcome(db.query(query)).has_value());
    EXPECT_TRUE(outcome(db.scan(scan_request("t"))).has_value());
    EXPECT_TRUE(
        outcome(db.batch_get_item(batch_get_item_request({{"t", keys_and_attributes({id("1")})}}))).has_value());
    EXPECT_TRUE(outcome(db.create_table(create)).has_value());
    EXPECT_TRUE(outcome(db.delete_table(delete_table_request("t"))).has_value());
    std::vector<std::string> const targets{"PutItem", "UpdateItem",   "DeleteItem",  "Query",
                                           "Scan",    "BatchGetItem", "CreateTable", "DeleteTable"};
    ASSERT_EQ(service.requests.size(), targets.size());
    for (std::size_t i = 0; i < targets.size(); ++i)
        EXPECT_EQ(service.header(i, "X-Amz-Target"), "DynamoDB_20120810." + targets[i]);
}

TEST_F(client_test, waits_until_a_table_and_its_indexes_are_active) {
    client db(ctx, options());
    service.next.push_back(service_error_answer("ResourceNotFoundException"));
    service.next.emplace_back(R"({"Table":{"TableStatus":"CREATING"}})");
    service.next.emplace_back(
        R"({"Table":{"TableStatus":"ACTIVE","GlobalSecondaryIndexes":[{"IndexName":"g","IndexStatus":"CREATING"}]}})");
    service.next.emplace_back(
        R"({"Table":{"TableStatus":"ACTIVE","GlobalSecondaryIndexes":[{"IndexName":"g","IndexStatus":"ACTIVE"}]}})");
    EXPECT_TRUE(outcome(db.wait_until_active("t", {}, at_once)).has_value());
    EXPECT_EQ(service.requests.size(), 4U);
}

TEST_F(client_test, waits_until_a_table_is_gone) {
    client db(ctx, options());
    service.next.emplace_back(R"({"Table":{"TableStatus":"DELETING"}})");
    service.next.push_back(service_error_answer("ResourceNotFoundException"));
    EXPECT_TRUE(outcome(db.wait_until_gone("t", {}, at_once)).has_value());
    EXPECT_EQ(service.requests.size(), 2U);
}

TEST_F(client_test, a_wait_that_takes_too_long_tells_the_last_state) {
    client db(ctx, options());
    service.otherwise = canned(R"({"Table":{"TableStatus":"CREATING"}})");
    auto const r = outcome(db.wait_until_active("t", call_options().timeout(50ms), poll_options{1h, 1h}));
    EXPECT_EQ(failure_of(r).code, errc::table_not_ready);
    EXPECT_EQ(failure_of(r).info->table, "t");
    EXPECT_NE(failure_of(r).info->message.find("CREATING"), std::string::npos);
    service.otherwise = canned(canned::how::silent);
    auto const silent = outcome(db.wait_until_gone("t", call_options().timeout(20ms)));
    EXPECT_EQ(failure_of(silent).code, errc::table_not_ready);
    EXPECT_NE(failure_of(silent).to_string().find("waited for the table to be gone"), std::string::npos);
    EXPECT_EQ(failure_of(silent).to_string().find("ACTIVE"), std::string::npos);
}

TEST_F(client_test, pauses_of_a_wait_are_checked) {
    client db(ctx, options());
    std::vector<std::pair<poll_options, char const*>> const refused{
        {{0ms, 1ms}, "first_delay"}, {{-1ms, 1ms}, "first_delay"}, {{1ms, 0ms}, "max_delay"}};
    for (auto const& [poll, member] : refused) {
        auto const r = outcome(db.wait_until_active("t", {}, poll));
        EXPECT_EQ(failure_of(r).code, errc::invalid_argument);
        EXPECT_NE(failure_of(r).info->message.find(member), std::string::npos);
        EXPECT_EQ(failure_of(r).info->table, "t");
    }
    EXPECT_TRUE(service.requests.empty());
}

TEST_F(client_test, a_wait_ends_with_other_errors_and_with_cancellation) {
    client db(ctx, options());
    service.next.push_back(service_error_answer("AccessDeniedException"));
    EXPECT_EQ(failure_of(outcome(db.wait_until_active("t", {}, at_once))).code, service_errc::access_denied);
    service.otherwise = canned(R"({"Table":{"TableStatus":"CREATING"}})");
    auto waiting = start(ctx, as_result(db.wait_until_active("t", call_options().timeout(10h), poll_options{1h, 1h})));
    run_until(ctx, [&] { return db.requests()[operation::describe_table] == 2; });
    waiting.cancel();
    EXPECT_EQ(failure_of(finish(ctx, waiting)).code, asio::error::operation_aborted);
}

TEST_F(client_test, a_thread_safe_client_serves_another_thread) {
    auto o = options();
    o.thread_safe = true;
    client db(ctx, o);
    service.next.emplace_back(R"({"Item":{"id":{"S":"1"}}})");
    service.next.push_back(service_error_answer("ValidationException"));
    service.otherwise = canned(R"({"Table":{"TableStatus":"ACTIVE"}})");
    auto work = asio::make_work_guard(ctx);
    std::thread thread([&] { ctx.run(); });
    asio::io_context own;
    auto const r = run(own, as_result(db.get_item(get_item_request("users", id("1")))));
    auto const failed = run(own, as_result(db.get_item(get_item_request("users", id("1")))));
    auto const waited = run(own, as_result(db.wait_until_active("t")));
    work.reset();
    ctx.stop();
    thread.join();
    ASSERT_TRUE(r.has_value());
    EXPECT_EQ(r->item->at("id").as_string(), "1");
    EXPECT_EQ(failure_of(failed).code, service_errc::validation);
    EXPECT_TRUE(waited.has_value());
}

} // namespace
