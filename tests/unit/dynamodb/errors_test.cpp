#include <dynasio/dynamodb/detail/service_error.hpp>

#include <dynasio/aws/retry.hpp>

#include <gtest/gtest.h>

#include <string>

#include "support/test_data.hpp"

namespace {

using namespace dynasio;
using namespace dynasio::dynamodb::detail;
namespace json = boost::json;

std::string text_of(json::value const& v) { return v.is_string() ? tests::to_string(v) : std::string(); }

struct published_error : testing::TestWithParam<int> {};

json::value const& published() {
    static json::value const all = tests::read_json("dynamodb/aws-sdk-js/error-parsing.json");
    return all;
}

TEST_P(published_error, is_read_as_awss_own_library_reads_it) {
    json::value const& one = published().at("cases").at(static_cast<std::size_t>(GetParam()));
    auto const status = static_cast<unsigned>(one.at("status").to_number<int>());
    json::object const& headers = one.at("headers").as_object();
    std::string const type = headers.contains("x-amzn-errortype") ? text_of(headers.at("x-amzn-errortype")) : "";
    service_error const read = read_service_error(status, type, text_of(one.at("body")));
    json::value const& expected = one.at("parsed");
    std::string const name = text_of(expected.at("name"));
    if (name == "SyntaxError" || name == "Unknown") {
        // A body without an error: that library reports its own trouble, this one the status.
        EXPECT_EQ(read.name, "");
        EXPECT_EQ(read.code, status == 500 ? service_errc::internal_server_error : service_errc::service_unavailable);
        EXPECT_EQ(aws::classify(status, read.name), aws::attempt_outcome::transient_error);
        return;
    }
    EXPECT_EQ(read.name, name);
    std::string const message = text_of(expected.at("message"));
    EXPECT_EQ(read.message, message == "UnknownError" ? "" : message);
    EXPECT_EQ(read.code == service_errc::unknown, name == "BrandNewException");
    if (expected.at("item").is_object()) {
        EXPECT_EQ(json::parse(read.item), expected.at("item"));
    } else if (text_of(one.at("name")) != "transaction cancelled") {
        EXPECT_EQ(read.item, "");
    }
}

INSTANTIATE_TEST_SUITE_P(all, published_error, testing::Range(0, 23), [](auto const& one) {
    return tests::test_name(text_of(published().at("cases").at(static_cast<std::size_t>(one.param)).at("name")));
});

TEST(error_parsing, all_published_cases_are_run) { EXPECT_EQ(published().at("cases").as_array().size(), 23U); }

TEST(error_parsing, names_are_cut_at_the_colon_and_after_the_hash) {
    EXPECT_EQ(bare_error_name("FooError"), "FooError");
    EXPECT_EQ(bare_error_name("FooError:http://internal.amazon.com/coral/com.amazon.coral.validate/"), "FooError");
    EXPECT_EQ(bare_error_name("aws.protocoltests.restjson#FooError"), "FooError");
    EXPECT_EQ(bare_error_name("aws.protocoltests.restjson#FooError:http://internal.amazon.com/x#y"), "FooError");
    EXPECT_EQ(bare_error_name(""), "");
}

TEST(error_parsing, the_header_comes_before_the_body) {
    auto const e = read_service_error(400, "ThrottlingException:", R"({"__type":"a#ValidationException"})");
    EXPECT_EQ(e.code, service_errc::throttling);
}

TEST(error_parsing, a_broken_body_leaves_nothing_half_read) {
    auto const e = read_service_error(503, "", R"({"__type":"ValidationException","message":"m")");
    EXPECT_EQ(e.code, service_errc::service_unavailable);
    EXPECT_EQ(e.message, "");
}

TEST(error_parsing, members_of_another_kind_are_passed_over) {
    auto const e =
        read_service_error(400, "", R"({"__type":7,"message":null,"code":"ValidationException","Item":"x"})");
    EXPECT_EQ(e.code, service_errc::validation);
    EXPECT_EQ(e.message, "");
    EXPECT_EQ(e.item, "");
}

TEST(error_parsing, statuses_without_a_name_have_a_code) {
    EXPECT_EQ(read_service_error(413, "", "<html>").code, service_errc::validation);
    EXPECT_EQ(read_service_error(403, "", "").code, service_errc::access_denied);
    EXPECT_EQ(read_service_error(429, "", "").code, service_errc::throttling);
    EXPECT_EQ(read_service_error(504, "", "").code, service_errc::service_unavailable);
    EXPECT_EQ(read_service_error(301, "", "").code, service_errc::unknown);
}

TEST(error_parsing, what_is_repeated_as_throttling_is_reported_as_such) {
    for (char const* name : {"BandwidthLimitExceeded", "EC2ThrottledException", "PriorRequestNotComplete",
                             "RequestThrottled", "RequestThrottledException", "SlowDown", "ThrottledException",
                             "Throttling", "ThrottlingException", "TooManyRequestsException"}) {
        EXPECT_EQ(service_code_of(name), service_errc::throttling) << name;
        EXPECT_EQ(aws::classify(400, name), aws::attempt_outcome::throttling_error) << name;
    }
    // Those that say more have codes of their own.
    for (char const* name : {"LimitExceededException", "ProvisionedThroughputExceededException", "RequestLimitExceeded",
                             "TransactionInProgressException"}) {
        EXPECT_NE(service_code_of(name), service_errc::unknown) << name;
        EXPECT_NE(service_code_of(name), service_errc::throttling) << name;
        EXPECT_EQ(aws::classify(400, name), aws::attempt_outcome::throttling_error) << name;
    }
    EXPECT_EQ(read_service_error(429, "SomethingNew", "").code, service_errc::throttling);
    EXPECT_EQ(aws::classify(429, "SomethingNew"), aws::attempt_outcome::throttling_error);
    EXPECT_EQ(read_service_error(400, "SomethingNew", "").code, service_errc::unknown);
}

TEST(error_parsing, the_table_is_found_in_a_request_body) {
    EXPECT_EQ(table_of(R"({"Item":{"TableName":{"S":"no"}},"TableName":"users"})"), "users");
    EXPECT_EQ(table_of(R"({"RequestItems":{"a":{"Keys":[]},"b":{}}})"), "a");
    EXPECT_EQ(table_of(R"({"RequestItems":{},"TableName":"t"})"), "t");
    EXPECT_EQ(table_of("{}"), "");
    EXPECT_EQ(table_of("no json"), "");
}

TEST(error_parsing, throttling_reasons_are_read_in_both_spellings) {
    for (std::string const name : {"ThrottlingReasons", "throttlingReasons"}) {
        auto const read = read_service_error(
            400, "",
            R"({"__type":"ThrottlingException","message":"m",")" + name +
                R"(":[{"reason":"TableReadKeyRangeThroughputExceeded","resource":"arn:x"},{"reason":7},9]})");
        ASSERT_EQ(read.throttling_reasons.size(), 3U) << name;
        EXPECT_EQ(read.throttling_reasons[0].reason, "TableReadKeyRangeThroughputExceeded");
        EXPECT_EQ(read.throttling_reasons[0].resource, "arn:x");
        EXPECT_EQ(read.throttling_reasons[1].reason, "");
        EXPECT_EQ(read.code, service_errc::throttling);
    }
}

TEST(error_parsing, cancellation_reasons_keep_their_places) {
    auto const read = read_service_error(
        400, "",
        R"({"__type":"TransactionCanceledException","message":"m","CancellationReasons":[{"Code":"None"},)"
        R"({"Code":"ConditionalCheckFailed","Message":"no","Item":{"id":{"S":"1"}}},null,)"
        R"({"Code":"TransactionConflict","Message":"busy"}]})");
    ASSERT_EQ(read.cancellation_reasons.size(), 4U);
    EXPECT_FALSE(read.cancellation_reasons[0].failed());
    EXPECT_TRUE(read.cancellation_reasons[1].failed());
    EXPECT_EQ(read.cancellation_reasons[1].code, "ConditionalCheckFailed");
    EXPECT_EQ(read.cancellation_reasons[1].message, "no");
    EXPECT_EQ(read.cancellation_reasons[1].item, R"({"id":{"S":"1"}})");
    EXPECT_FALSE(read.cancellation_reasons[2].failed());
    EXPECT_EQ(read.cancellation_reasons[3].code, "TransactionConflict");
    // For people: codes and places, no items.
    diagnostics d;
    d.cancellation_reasons = read.cancellation_reasons;
    std::string const text = failure(service_errc::transaction_canceled, d).to_string();
    EXPECT_NE(text.find("action 1 ConditionalCheckFailed, action 3 TransactionConflict"), std::string::npos) << text;
    EXPECT_EQ(text.find("\"S\""), std::string::npos);
}

TEST(error_parsing, reasons_that_are_no_lists_are_skipped) {
    auto const read = read_service_error(
        400, "", R"({"__type":"ThrottlingException","ThrottlingReasons":"x","CancellationReasons":{"Code":"y"}})");
    EXPECT_EQ(read.code, service_errc::throttling);
    EXPECT_TRUE(read.throttling_reasons.empty());
    EXPECT_TRUE(read.cancellation_reasons.empty());
}

} // namespace
