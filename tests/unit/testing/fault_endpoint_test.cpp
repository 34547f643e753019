#include <dynasio/testing/detail/http_answer.hpp>
#include <dynasio/testing/fault_endpoint.hpp>

#include <dynasio/core/error.hpp>

#include <boost/asio/error.hpp>
#include <boost/beast/http/error.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <thread>

#include "unit/testing/plain_client.hpp"

namespace {

using namespace dynasio::testing;
using namespace std::chrono_literals;
using dynasio_tests::plain_client;
namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr char const* get_user = R"({"TableName":"users","Key":{"id":{"S":"u-1"}}})";
constexpr char const* batch_of_two =
    R"({"RequestItems":{"users":{"Keys":[{"id":{"S":"u-1"}},{"id":{"S":"u-7"}}],"ProjectionExpression":"id"}}})";
constexpr char const* batch_write = R"({"RequestItems":{"users":[{"PutRequest":{"Item":{"id":{"S":"u-1"}}}},)"
                                    R"({"DeleteRequest":{"Key":{"id":{"S":"u-7"}}}}]}})";

std::string header(plain_client::response const& answer, char const* name) {
    auto const found = answer.find(name);
    if (found == answer.end()) return "(absent)";
    return std::string(found->value().data(), found->value().size());
}

std::string crc_of(plain_client::response const& answer) { return std::to_string(detail::crc32(answer.body())); }

/// A fault endpoint in front of another one that plays the database.
struct forwarding : testing::Test {
    fault_endpoint database;
    fault_endpoint endpoint{database.url()};
    plain_client client{endpoint.port()};
};

struct alone : testing::Test {
    fault_endpoint endpoint;
    plain_client client{endpoint.port()};
};

using fault_endpoint_forwarding = forwarding;
using fault_endpoint_alone = alone;

// Passing on

TEST_F(fault_endpoint_forwarding, passes_requests_and_answers_on_unchanged) {
    std::string const odd_body = " {\"Item\" : {\"b\":{\"S\":\"\\u00e4\"},\n\"a\":{\"NULL\":true}}} ";
    database.on(match()).with_header("X-Odd", "kept").with_header("x-amz-crc32", "12").answer_json(odd_body);
    auto const answer = client.call("GetItem", get_user);
    EXPECT_EQ(answer.result_int(), 200U);
    EXPECT_EQ(answer.body(), odd_body);
    EXPECT_EQ(header(answer, "x-amz-crc32"), "12");
    EXPECT_EQ(header(answer, "x-odd"), "kept");

    ASSERT_EQ(database.count(), 1U);
    auto const seen = database.requests().front();
    EXPECT_EQ(seen.method, "POST");
    EXPECT_EQ(seen.target, "/");
    EXPECT_EQ(seen.body, get_user);
    EXPECT_EQ(seen.header("host"), "table.host:8000");
    EXPECT_EQ(seen.header("x-amz-date"), "20261121T000000Z");
    EXPECT_TRUE(seen.authorized);
}

TEST_F(fault_endpoint_forwarding, answers_several_requests_on_one_connection) {
    database.on(match()).answer_json("{}");
    for (int i = 0; i < 3; ++i) EXPECT_EQ(client.call("GetItem", get_user).result_int(), 200U);
    EXPECT_EQ(database.count("GetItem"), 3U);
}

TEST_F(fault_endpoint_forwarding, answers_requests_that_were_sent_in_one_go) {
    database.on(match()).answer_with([](recorded_request const& r) { return canned_answer(r.body); });
    client.send("GetItem", R"({"TableName":"a"})");
    client.send("GetItem", R"({"TableName":"b"})");
    EXPECT_EQ(client.receive().body(), R"({"TableName":"a"})");
    EXPECT_EQ(client.receive().body(), R"({"TableName":"b"})");
}

TEST_F(fault_endpoint_forwarding, survives_an_upstream_that_closes_kept_connections) {
    database.on(match()).then_closing().answer_json("{}");
    for (int i = 0; i < 5; ++i) EXPECT_EQ(client.call("PutItem", get_user).result_int(), 200U);
    EXPECT_EQ(database.count(), 5U);
}

TEST_F(fault_endpoint_forwarding, does_not_repeat_a_request_that_the_upstream_may_have_carried_out) {
    database.on(match()).drop_connection();
    auto const answer = client.call("PutItem", get_user);
    EXPECT_EQ(answer.result_int(), 502U);
    EXPECT_NE(answer.body().find("the upstream failed"), std::string::npos);
    EXPECT_EQ(database.count(), 1U);
    EXPECT_NE(endpoint.requests().front().fault.find("the upstream failed"), std::string::npos);
}

TEST_F(fault_endpoint_forwarding, closes_when_the_client_asks_for_it) {
    database.on(match()).answer_json("{}");
    client.send("GetItem", get_user, false);
    auto const answer = client.receive();
    EXPECT_FALSE(answer.keep_alive());
    EXPECT_EQ(client.receive_error(), http::error::end_of_stream);
}

TEST(fault_endpoint, puts_the_upstreams_path_before_the_requests_own) {
    fault_endpoint database;
    database.on(match()).answer_json("{}");
    fault_endpoint endpoint(database.url() + "/prefix");
    plain_client(endpoint.port()).call("GetItem", get_user);
    EXPECT_EQ(database.requests().at(0).target, "/prefix/");
}

TEST(fault_endpoint, answers_502_when_the_upstream_is_not_there) {
    std::string nobody;
    {
        fault_endpoint gone;
        nobody = gone.url();
    }
    fault_endpoint endpoint(nobody);
    EXPECT_EQ(plain_client(endpoint.port()).call("GetItem", get_user).result_int(), 502U);
}

// Recording

TEST_F(fault_endpoint_forwarding, records_what_was_asked_and_answered) {
    database.on(match("Query")).answer_error(400, "ValidationException", "no");
    database.on(match()).answer_json("{}");
    client.call("BatchGetItem", batch_of_two);
    client.call("Query", R"({"TableName":"posts","IndexName":"by_user"})");
    auto const all = endpoint.requests();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].operation, "BatchGetItem");
    EXPECT_EQ(all[0].tables, std::vector<std::string>{"users"});
    EXPECT_EQ(all[0].keys, (std::vector<std::string>{R"({"id":{"S":"u-1"}})", R"({"id":{"S":"u-7"}})"}));
    EXPECT_EQ(all[0].status, 200U);
    EXPECT_EQ(all[0].in_flight, 1U);
    EXPECT_EQ(all[0].fault, "");
    EXPECT_TRUE(all[0].authorized);
    EXPECT_TRUE(all[0].forwarded);
    EXPECT_EQ(all[0].header("authorization"), "");
    EXPECT_EQ(all[0].header("x-amz-security-token"), "");
    EXPECT_EQ(all[1].index, "by_user");
    EXPECT_EQ(all[1].status, 400U);
    ASSERT_TRUE(all[0].finished && all[1].finished);
    EXPECT_LE(all[0].started, *all[0].finished);
    EXPECT_LE(*all[0].finished, all[1].started);

    EXPECT_EQ(endpoint.count("Query"), 1U);
    EXPECT_EQ(endpoint.count("Query", "posts"), 1U);
    EXPECT_EQ(endpoint.count("Query", "users"), 0U);
    EXPECT_EQ(endpoint.count_if([](recorded_request const& r) { return r.status == 400; }), 1U);
    EXPECT_EQ(endpoint.max_in_flight(), 1U);
    EXPECT_FALSE(endpoint.overlapped(match("Query"), match("BatchGetItem")));
    endpoint.clear();
    EXPECT_EQ(endpoint.count(), 0U);
}

TEST_F(fault_endpoint_alone, sees_requests_overlap) {
    endpoint.on(match("GetItem")).never_answer();
    endpoint.on(match()).answer_json("{}");
    client.send("GetItem", get_user);
    ASSERT_TRUE(endpoint.wait_for_requests(1));
    plain_client(endpoint.port()).call("Query", "{}");
    EXPECT_TRUE(endpoint.overlapped(match("GetItem"), match("Query")));
    EXPECT_EQ(endpoint.max_in_flight(), 2U);
    EXPECT_EQ(endpoint.requests().at(1).in_flight, 2U);
}

TEST_F(fault_endpoint_alone, waiting_for_requests_ends_in_time) { EXPECT_FALSE(endpoint.wait_for_requests(1, 1ms)); }

// Rules

TEST_F(fault_endpoint_forwarding, leaves_chosen_keys_unprocessed_and_forwards_the_rest) {
    database.on(match()).answer_json(R"({"Responses":{"users":[{"id":{"S":"u-1"}}]},"UnprocessedKeys":{}})");
    auto const rule =
        endpoint.on(match("BatchGetItem").table("users")).times(1).leave_unprocessed(keys_containing("u-7"));
    auto const answer = client.call("BatchGetItem", batch_of_two);
    EXPECT_EQ(answer.body(),
              R"({"Responses":{"users":[{"id":{"S":"u-1"}}]},)"
              R"("UnprocessedKeys":{"users":{"Keys":[{"id":{"S":"u-7"}}],"ProjectionExpression":"id"}}})");
    EXPECT_EQ(header(answer, "x-amz-crc32"), crc_of(answer));
    ASSERT_EQ(database.count(), 1U);
    EXPECT_EQ(database.requests()[0].keys, std::vector<std::string>{R"({"id":{"S":"u-1"}})"});
    EXPECT_EQ(endpoint.requests()[0].keys.size(), 2U);
    EXPECT_EQ(endpoint.requests()[0].fault, "1 left unprocessed");
    EXPECT_EQ(rule.used(), 1U);

    EXPECT_EQ(database.requests()[0].header("X-Dynasio-Edited"), "left-unprocessed");

    client.call("BatchGetItem", batch_of_two);
    EXPECT_EQ(database.requests()[1].keys.size(), 2U);
    EXPECT_EQ(database.requests()[1].header("X-Dynasio-Edited"), "");
    EXPECT_EQ(rule.used(), 1U);
}

TEST_F(fault_endpoint_forwarding, forwards_nothing_when_everything_is_left_unprocessed) {
    endpoint.on(match()).leave_unprocessed(all_keys());
    auto answer = client.call("BatchGetItem", batch_of_two);
    EXPECT_EQ(answer.body(), R"({"Responses":{},"UnprocessedKeys":{"users":{"Keys":[{"id":{"S":"u-1"}},)"
                             R"({"id":{"S":"u-7"}}],"ProjectionExpression":"id"}}})");
    EXPECT_EQ(header(answer, "x-amz-crc32"), crc_of(answer));
    answer = client.call("BatchWriteItem", batch_write);
    EXPECT_EQ(answer.body(), R"({"UnprocessedItems":{"users":[{"PutRequest":{"Item":{"id":{"S":"u-1"}}}},)"
                             R"({"DeleteRequest":{"Key":{"id":{"S":"u-7"}}}}]}})");
    EXPECT_EQ(database.count(), 0U);
    EXPECT_FALSE(endpoint.requests()[0].forwarded);
}

TEST_F(fault_endpoint_forwarding, leaves_errors_of_the_upstream_alone_when_a_batch_was_divided) {
    database.on(match()).answer_error(400, "ResourceNotFoundException", "no table");
    endpoint.on(match()).leave_unprocessed(first_keys(1));
    auto const answer = client.call("BatchWriteItem", batch_write);
    EXPECT_EQ(answer.result_int(), 400U);
    EXPECT_EQ(answer.body(),
              R"({"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"no table"})");
}

TEST_F(fault_endpoint_forwarding, forwards_what_is_no_batch_as_it_is) {
    database.on(match()).answer_json("{}");
    endpoint.on(match()).leave_unprocessed(all_keys());
    EXPECT_EQ(client.call("GetItem", get_user).body(), "{}");
    EXPECT_EQ(client.call("BatchGetItem", "no JSON").body(), "{}");
    EXPECT_EQ(database.requests().at(1).body, "no JSON");
}

TEST_F(fault_endpoint_alone, throttles_with_reasons) {
    endpoint.on(match()).times(1).retry_after(20ms).throttle(
        "ProvisionedThroughputExceededException",
        throttling_reason("TableReadProvisionedThroughputExceeded", "arn:users"),
        throttling_reason("IndexReadProvisionedThroughputExceeded", "arn:by_mail"));
    endpoint.on(match()).throttle("ThrottlingException", throttling_reason("AccountLimit", "arn:a"));
    auto answer = client.call("GetItem", get_user);
    EXPECT_EQ(answer.result_int(), 400U);
    EXPECT_EQ(header(answer, "x-amz-retry-after"), "20");
    EXPECT_EQ(header(answer, "x-amz-crc32"), crc_of(answer));
    EXPECT_EQ(answer.body(),
              R"({"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",)"
              R"("message":"The rate of requests is too high (scripted by a fault endpoint).",)"
              R"("ThrottlingReasons":[{"reason":"TableReadProvisionedThroughputExceeded","resource":"arn:users"},)"
              R"({"reason":"IndexReadProvisionedThroughputExceeded","resource":"arn:by_mail"}]})");
    answer = client.call("GetItem", get_user);
    EXPECT_EQ(answer.body(), R"({"__type":"com.amazon.coral.availability#ThrottlingException",)"
                             R"("message":"The rate of requests is too high (scripted by a fault endpoint).",)"
                             R"("throttlingReasons":[{"reason":"AccountLimit","resource":"arn:a"}]})");
    EXPECT_EQ(header(answer, "x-amz-retry-after"), "(absent)");
    EXPECT_EQ(endpoint.requests()[1].fault, "throttled with ThrottlingException");
}

TEST_F(fault_endpoint_alone, applies_rules_to_the_matches_they_are_for) {
    endpoint.on(match("GetItem")).nth(2).answer(500, "text/html", "<html>");
    endpoint.on(match("GetItem")).after(2).answer(503, "", "");
    endpoint.on(match()).answer_json("{}");
    std::vector<unsigned> statuses;
    for (int i = 0; i < 4; ++i) statuses.push_back(client.call("GetItem", get_user).result_int());
    // The second rule counts what the first left to it: the requests 1, 3 and 4.
    EXPECT_EQ(statuses, (std::vector<unsigned>{200, 500, 200, 503}));
}

TEST_F(fault_endpoint_alone, answers_text_that_is_no_json) {
    endpoint.on(match()).times(1).answer(413, "text/html", "<html>too large</html>");
    endpoint.on(match()).answer(500, "", "");
    auto answer = client.call("GetItem", get_user);
    EXPECT_EQ(answer.result_int(), 413U);
    EXPECT_EQ(header(answer, "content-type"), "text/html");
    EXPECT_EQ(header(answer, "x-amz-crc32"), "(absent)");
    EXPECT_EQ(answer.body(), "<html>too large</html>");
    answer = client.call("GetItem", get_user);
    EXPECT_EQ(answer.result_int(), 500U);
    EXPECT_EQ(answer.body(), "");
    EXPECT_EQ(header(answer, "content-type"), "(absent)");
}

TEST_F(fault_endpoint_alone, answers_json_that_is_broken_or_deep) {
    endpoint.on(match()).times(1).answer_invalid_json();
    endpoint.on(match()).answer_nested(3);
    auto answer = client.call("GetItem", get_user);
    EXPECT_EQ(answer.body(), R"({"Item":{"id":{"S":"u-)");
    EXPECT_EQ(header(answer, "x-amz-crc32"), crc_of(answer));
    answer = client.call("GetItem", get_user);
    EXPECT_EQ(answer.body(), R"({"nested":[[[]]]})");
}

TEST_F(fault_endpoint_forwarding, spoils_the_checksum_and_nothing_else) {
    database.on(match()).answer_json(R"({"Item":{}})");
    endpoint.on(match()).with_wrong_crc32().forward();
    auto const answer = client.call("GetItem", get_user);
    EXPECT_EQ(answer.body(), R"({"Item":{}})");
    EXPECT_NE(header(answer, "x-amz-crc32"), "(absent)");
    EXPECT_NE(header(answer, "x-amz-crc32"), crc_of(answer));
    EXPECT_EQ(endpoint.requests()[0].fault, "wrong x-amz-crc32");
}

TEST_F(fault_endpoint_forwarding, truncates_the_body_and_closes) {
    database.on(match()).answer_json(R"({"Item":{}})");
    endpoint.on(match()).truncated_by(3).forward();
    client.send("GetItem", get_user);
    dynasio::error_code ec;
    auto const bytes = client.receive_all(ec);
    EXPECT_EQ(ec, asio::error::eof);
    EXPECT_NE(bytes.find("Content-Length: 11\r\n"), std::string::npos);
    EXPECT_EQ(bytes.substr(bytes.find("\r\n\r\n") + 4), R"({"Item":)");
}

TEST_F(fault_endpoint_forwarding, drops_the_connection_before_forwarding) {
    endpoint.on(match()).drop_connection();
    client.send("PutItem", get_user);
    EXPECT_EQ(client.receive_error(), http::error::end_of_stream);
    EXPECT_EQ(database.count(), 0U);
    auto const seen = endpoint.requests().at(0);
    EXPECT_EQ(seen.status, 0U);
    EXPECT_TRUE(seen.finished);
    EXPECT_FALSE(seen.forwarded);
    EXPECT_EQ(seen.fault, "connection dropped before forwarding");
}

TEST_F(fault_endpoint_forwarding, drops_the_connection_after_the_upstream_has_done_its_work) {
    database.on(match()).answer_json("{}");
    endpoint.on(match()).drop_connection(drop_time::after_forwarding);
    client.send("PutItem", get_user);
    EXPECT_EQ(client.receive_error(), http::error::end_of_stream);
    ASSERT_EQ(database.count("PutItem"), 1U);
    EXPECT_EQ(database.requests()[0].status, 200U);
    EXPECT_EQ(endpoint.requests()[0].status, 0U);
    EXPECT_TRUE(endpoint.requests()[0].forwarded);
}

TEST_F(fault_endpoint_alone, resets_the_connection_when_told_to) {
    endpoint.on(match()).by_reset().drop_connection();
    client.send("GetItem", get_user);
    EXPECT_EQ(client.receive_error(), asio::error::connection_reset);
}

TEST_F(fault_endpoint_alone, closes_after_an_answer_that_did_not_say_so) {
    endpoint.on(match()).then_closing().answer_json("{}");
    auto const answer = client.call("GetItem", get_user);
    EXPECT_TRUE(answer.keep_alive());
    EXPECT_EQ(client.receive_error(), http::error::end_of_stream);
}

TEST_F(fault_endpoint_alone, a_request_that_is_never_answered_ends_with_its_client) {
    endpoint.on(match("GetItem")).never_answer();
    client.send("GetItem", get_user);
    ASSERT_TRUE(endpoint.wait_for_requests(1));
    EXPECT_FALSE(endpoint.requests()[0].finished);
    client.close();
    // Only the endpoint knows when it notices; the bound is far away.
    auto const give_up = std::chrono::steady_clock::now() + 10s;
    while (!endpoint.requests()[0].finished && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
    ASSERT_TRUE(endpoint.requests()[0].finished);
    EXPECT_EQ(endpoint.requests()[0].status, 0U);
}

TEST_F(fault_endpoint_alone, a_delay_holds_up_only_its_own_request) {
    endpoint.on(match("GetItem")).delayed(1h).answer_json("{}");
    endpoint.on(match("Query")).delayed(20ms).answer_json("{}");
    client.send("GetItem", get_user);
    ASSERT_TRUE(endpoint.wait_for_requests(1));
    plain_client(endpoint.port()).call("Query", "{}");
    auto const all = endpoint.requests();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_FALSE(all[0].finished);
    EXPECT_GE(*all[1].finished - all[1].started, 20ms);
    EXPECT_EQ(all[1].fault, "canned answer 200, delayed");
}

TEST(fault_endpoint, latency_is_added_to_every_request) {
    fault_endpoint_options options;
    options.latency = 20ms;
    fault_endpoint endpoint(options);
    endpoint.on(match()).answer_json("{}");
    plain_client client(endpoint.port());
    client.call("GetItem", get_user);
    endpoint.set_latency(30ms);
    client.call("GetItem", get_user);
    auto const all = endpoint.requests();
    EXPECT_GE(*all[0].finished - all[0].started, 20ms);
    EXPECT_GE(*all[1].finished - all[1].started, 30ms);
}

TEST_F(fault_endpoint_alone, computes_answers_from_requests) {
    endpoint.on(match("GetItem")).answer_with([](recorded_request const& r) {
        return canned_answer(R"({"Item":)" + r.keys.at(0) + '}');
    });
    endpoint.on(match("Query")).answer_with([](recorded_request const&) -> canned_answer {
        throw std::runtime_error("out of ideas");
    });
    endpoint.on(match("Scan")).answer_with([](recorded_request const&) {
        canned_answer bad("{}");
        bad.headers.emplace_back("a", "b\r\nc: d");
        return bad;
    });
    EXPECT_EQ(client.call("GetItem", get_user).body(), R"({"Item":{"id":{"S":"u-1"}}})");
    auto const answer = client.call("Query", "{}");
    EXPECT_EQ(answer.result_int(), 500U);
    EXPECT_NE(answer.body().find("out of ideas"), std::string::npos);
    EXPECT_EQ(client.call("Scan", "{}").result_int(), 500U);
}

TEST_F(fault_endpoint_forwarding, predicates_that_throw_become_answers) {
    auto const throws = [](recorded_request const& r) -> bool {
        if (r.operation == "GetItem") throw std::runtime_error("bad matcher");
        return false;
    };
    endpoint.on(match().where(throws)).answer_json("{}");
    endpoint.on(match()).leave_unprocessed(
        keys_where([](std::string_view) -> bool { throw std::runtime_error("bad selector"); }));
    EXPECT_NE(client.call("GetItem", get_user).body().find("bad matcher"), std::string::npos);
    EXPECT_NE(client.call("BatchGetItem", batch_of_two).body().find("bad selector"), std::string::npos);
    EXPECT_EQ(database.count(), 0U);
    std::vector<std::string> const failures = endpoint.failures();
    ASSERT_EQ(failures.size(), 2U);
    EXPECT_EQ(failures[0], "GetItem: the predicate of a rule threw: bad matcher");
    EXPECT_EQ(failures[1], "BatchGetItem: a key selector threw: bad selector");
    endpoint.clear();
    EXPECT_TRUE(endpoint.failures().empty());
}

TEST_F(fault_endpoint_alone, what_a_test_throws_is_an_error_of_the_services_form) {
    endpoint.on(match("GetItem")).answer_with([](recorded_request const&) -> canned_answer {
        throw std::runtime_error("out of ideas");
    });
    endpoint.on(match("Query")).answer_with([](recorded_request const&) -> canned_answer { throw 5; });
    endpoint.on(match("Scan")).answer_with([](recorded_request const&) -> canned_answer {
        throw std::runtime_error("\xff");
    });
    endpoint.on(match().where([](recorded_request const&) -> bool { throw 5; })).answer_json("{}");
    EXPECT_EQ(client.call("GetItem", get_user).body(),
              R"({"__type":"dynasio.testing#FaultEndpointFailure",)"
              R"("message":"dynasio's fault endpoint: answer_with threw: out of ideas"})");
    for (char const* const operation : {"Query", "Scan", "PutItem"}) {
        auto const answer = client.call(operation, "{}");
        EXPECT_EQ(answer.result_int(), 500U) << operation;
        EXPECT_NE(answer.body().find("dynasio's fault endpoint"), std::string::npos) << answer.body();
    }
    EXPECT_EQ(endpoint.failures(),
              (std::vector<std::string>{
                  "GetItem: answer_with threw: out of ideas",
                  "Query: answer_with threw: something that is no std::exception", "Scan: answer_with threw: \xff",
                  "PutItem: the predicate of a rule threw: something that is no std::exception"}));
}

TEST_F(fault_endpoint_alone, empty_functions_are_refused_at_once) {
    auto const refused = [](auto const& action) {
        try {
            action();
            ADD_FAILURE();
        } catch (dynasio::error const& e) {
            EXPECT_EQ(e.code(), dynasio::errc::invalid_argument);
        }
    };
    refused([&] { endpoint.on(match()).answer_with(nullptr); });
    refused([] { static_cast<void>(match().where(nullptr)); });
    refused([] { static_cast<void>(keys_where(nullptr)); });
    refused([] { static_cast<void>(key_selector(nullptr)); });
}

TEST_F(fault_endpoint_alone, rules_go_out_of_force) {
    auto rule = endpoint.on(match()).answer_json(R"({"rule":1})");
    endpoint.on(match()).answer_json(R"({"rule":2})");
    EXPECT_EQ(client.call("GetItem", get_user).body(), R"({"rule":1})");
    rule.remove();
    EXPECT_EQ(client.call("GetItem", get_user).body(), R"({"rule":2})");
    endpoint.clear_rules();
    EXPECT_EQ(client.call("GetItem", get_user).result_int(), 400U);
    EXPECT_EQ(rule.used(), 1U);
}

TEST_F(fault_endpoint_alone, a_builder_makes_one_rule) {
    auto&& builder = endpoint.on(match());
    builder.answer_json("{}");
    EXPECT_THROW(builder.answer_json("{}"), dynasio::error);
    EXPECT_THROW((void)endpoint.on(match()).with_header("a", "b\r\n"), dynasio::error);
    EXPECT_THROW((void)endpoint.on(match()).nth(0), dynasio::error);
    EXPECT_THROW(endpoint.on(match()).answer(99, "", ""), dynasio::error);
}

// Without an upstream

TEST_F(fault_endpoint_alone, says_what_no_rule_answers) {
    auto const answer = client.call("BatchGetItem", batch_of_two);
    EXPECT_EQ(answer.result_int(), 400U);
    EXPECT_EQ(answer.body(), R"({"__type":"com.amazon.coral.service#UnknownOperationException",)"
                             R"("message":"there is no upstream, and no rule or expectation answers BatchGetItem on )"
                             R"(\"users\" with keys {\"id\":{\"S\":\"u-1\"}}, {\"id\":{\"S\":\"u-7\"}}"})");
    EXPECT_EQ(header(answer, "x-amz-crc32"), crc_of(answer));
    EXPECT_EQ(endpoint.requests()[0].fault, "no rule answered");
    EXPECT_FALSE(endpoint.requests()[0].forwarded);
}

TEST_F(fault_endpoint_alone, answers_a_request_that_is_no_text) {
    EXPECT_EQ(client.call("Get\xff", "{}").result_int(), 400U);
}

TEST_F(fault_endpoint_alone, lists_expectations_that_were_not_met) {
    endpoint.expect(match("GetItem").table("users")).answer_json(R"({"Item":{"id":{"S":"u-1"}}})");
    endpoint.expect(match("Query")).times(2).answer_json(R"({"Items":[],"Count":0,"ScannedCount":0})");
    endpoint.expect(match("Scan")).always().answer_json("{}");
    EXPECT_EQ(client.call("GetItem", get_user).body(), R"({"Item":{"id":{"S":"u-1"}}})");
    EXPECT_EQ(client.call("GetItem", get_user).result_int(), 400U);
    client.call("Query", R"({"TableName":"posts"})");
    EXPECT_EQ(endpoint.unmet(),
              (std::vector<std::string>{"expected Query: came 1 of 2 times", "expected Scan: came 0 of 1 times"}));
}

// Life

TEST(fault_endpoint, refuses_upstreams_that_it_cannot_speak_to) {
    for (char const* bad : {"https://127.0.0.1:8000", "127.0.0.1:8000", "ftp://127.0.0.1"}) {
        try {
            fault_endpoint endpoint{std::string(bad)};
            ADD_FAILURE() << bad;
        } catch (dynasio::error const& e) {
            EXPECT_EQ(e.code(), dynasio::errc::invalid_configuration) << bad;
        }
    }
}

TEST(fault_endpoint, throws_when_its_port_is_taken) {
    fault_endpoint first;
    fault_endpoint_options options;
    options.port = first.port();
    try {
        fault_endpoint second(options);
        ADD_FAILURE();
    } catch (dynasio::error const& e) {
        EXPECT_EQ(e.code(), asio::error::address_in_use);
        EXPECT_NE(std::string(e.what()).find(std::to_string(first.port())), std::string::npos);
    }
}

TEST(fault_endpoint, stops_with_requests_in_flight) {
    auto database = std::make_unique<fault_endpoint>();
    database->on(match()).never_answer();
    auto endpoint = std::make_unique<fault_endpoint>(database->url());
    endpoint->on(match("GetItem")).never_answer();
    endpoint->on(match("Query")).delayed(1h).forward();
    plain_client idle(endpoint->port());
    plain_client never(endpoint->port());
    plain_client delayed(endpoint->port());
    plain_client forwarded(endpoint->port());
    plain_client half(endpoint->port());
    never.send("GetItem", get_user);
    delayed.send("Query", "{}");
    forwarded.send("Scan", "{}");
    half.send_bytes("POST / HTTP/1.1\r\nContent-Len");
    ASSERT_TRUE(endpoint->wait_for_requests(3));
    ASSERT_TRUE(database->wait_for_requests(1));
    endpoint.reset();
    for (auto* client : {&idle, &never, &delayed, &forwarded, &half}) EXPECT_TRUE(client->receive_error());
    database.reset();
}

TEST_F(fault_endpoint_alone, goes_on_after_bytes_that_are_no_http) {
    plain_client noise(endpoint.port());
    noise.send_bytes("\x16\x03\x01 hello\r\n\r\n");
    EXPECT_TRUE(noise.receive_error());
    EXPECT_EQ(client.call("GetItem", get_user).result_int(), 400U);
    EXPECT_EQ(endpoint.count(), 1U);
}

TEST(fault_endpoint, can_be_used_from_many_threads) {
    fault_endpoint database;
    database.on(match()).answer_json("{}");
    fault_endpoint endpoint(database.url());
    constexpr int calls = 50;
    std::atomic<int> answered = 0;
    auto const work = [&] {
        plain_client client(endpoint.port());
        for (int i = 0; i < calls; ++i)
            if (client.call("GetItem", get_user).result_int() != 0) ++answered;
    };
    std::thread first(work);
    std::thread second(work);
    std::size_t seen = 0;
    while (answered < 2 * calls) {
        auto rule = endpoint.on(match("GetItem")).times(1).throttle("ThrottlingException");
        seen = std::max(seen, endpoint.requests().size());
        (void)endpoint.max_in_flight();
        (void)endpoint.unmet();
        (void)rule.used();
        endpoint.set_latency(std::chrono::microseconds(seen));
        endpoint.clear_rules();
    }
    first.join();
    second.join();
    EXPECT_EQ(endpoint.count("GetItem", "users"), 2U * calls);
}

// In front of a database

TEST(fault_endpoint, divides_batches_of_a_real_database) {
    char const* const url = std::getenv("DYNAMODB_ENDPOINT");
    if (url == nullptr || *url == '\0') GTEST_SKIP() << "DYNAMODB_ENDPOINT is not set";
    fault_endpoint endpoint{std::string(url)};
    plain_client client(endpoint.port());
    std::string const table =
        "fault_endpoint_" + std::to_string(std::chrono::steady_clock::now().time_since_epoch().count());
    auto const created = client.call("CreateTable", R"({"TableName":")" + table +
                                                        R"(","KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],)"
                                                        R"("AttributeDefinitions":[{"AttributeName":"id",)"
                                                        R"("AttributeType":"S"}],"BillingMode":"PAY_PER_REQUEST"})");
    ASSERT_EQ(created.result_int(), 200U) << created.body();
    auto const put = [](std::string const& id) { return R"({"PutRequest":{"Item":{"id":{"S":")" + id + R"("}}}})"; };
    auto const key = [](std::string const& id) { return R"({"id":{"S":")" + id + R"("}})"; };

    endpoint.on(match("BatchWriteItem")).times(1).leave_unprocessed(keys_containing("u-2"));
    std::string const write = R"({"RequestItems":{")" + table + R"(":[)" + put("u-1") + ',' + put("u-2") + "]}}";
    auto const written = client.call("BatchWriteItem", write);
    ASSERT_EQ(written.result_int(), 200U) << written.body();
    EXPECT_EQ(header(written, "x-amz-crc32"), crc_of(written));
    EXPECT_NE(written.body().find(R"("UnprocessedItems":{")" + table + R"(":[)" + put("u-2") + "]}"), std::string::npos)
        << written.body();

    std::string const read = R"({"RequestItems":{")" + table + R"(":{"Keys":[)" + key("u-1") + ',' + key("u-2") +
                             R"(],"ConsistentRead":true}}})";
    auto both = client.call("BatchGetItem", read);
    EXPECT_NE(both.body().find("u-1"), std::string::npos) << both.body();
    EXPECT_EQ(both.body().find("u-2"), std::string::npos) << both.body();
    EXPECT_EQ(client.call("BatchWriteItem", write).result_int(), 200U);

    endpoint.on(match("BatchGetItem")).times(1).leave_unprocessed(first_keys(1));
    both = client.call("BatchGetItem", read);
    EXPECT_EQ(header(both, "x-amz-crc32"), crc_of(both));
    EXPECT_NE(both.body().find(R"("UnprocessedKeys":{")" + table + R"(":{"Keys":[)" + key("u-1") +
                               R"(],"ConsistentRead":true}})"),
              std::string::npos)
        << both.body();
    EXPECT_EQ(client.call("DeleteTable", R"({"TableName":")" + table + R"("})").result_int(), 200U);
}

} // namespace
